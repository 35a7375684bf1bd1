import type { Line } from '@poolscope/engine';
import type { Machine, PlayOptions, Scenario } from '@poolscope/lab';
import { programName } from '../program-name.ts';
import { renderLines } from '../render.ts';
import { UsageError } from '../usage-error.ts';
import { bugCheckWords, placeWords } from './crash-words.ts';
import { findScenario } from './find-scenario.ts';
import { type MachineFlags, play, playOptions } from './machine-options.ts';
import { knowableJson, truthJson } from './truth-json.ts';

export interface ShowFlags extends MachineFlags {
  readonly truth?: boolean;
  readonly color: boolean;
}

/** Tells a scenario's story and how it ends, without the answer unless that is asked for. */
export function runShow(name: string, flags: ShowFlags): void {
  const scenario = findScenario(name);
  const options = playOptions(flags);
  const machine = play(scenario, options);
  const lines = [
    ...storyLines(scenario),
    ...endLines(scenario, machine, options),
    ...nextLines(scenario),
    ...(flags.truth === true ? truthLines(machine) : []),
  ];
  process.stdout.write(renderLines(lines, process.stdout, flags.color));
}

const storyLines = (scenario: Scenario): Line[] => [
  [{ text: scenario.name, style: 'heading' }, `  ${scenario.title} (${scenario.difficulty})`],
  [''],
  [scenario.story],
  [''],
];

/** Drivers that every machine has. */
const usualModules = new Set(['ntoskrnl.exe', 'hal.dll', 'storfilt.sys', 'netsamp.sys', 'sampledrv.sys']);

const driversOf = ({ truth }: Machine): string[] =>
  truth.modules.map(({ baseName }) => baseName).filter((name) => !usualModules.has(name));

function endLines(scenario: Scenario, machine: Machine, options: PlayOptions): Line[] {
  const drivers = driversOf(machine);
  return [
    [`Drivers    ${drivers.join(', ')}, beside those of every machine`],
    [`Ends with  ${bugCheckWords(machine)} ${placeWords(machine)}`],
    ...watchedLines(scenario, options, drivers),
    [''],
  ];
}

/** The end with special pool and its guards for all drivers of the story. */
function watchedLines(scenario: Scenario, options: PlayOptions, drivers: readonly string[]): Line[] {
  if (options.verifier !== undefined || options.specialPool !== undefined) return [];
  const verifier = { flags: specialPoolAndTracking, drivers };
  return [
    [`With --verifier "/flags ${specialPoolAndTracking} /driver ${drivers.join(' ')}"`],
    [`           ${endWords(scenario, { ...options, verifier })}`],
  ];
}

function endWords(scenario: Scenario, options: PlayOptions): string {
  try {
    const machine = play(scenario, options);
    return `${bugCheckWords(machine)} ${placeWords(machine)}`;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return 'does not come to its end';
  }
}

/** Special pool (1) and pool tracking (8). */
const specialPoolAndTracking = 9;

const nextLines = ({ name }: Scenario): Line[] => [
  ['Play it, then look for yourself:'],
  [`  ${programName} lab run ${name} --out ${name}.dmp --symbols-out ${name}.sym`],
  [`  ${programName} debug ${name}.dmp --symbols ${name}.sym`],
  ['  kd> !analyze -v; k; !pool ADDRESS; !poolval PAGE; !verifier 3'],
];

function truthLines(machine: Machine): Line[] {
  const known = knowableJson(machine);
  const json = JSON.stringify(truthJson(machine), null, 2);
  return [
    [''],
    ['The truth:'],
    ...json.split('\n').map((line): Line => [line]),
    [''],
    ['Fields that a dump can tell:'],
    ...Object.entries(known).map(([field, kinds]): Line => {
      const names = Object.entries(kinds).flatMap(([kind, can]) => (can ? [kind] : []));
      return [`  ${field.padEnd(12)}  ${names.length === 0 ? 'none' : names.join(', ')}`];
    }),
  ];
}
