import { padHex } from '../base/index.ts';
import type { ImageDifference } from '../pe/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import type { Module } from '../windows/index.ts';
import { type Line, span } from './output.ts';

/** Bytes of either side that `-d` shows. */
const shownBytes = 8;
const rowSize = 16;

/**
 * Two lines of a difference, as the debugger shows it: the range and its name, behind it the distance from the one
 * before; then the bytes that were expected and those that were found.
 */
export function differenceLines(
  system: CrashedSystem,
  module: Module,
  difference: ImageDifference,
  before: ImageDifference | undefined,
): Line[] {
  const start = module.base + BigInt(difference.rva);
  const last = start + BigInt(difference.length - 1);
  const range = `${system.addressText(start)}-${system.addressText(last)}`;
  const count = `${difference.length} byte${difference.length === 1 ? '' : 's'}`;
  const distance = before === undefined ? '' : ` (+0x${(difference.rva - before.rva).toString(16)})`;
  return [
    ['    ', span(range, 'address'), `  ${count} - `, span(nameText(system, start), 'symbol'), distance],
    [`        [ ${bytesText(difference.expected)}:${bytesText(difference.found)} ]`],
  ];
}

/** `nt!KeBugCheckEx+15`: this command writes offsets without 0x. */
const nameText = (system: CrashedSystem, va: bigint): string =>
  (system.symbols.nameOf(va) ?? '').replace(/\+0x(?=[0-9a-f]+$)/, '+');

const bytesText = (bytes: Uint8Array): string =>
  Array.from(bytes.subarray(0, shownBytes), (byte) => padHex(byte, 2)).join(' ');

/** Rows like those of `db`: the bytes that were found, each with a star behind it because it differs. */
export function rowsOf(
  system: CrashedSystem,
  module: Module,
  { rva, found, length }: ImageDifference,
): Line[] {
  const lines: Line[] = [];
  for (let at = 0; at < found.length; at += rowSize) {
    const bytes = found.subarray(at, at + rowSize);
    const digits = Array.from(bytes, (byte) => `*${padHex(byte, 2)}`).join(' ');
    const text = String.fromCharCode(...bytes.map((byte) => (byte >= 0x20 && byte < 0x7f ? byte : 0x2e)));
    const address = system.addressText(module.base + BigInt(rva + at));
    lines.push([span(address, 'address'), `  ${digits.padEnd(rowSize * 4)} ${text}`]);
  }
  if (length > found.length) lines.push([span(`(${length - found.length} more bytes)`, 'dim')]);
  return lines;
}
