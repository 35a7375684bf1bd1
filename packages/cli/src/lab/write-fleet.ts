import { join } from 'node:path';
import { playableBuilds } from '@poolscope/lab';
import { type Fleet, type FleetOptions, type PlannedCrash, playFleet } from '@poolscope/lab/fleet';
import { makeFolder } from '../io/make-folder.ts';
import { writeWhole } from '../io/write-whole.ts';
import { programName } from '../program-name.ts';
import { ProgressLine } from '../progress-line.ts';
import { UsageError } from '../usage-error.ts';
import { printableLines } from './run-scenario.ts';
import type { RunKind } from './truth-json.ts';
import { writeMachine } from './write-machine.ts';

export interface FleetFlags {
  readonly machines: number;
  readonly crashes: number;
  readonly guilty: number;
  readonly culprit: readonly string[];
  readonly seed: number;
  readonly windows?: number;
  /** As each machine is set when absent. */
  readonly kind?: RunKind;
  readonly out: string;
}

/** Makes a fleet, plays its crashes, and writes a folder for each machine that crashed, and the truth. */
export function writeFleet(flags: FleetFlags): void {
  const fleet = playFleet(fleetOptions(flags));
  makeFolder(flags.out);
  const progress = new ProgressLine(process.stderr);
  const written: WrittenCrash[] = [];
  for (const { crash, machine } of fleet.play()) {
    const folder = join(flags.out, crash.machine.name);
    makeFolder(folder);
    const file = join(folder, dumpName(crash, fleet.crashes.length));
    progress.clear();
    writeMachine(machine, file, flags.kind ?? crash.machine.dump);
    const { kind, culprit } = machine.truth.scenario!;
    written.push({
      crash,
      file: `${crash.machine.name}/${dumpName(crash, fleet.crashes.length)}`,
      kind,
      culprit,
    });
    progress.show('playing the crashes', `${written.length} of ${fleet.crashes.length}`);
  }
  progress.clear();
  const truth = join(flags.out, 'truth.json');
  writeWhole(truth, `${JSON.stringify(truthOf(fleet, written), null, 2)}\n`);
  process.stdout.write(printableLines(answer(flags, written, truth)));
}

interface WrittenCrash {
  readonly crash: PlannedCrash;
  /** Within the folder of the fleet. */
  readonly file: string;
  readonly kind: string;
  readonly culprit: string | undefined;
}

function fleetOptions({ machines, crashes, guilty, culprit, seed, windows }: FleetFlags): FleetOptions {
  if (windows !== undefined && !playableBuilds.includes(windows))
    throw new UsageError(
      `the lab has no Windows build ${windows}`,
      `It has ${playableBuilds.join(', ')}; without --windows the machines of a fleet differ.`,
    );
  const names = culprit.map((name) => name.toLowerCase().replace(/\.sys$/, ''));
  const count = names.length === 0 ? guilty : names.length;
  if (count !== 0 && count !== 1 && count !== 2)
    throw new UsageError('a fleet has no more than two guilty drivers', 'Use --guilty 0, 1 or 2.');
  return {
    machines,
    crashes,
    seed,
    guilty: count,
    ...(names.length === 0 ? {} : { culprits: names }),
    ...(windows === undefined ? {} : { builds: [windows] }),
  };
}

const dumpName = ({ number }: PlannedCrash, crashes: number): string =>
  `${String(number + 1).padStart(String(crashes).length, '0')}.dmp`;

/** What really happened. Drivers are named by file, as in a verdict. */
const truthOf = ({ machines, guilty }: Fleet, written: readonly WrittenCrash[]) => ({
  guilty: guilty.map(({ name, versions, crimes }) => ({
    module: `${name}.sys`,
    versions,
    scenarios: crimes,
  })),
  badMemory: machines.filter(({ hasBadMemory }) => hasBadMemory).map(({ name }) => name),
  crashes: written.map(({ crash, file, kind, culprit }) => ({
    file,
    cause: crash.cause,
    scenario: crash.scenario,
    kind,
    culprit: culprit ?? null,
  })),
  machines: machines.map(({ name, build, drivers }) => ({
    name,
    build,
    drivers: drivers.map((each) => ({ module: `${each.name}.sys`, version: each.version })),
  })),
});

function answer({ out, machines }: FleetFlags, written: readonly WrittenCrash[], truth: string): string[] {
  const crashed = new Set(written.map(({ crash }) => crash.machine.name)).size;
  return [
    `${written.length} dumps of ${crashed} machines of ${machines} are in ${out}; ${truth} tells who is guilty.`,
    '',
    `  ${programName} triage ${out} --machine-from folder`,
  ];
}
