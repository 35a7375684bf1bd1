import { type FoundText, readPhysicalText, readText } from '../memory/index.ts';
import { bigHex } from './call-text.ts';
import type { Command } from './command.ts';
import type { Console } from './console.ts';
import { addressOf, type DisplayRange, displayRange, goOn } from './display-range.ts';
import { requirePhysical } from './physical.ts';
import { textLines, usualWidth } from './text-lines.ts';

/** Most characters without a range. */
const usualLength = 0x100;

export const displayText: Command = {
  names: ['da', 'du'],
  usage: '[/c WIDTH] [/p] [RANGE]',
  summary: 'display a NUL-terminated ASCII (da) or UTF-16 (du) text',
  group: 'memory',
  joins: /^[@$(/]/,
  details: [
    'The text ends at its NUL or at the end of RANGE; 256 characters are shown without one.',
    'Characters that cannot be printed are shown as dots, those that the dump does not hold as question marks.',
  ],
  examples: ['da nt+4e', 'du poi(@rsp+20) L40', 'da /c 100 @rcx L5000'],
  run(console, args, name) {
    console.display = name;
    const unit = name === 'du' ? 2 : 1;
    const range = displayRange(console, args, { elementSize: unit, count: usualLength });
    const data = textAt(console, range, unit);
    const width = range.columns ?? usualWidth;
    const shown = data.text + '?'.repeat(missingShown(data, range, width));
    goOn(console, range, (data.text.length + (data.end === 'nul' ? 1 : 0)) * unit || range.count * unit);
    const lines = textLines((va) => addressOf(console, range, va), range.start, shown, unit, width);
    return { data, lines, call: textCall(range, unit) };
  },
};

function textAt(console: Console, { physical, start, count }: DisplayRange, unit: 1 | 2): FoundText {
  if (physical) return readPhysicalText(requirePhysical(console), Number(start), unit, count);
  return readText(console.memory, start, unit, count);
}

/** Question marks for missing characters: up to the end of the range, or of the line where none was given. */
function missingShown({ text, end }: FoundText, { count, by }: DisplayRange, width: number): number {
  if (end !== 'missing') return 0;
  return by === 'default'
    ? Math.min(count - text.length, width - (text.length % width))
    : count - text.length;
}

function textCall({ physical, start, count }: DisplayRange, unit: 1 | 2): string {
  return physical
    ? `engine.readPhysicalText(session.system.target.dump.physical, 0x${start.toString(16)}, ${unit}, ${count})`
    : `engine.readText(session.console.memory, ${bigHex(start)}, ${unit}, ${count})`;
}
