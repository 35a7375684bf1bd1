import { padHex } from '../base/index.ts';
import { isWhole } from '../memory/index.ts';
import type { Command } from './command.ts';
import { addressOf, bytesCall, displayRange, readDisplayed } from './display-range.ts';
import { hexDigits } from './memory-rows.ts';
import { type Line, span } from './output.ts';

/** Bytes of a row. */
const rowSize = 4;
const bitNumbers = {
  dyb: ['76543210 76543210 76543210 76543210'],
  dyd: [' 3          2          1          0', '10987654 32109876 54321098 76543210'],
} as const;

export const displayBits: Command = {
  names: ['dyb', 'dyd'],
  usage: '[/p] [RANGE]',
  summary: 'display memory as bits: of bytes (dyb) or of dwords (dyd)',
  group: 'memory',
  joins: /^[@$(/]/,
  details: ['Without a length 32 bytes are shown. Bits that the dump does not hold are shown as ?.'],
  examples: ['dyb @rsp L8', 'dyd @rsp L1'],
  run(console, args, name) {
    console.display = name;
    const elementSize = name === 'dyd' ? 4 : 1;
    const range = displayRange(console, args, { elementSize, count: 32 / elementSize });
    const data = readDisplayed(console, range);
    const rows: Line[] = [];
    for (let at = 0; at < data.bytes.length; at += rowSize) {
      const address = BigInt.asUintN(64, data.address + BigInt(at));
      const [bytes, mask] = [data.bytes, data.mask].map((each) => each.subarray(at, at + rowSize)) as [
        Uint8Array,
        Uint8Array,
      ];
      rows.push([
        span(addressOf(console, range, address), 'address'),
        `  ${elementSize === 1 ? byteRow(bytes, mask) : dwordRow(bytes, mask)}`,
      ]);
    }
    const indent = ' '.repeat(addressOf(console, range, range.start).length + 2);
    const heading = [...bitNumbers[name as 'dyb' | 'dyd'], '-------- -------- -------- --------'];
    return {
      data,
      lines: [...heading.map((text): Line => [indent + text]), ...rows],
      call: bytesCall(range),
    };
  },
};

const bits = (bytes: Uint8Array, mask: Uint8Array, at: number): string =>
  mask[at] === 1 ? bytes[at]!.toString(2).padStart(8, '0') : '????????';

function byteRow(bytes: Uint8Array, mask: Uint8Array): string {
  const places = [...bytes.keys()];
  const values = places.map((at) => (mask[at] === 1 ? padHex(bytes[at]!, 2) : '??'));
  return `${places
    .map((at) => bits(bytes, mask, at))
    .join(' ')
    .padEnd(35)}  ${values.join(' ')}`;
}

/** The highest byte stands first. */
function dwordRow(bytes: Uint8Array, mask: Uint8Array): string {
  const value = isWhole(mask, 0, rowSize) ? hexDigits(bytes, 0, rowSize) : '????????';
  return `${[3, 2, 1, 0].map((at) => bits(bytes, mask, at)).join(' ')}  ${value}`;
}
