import type { Line } from '@poolscope/engine';
import type { Machine, Scenario } from '@poolscope/lab';
import { programName } from '../program-name.ts';
import { ProgressLine, percent } from '../progress-line.ts';
import { renderLines } from '../render.ts';
import { scenariosFor } from './all-scenarios.ts';
import { type MachineFlags, play, playOptions } from './machine-options.ts';
import { knowableJson, truthJson } from './truth-json.ts';

export interface ListFlags extends MachineFlags {
  readonly json?: boolean;
  readonly color: boolean;
}

/**
 * All scenarios, those of one family together. The JSON has the truth of each, which is known when it has been played; it is
 * not written down beside the story.
 */
export function runList(flags: ListFlags): void {
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(entriesJson(flags), null, 2)}\n`
      : renderLines(tableLines(flags), process.stdout, flags.color),
  );
}

/** Of each machine only what is printed is kept: all of them together would fill the memory. */
function entriesJson(flags: ListFlags): object[] {
  const options = playOptions(flags);
  const progress = new ProgressLine(process.stderr);
  const scenarios = scenariosFor(flags.windows);
  const entries = scenarios.map((scenario, index) => {
    progress.show('playing the scenarios', percent(index, scenarios.length));
    return entryJson(scenario, play(scenario, options));
  });
  progress.clear();
  return entries;
}

const entryJson = ({ name, title, difficulty, story }: Scenario, machine: Machine) => ({
  name,
  title,
  difficulty,
  story,
  bugcheck: `0x${machine.bugCheck.code.toString(16)}`,
  build: machine.profile.build,
  truth: truthJson(machine),
  knowable: knowableJson(machine),
});

function tableLines({ windows }: MachineFlags): Line[] {
  const scenarios = scenariosFor(windows);
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  return [
    ...scenarios.map(
      ({ name, difficulty, title }): Line => [
        { text: name.padEnd(width), style: 'symbol' },
        `  ${difficulty.padEnd(6)}  ${title}`,
      ],
    ),
    [''],
    [`${programName} lab show NAME tells the story, lab run NAME plays it and writes the dump.`],
  ];
}
