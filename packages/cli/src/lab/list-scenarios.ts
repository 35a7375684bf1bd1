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
      ? `${JSON.stringify(playAll(flags).map(entryJson), null, 2)}\n`
      : renderLines(tableLines(flags), process.stdout, flags.color),
  );
}

interface Played {
  readonly scenario: Scenario;
  readonly machine: Machine;
}

function playAll(flags: ListFlags): Played[] {
  const options = playOptions(flags);
  const progress = new ProgressLine(process.stderr);
  const scenarios = scenariosFor(flags.windows);
  const played = scenarios.map((scenario, index) => {
    progress.show('playing the scenarios', percent(index, scenarios.length));
    return { scenario, machine: play(scenario, options) };
  });
  progress.clear();
  return played;
}

const entryJson = ({ scenario: { name, title, difficulty, story }, machine }: Played) => ({
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
