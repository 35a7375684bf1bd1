import { readU16, type Va, wrap64 } from '../base/index.ts';
import type { Command } from './command.ts';
import { type Line, span } from './output.ts';
import { parseRange } from './range.ts';
import { readWithHoles } from './read-memory.ts';

const perLine = 32;

export const displayText: Command = {
  names: ['da', 'du'],
  usage: '[RANGE]',
  summary: 'display a NUL-terminated ASCII (da) or UTF-16 (du) text',
  group: 'memory',
  joins: /^[@$(]/,
  run(console, args, name) {
    const size = name === 'du' ? 2 : 1;
    const { start, count } = parseRange(console, args, {
      fallback: console.nextData ?? console.scope?.registers.ip,
      count: 0x100,
      elementSize: size,
    });
    const { bytes, mask } = readWithHoles(console, start, count * size);
    const missing = mask.indexOf(0);
    const present = bytes.subarray(0, missing < 0 ? bytes.length : missing);
    const text = terminated(present, size);
    console.nextData = wrap64(start + BigInt((text.length + 1) * size));
    return {
      data: { address: start, text },
      lines: textLines(console.system.addressText, start, text, size, present.length === 0),
    };
  },
};

function terminated(bytes: Uint8Array, size: number): string {
  let text = '';
  for (let at = 0; at + size <= bytes.length; at += size) {
    const unit = size === 2 ? readU16(bytes, at) : bytes[at]!;
    if (unit === 0) break;
    text += unit >= 0x20 && unit !== 0x7f && (size === 2 || unit < 0x7f) ? String.fromCharCode(unit) : '.';
  }
  return text;
}

function textLines(
  addressText: (va: Va) => string,
  start: Va,
  text: string,
  size: number,
  absent: boolean,
): Line[] {
  if (absent) return [[span(addressText(start), 'address'), '  "????"']];
  const lines: Line[] = [];
  for (let at = 0; at === 0 || at < text.length; at += perLine) {
    const address = addressText(wrap64(start + BigInt(at * size)));
    lines.push([span(address, 'address'), `  "${text.slice(at, at + perLine)}"`]);
  }
  return lines;
}
