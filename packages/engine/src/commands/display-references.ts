import { type ReferenceKind, type ReferenceRow, readReferences } from '../memory/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, type CommandRun, linesStep } from './command.ts';
import type { Console } from './console.ts';
import { pointerSizeOf } from './display-pointers.ts';
import { displayRange, goOn } from './display-range.ts';
import { wordText } from './memory-rows.ts';
import { type Line, span } from './output.ts';
import { requireVirtual } from './require-virtual.ts';
import { printable } from './text-lines.ts';

const kinds: Readonly<Record<string, ReferenceKind>> = { p: 'pointer', a: 'ascii', u: 'utf16' };
const rowsPerStep = 0x100;

export const displayReferences: Command = {
  names: ['dpp', 'dpa', 'dpu', 'dqp', 'dqa', 'dqu', 'ddp', 'dda', 'ddu'],
  usage: '[RANGE]',
  summary: 'display pointers and what they lead to: a pointer, a text',
  group: 'memory',
  joins: /^[@$(]/,
  details: [
    'Second letter: p pointers of the target, q 8 bytes, d 4 bytes. Third: p a pointer with its name, a ASCII, u UTF-16.',
    'Nothing stands behind a pointer that leads to no text in this dump.',
  ],
  examples: ['dpp @rsp L10', 'dpu @rsp L20'],
  *run(console, args, name): CommandRun {
    console.display = name;
    const { system } = console;
    const { pointerSize } = system.target;
    const size = pointerSizeOf(console, name);
    const kind = kinds[name[2]!]!;
    const range = displayRange(console, args, {
      elementSize: size,
      count: 128 / size,
      fallback: console.scope?.registers.sp,
    });
    requireVirtual(displayReferences, range);
    goOn(console, range, range.count * size);
    const data: ReferenceRow[] = [];
    for (let from = 0; from < range.count; from += rowsPerStep) {
      const at = range.start + BigInt(from * size);
      const count = Math.min(rowsPerStep, range.count - from);
      const rows = readReferences(console.memory, system.symbols, at, count, { size, pointerSize, kind });
      data.push(...rows);
      yield linesStep(rows.map((row) => referenceLine(console, row, size, kind)));
    }
    const options = `{ size: ${size}, pointerSize: ${pointerSize}, kind: '${kind}' }`;
    const call = `engine.readReferences(session.console.memory, session.system.symbols, ${bigHex(range.start)}, ${range.count}, ${options})`;
    return { data, lines: [], call };
  },
};

function referenceLine({ system }: Console, row: ReferenceRow, size: 4 | 8, kind: ReferenceKind): Line {
  const { address, value, pointer, symbol, text } = row;
  const parts: Line = [span(system.addressText(address), 'address'), '  ', wordText(value, size)];
  if (kind !== 'pointer')
    return text === undefined ? parts : [...parts, ` "${printable(text.text, kind === 'ascii' ? 1 : 2)}"`];
  if (value === undefined) return parts;
  const name = symbol === undefined ? [] : [' ', span(symbol, 'symbol')];
  return [...parts, ' ', wordText(pointer, system.target.pointerSize), ...name];
}
