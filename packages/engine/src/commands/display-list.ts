import { DebuggerError } from '../base/index.ts';
import { type LinkedList, type ListElement, readLinkedList } from '../memory/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { takeExpression } from './evaluate-in.ts';
import { wordText } from './memory-rows.ts';
import { type Line, span } from './output.ts';

const usualCount = 0x20;
const usualSize = 4;
/** Most words of all elements together. */
const mostWords = 0x1_0000;

export const displayList: Command = {
  names: ['dl', 'dlb'],
  usage: 'ADDR [MAXCOUNT [SIZE]]',
  summary: 'display a linked list forwards (dl) or backwards (dlb)',
  group: 'memory',
  details: [
    'ADDR is a LIST_ENTRY or SINGLE_LIST_ENTRY; SIZE pointers of each element are shown, 4 without it.',
    'The list ends where it is back at its start, at a null pointer, or after MAXCOUNT elements (20 hexadecimal).',
  ],
  examples: ['dl nt!PsLoadedModuleList', 'dlb nt!PsLoadedModuleList 10 2'],
  run(console, args, name) {
    if (args === '') throw usageError(displayList, 'an address is missing');
    console.display = name;
    const [address, count, words] = listArguments(console, args);
    if (count * words > mostWords)
      throw new DebuggerError(
        'RANGE_TOO_LARGE',
        `more than ${mostWords} words of a list are not shown at once`,
      );
    const { pointerSize } = console.system.target;
    const options = { pointerSize, count, words, ...(name === 'dlb' && { backwards: true }) };
    const data = readLinkedList(console.memory, address, options);
    const lines = [
      ...data.elements.flatMap((element) => elementLines(console, element)),
      ...endLines(console, data),
    ];
    const call = `engine.readLinkedList(session.console.memory, ${bigHex(address)}, ${optionsText(options)})`;
    return { data, lines, call };
  },
};

const optionsText = (options: object): string =>
  `{ ${Object.entries(options)
    .map(([key, value]) => `${key}: ${String(value)}`)
    .join(', ')} }`;

function listArguments(console: Console, args: string): [address: bigint, count: number, words: number] {
  const values: bigint[] = [];
  for (let rest = args; rest !== ''; ) {
    const taken = takeExpression(console, rest);
    values.push(taken.value);
    rest = taken.rest;
  }
  const [address, count = BigInt(usualCount), words = BigInt(usualSize)] = values;
  if (values.length > 3) throw usageError(displayList, 'there are more than three arguments');
  if (count < 1n || words < 1n) throw usageError(displayList, 'MAXCOUNT and SIZE are at least 1');
  const most = BigInt(mostWords) + 1n;
  return [address!, Number(count < most ? count : most), Number(words < most ? words : most)];
}

/** 16 bytes a row; the rows of one element follow each other. */
function elementLines({ system }: Console, { address, words }: ListElement): Line[] {
  const { pointerSize } = system.target;
  const perRow = 16 / pointerSize;
  const lines: Line[] = [];
  for (let at = 0; at < words.length; at += perRow) {
    const row = words.slice(at, at + perRow).map((word) => wordText(word, pointerSize));
    const rowAddress = BigInt.asUintN(64, address + BigInt(at * pointerSize));
    lines.push([span(system.addressText(rowAddress), 'address'), `  ${row.join(' ')}`]);
  }
  return lines;
}

function endLines({ system }: Console, { elements, end, next }: LinkedList): Line[] {
  const { addressText } = system;
  if (end === 'cycle')
    return [
      [
        span(
          `The list leads back to ${addressText(next!)}, which is not its start: it runs in a circle.`,
          'dim',
        ),
      ],
    ];
  if (end === 'missing')
    return [[span(`The link at ${addressText(elements.at(-1)!.address)} is not in this dump.`, 'dim')]];
  return [];
}
