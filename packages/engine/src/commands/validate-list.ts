import { describeFault } from '../base/index.ts';
import { checkList, type ListCheck, type WrongBackLink } from '../memory/index.ts';
import type { ListEnd } from '../types/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, type CommandRun, progressStep, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';
import { type Line, span } from './output.ts';

export const validateList: Command = {
  names: ['!validatelist'],
  usage: 'ADDR',
  summary: 'check the links of a LIST_ENTRY list',
  group: 'search',
  details: [
    'Follows the forward links from ADDR back to it, and checks that every Blink leads to the link before.',
    'Damage is shown where it is met; the walk goes on along the forward links, as the kernel would.',
  ],
  examples: ['!validatelist nt!PsLoadedModuleList'],
  *run(console, args): CommandRun {
    if (args === '') throw usageError(validateList, 'an address is missing');
    const head = evaluateIn(console, args);
    const { pointerSize } = console.system.target;
    const run = checkList(console.memory, head, pointerSize);
    for (let step = run.next(); ; step = run.next()) {
      if (step.done === true) {
        const call = `engine.runToEnd(engine.checkList(session.console.memory, ${bigHex(head)}, ${pointerSize}))`;
        return { data: step.value, lines: render(console, step.value), call };
      }
      yield progressStep('walking', step.value);
    }
  },
};

function render(console: Console, { count, end, wrong }: ListCheck): Line[] {
  const links = count === 1 ? '1 entry' : `${count} entries`;
  // What ended the walk is said below.
  const shown = wrong.filter(
    ({ at, found }) => found !== undefined || at !== end.at || end.kind === 'complete',
  );
  const damaged = wrong.filter(({ found }) => found !== undefined).length;
  const lines: Line[] = shown.map((each) => wrongLine(console, each));
  if (isNotInDump(end))
    lines.push([span(`The list can be followed for ${links}: ${endText(console, end)}.`, 'dim')]);
  else if (end.kind !== 'complete')
    lines.push([span(`The list is broken after ${links}: ${endText(console, end)}.`, 'bad')]);
  else if (damaged > 0)
    lines.push([span(`The list has ${links} and is damaged: ${damaged} back links lead elsewhere.`, 'bad')]);
  else if (wrong.length > 0) lines.push([`The list has ${links}; its forward links lead back to its head.`]);
  else
    lines.push([span(`The list is whole: ${links}, and every back link leads to the link before.`, 'good')]);
  return lines;
}

/** A link that the dump lacks says nothing about the list. */
const isNotInDump = ({ fault }: ListEnd): boolean =>
  fault !== undefined && !['not-present', 'non-canonical'].includes(fault.kind);

function endText({ system }: Console, { kind, at, fault }: ListEnd): string {
  const where = `the link at ${system.addressText(at)}`;
  if (fault !== undefined) return `${where} cannot be read, ${describeFault(fault)}`;
  if (kind === 'cycle') return `${where} leads back into the list, and not to its head`;
  if (kind === 'limit') return `${where} is not the last, but no more are followed`;
  return `${where} is null`;
}

function wrongLine({ system }: Console, { at, found, expected }: WrongBackLink): Line {
  const { addressText } = system;
  if (found === undefined) return [span(`The Blink of ${addressText(at)} is not in this dump.`, 'dim')];
  return [
    'Blink of ',
    span(addressText(at), 'address'),
    ` is ${addressText(found)}, and the link before it is ${addressText(expected)}`,
  ];
}
