import { padHex } from '../base/index.ts';
import { type AddressAnswer, type ExplainedEntry, explainAddress, type NearBlock } from '../memory/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';
import { type Line, span } from './output.ts';

export const whyCommand: Command = {
  names: ['why'],
  usage: 'ADDR',
  summary: 'say why a byte can or cannot be read',
  group: 'paging',
  details: [
    'Shows what the address belongs to and how that is known, every entry of the page tables on the way and what it says, the physical page, and where its bytes are in the dump file, or which pages this kind of dump leaves out.',
  ],
  examples: ['why nt', 'why $bug_param1'],
  run(console, args) {
    if (args === '') throw usageError(whyCommand, 'an address is missing');
    const va = evaluateIn(console, args);
    const data = explainAddress(console.system, console.memory, va);
    const call = `engine.explainAddress(session.system, session.console.memory, ${bigHex(va)})`;
    return { data, lines: render(console, data), call };
  },
};

const row = (name: string, ...text: Line): Line => [`  ${name.padEnd(9)} `, ...text];

function render(console: Console, answer: AddressAnswer): Line[] {
  const { addressText } = console.system;
  const verdict = answer.readable
    ? span('can be read.', 'good')
    : span(`cannot be read: ${answer.reason}.`, 'bad');
  return [
    [span(addressText(answer.address), 'address'), ' ', verdict],
    row('Half', halves[answer.half]),
    ...places(console, answer),
    ...answer.entries.map((entry) => entryRow(console, entry)),
    ...pageRow(answer),
    ...fileRows(console, answer),
  ];
}

const halves: Readonly<Record<AddressAnswer['half'], string>> = {
  user: "the lower half, the program's",
  kernel: "the upper half, the kernel's",
  none: 'none: no address of this machine is like that',
};

function places({ system }: Console, { places: found, half }: AddressAnswer): Line[] {
  if (found.length === 0)
    return half === 'none'
      ? []
      : [row('Place', 'not known: it is in no module, stack or region that this dump names')];
  const { addressText } = system;
  return found.map(({ what, from, start, end }) =>
    row('Place', `${what} (${addressText(start)} - ${addressText(end - 1n)}; known from ${from})`),
  );
}

function entryRow({ system }: Console, { level, address, value, says }: ExplainedEntry): Line {
  const digits = system.target.pointerSize === 8 || (value ?? 0n) >> 32n !== 0n ? 16 : 8;
  const contains = value === undefined ? '' : ` ${padHex(value, digits).toUpperCase()}`;
  return row(level, `at #${address.toString(16)}${contains}: ${says}`);
}

function pageRow({ translation }: AddressAnswer): Line[] {
  return translation?.pa === undefined ? [] : [row('Physical', `#${translation.pa.toString(16)}`)];
}

function fileRows(
  console: Console,
  { fileOffset, block, nearest, readable, keeps, fault }: AddressAnswer,
): Line[] {
  const lines: Line[] = [];
  if (fileOffset !== undefined) lines.push(row('File', `offset ${fileOffset.toString(16)} of the dump file`));
  if (block !== undefined) lines.push(row('Block', blockText(console, block)));
  for (const near of nearest) lines.push(row('Nearest', `${nearText(near)}: ${blockText(console, near)}`));
  const isAbsent = fault === 'not-in-dump' || fault === 'table-not-in-dump';
  if (!readable && isAbsent) lines.push(row('Dump', keeps));
  if (fault === 'truncated')
    lines.push(row('Dump', 'the file is shorter than its header says: copy it again'));
  return lines;
}

const kinds: Readonly<Record<NearBlock['kind'], string>> = {
  'data-block': 'data that Windows or a driver asked for',
  stack: 'stack',
  prcb: 'processor control block',
  process: 'process',
  thread: 'thread',
  'data-page': 'data page',
  'debugger-data': 'debugger data block',
};

function blockText({ system }: Console, { kind, va, size }: Pick<NearBlock, 'kind' | 'va' | 'size'>): string {
  const last = BigInt.asUintN(64, va + BigInt(size) - 1n);
  return `${kinds[kind]}, ${system.addressText(va)} - ${system.addressText(last)}`;
}

const nearText = ({ distance }: NearBlock): string => `${distance.toString(16)} bytes away`;
