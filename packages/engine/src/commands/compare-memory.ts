import { padHex } from '../base/index.ts';
import { compareMemory, type Difference } from '../memory/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, type CommandRun, linesStep, progressStep, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';
import { type Line, span } from './output.ts';
import { takeRange } from './range.ts';
import { sizeText } from './size-text.ts';

export const compareCommand: Command = {
  names: ['c'],
  usage: 'RANGE ADDR',
  summary: 'compare two areas of memory byte by byte',
  group: 'search',
  details: [
    'Shows the bytes of RANGE that differ from those at ADDR; nothing when all are the same.',
    'Bytes that the dump does not hold are left out and counted. After 65536 differences the comparison ends.',
  ],
  examples: ['c nt L1000 fffff804`1c300000'],
  *run(console, args): CommandRun {
    if (args === '') throw usageError(compareCommand, 'a range and an address are missing');
    const { range, rest } = takeRange(console, args, { elementSize: 1 });
    if (rest === '') throw usageError(compareCommand, 'the second address is missing');
    const [start, end, other] = [range.start, range.start + range.length, evaluateIn(console, rest)];
    const run = compareMemory(console.memory, { start, end }, other);
    for (;;) {
      const step = run.next();
      if (step.done === true) {
        const call = `engine.runToEnd(engine.compareMemory(session.console.memory, { start: ${bigHex(start)}, end: ${bigHex(end)} }, ${bigHex(other)}))`;
        return { data: step.value, lines: notes(console, step.value), call };
      }
      const { differences, at } = step.value;
      if (differences.length > 0) yield linesStep(differences.map((each) => differenceLine(console, each)));
      yield progressStep('comparing', Number(at - start), Number(range.length));
    }
  },
};

function differenceLine({ system }: Console, { first, firstByte, second, secondByte }: Difference): Line {
  const { addressText } = system;
  return [
    span(addressText(first), 'address'),
    `  ${padHex(firstByte, 2)} - `,
    span(addressText(second), 'address'),
    `  ${padHex(secondByte, 2)}`,
  ];
}

function notes(
  { system }: Console,
  {
    missing,
    resumeAt,
    differences,
  }: { missing: bigint; resumeAt: bigint | undefined; differences: readonly unknown[] },
): Line[] {
  const lines: Line[] = [];
  if (missing > 0n)
    lines.push([span(`${sizeText(missing)} could not be compared: not mapped, or not in this dump.`, 'dim')]);
  if (resumeAt !== undefined)
    lines.push([
      span(
        `The comparison stopped after ${differences.length} differences, before ${system.addressText(resumeAt)}.`,
        'dim',
      ),
    ]);
  return lines;
}
