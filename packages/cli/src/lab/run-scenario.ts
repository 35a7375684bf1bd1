import type { Machine } from '@poolscope/lab';
import { programName } from '../program-name.ts';
import { printable } from '../render.ts';
import { bugCheckWords, placeWords } from './crash-words.ts';
import { findScenario } from './find-scenario.ts';
import { type MachineFlags, play, playOptions } from './machine-options.ts';
import type { RunKind } from './truth-json.ts';
import { writeMachine, writeStore } from './write-machine.ts';

export interface RunFlags extends MachineFlags {
  readonly out?: string;
  readonly kind: RunKind;
  readonly symbolsOut?: string;
}

/** Plays a scenario, writes its dump and says how to go on. */
export function runScenario(name: string, flags: RunFlags): void {
  const scenario = findScenario(name);
  const options = playOptions(flags);
  const machine = play(scenario, options);
  const watched = options.verifier?.drivers ?? [];
  for (const line of watched === 'all' ? [] : strangers(machine, watched)) process.stderr.write(`${line}\n`);
  const out = flags.out ?? `${scenario.name}.dmp`;
  const size = writeMachine(machine, out, flags.kind);
  const { symbolsOut } = flags;
  if (symbolsOut !== undefined) writeStore(machine, symbolsOut);
  process.stdout.write(printableLines(answer(machine, { out, size, kind: flags.kind, symbolsOut })));
}

/** Drivers that are to be verified and are not there: the verifier of Windows takes their names too. */
function strangers({ truth, unloadedDrivers }: Machine, drivers: readonly string[]): string[] {
  const there = new Set(
    [...truth.modules.map(({ baseName }) => baseName), ...unloadedDrivers.map(({ name }) => name)].map(
      (name) => name.toLowerCase(),
    ),
  );
  return drivers
    .filter((name) => !there.has(name.toLowerCase()))
    .map((name) => printable(`note: the machine has no driver ${name}, which is to be verified`));
}

interface Written {
  readonly out: string;
  readonly size: number;
  readonly kind: RunKind;
  readonly symbolsOut: string | undefined;
}

function answer(machine: Machine, { out, size, kind, symbolsOut }: Written): string[] {
  const symbols = symbolsOut === undefined ? '' : ` --symbols ${symbolsOut}`;
  return [
    `The machine stopped with ${bugCheckWords(machine)} ${placeWords(machine)}.`,
    `${out}: ${size} bytes, a ${kind} dump of Windows build ${machine.profile.build}.`,
    '',
    `  ${programName} analyze ${out}${symbols}`,
    `  ${programName} debug ${out}${symbols}`,
  ];
}

export const printableLines = (lines: readonly string[]): string =>
  lines.map((line) => `${printable(line)}\n`).join('');
