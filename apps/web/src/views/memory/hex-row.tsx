import { addressText } from '../../app/words.ts';
import type { AddressRange } from '../../console/damaged-text.ts';

interface HexRowProps {
  readonly start: bigint;
  /** The address that was asked for. */
  readonly marked: bigint;
  readonly pointerSize: 4 | 8;
  readonly highlight: AddressRange | undefined;
  readonly damage: AddressRange | undefined;
  /** undefined: not in the dump; null: on its way. */
  readonly byteAt: (address: bigint) => number | undefined | null;
}

const isIn = (at: bigint, range: AddressRange | undefined): boolean =>
  range !== undefined && at >= range.start && at < range.end;

/** Sixteen bytes: digits and characters. What the dump does not hold is question marks. */
export function HexRow({ start, marked, pointerSize, highlight, damage, byteAt }: HexRowProps) {
  const cells = Array.from({ length: 16 }, (_, index) => {
    const at = start + BigInt(index);
    const look = [
      isIn(at, damage) ? 'hit' : '',
      isIn(at, highlight) ? 'chosen' : '',
      at === marked ? 'here' : '',
    ];
    return { at, byte: byteAt(at), look: look.filter((name) => name !== '').join(' ') };
  });
  const holdsMark = marked >= start && marked < start + 16n;
  return (
    <div class="hex-row">
      <span class={holdsMark ? 'hex-address' : 'hex-address dim'}>{addressText(start, pointerSize)}</span>
      <span class="hex-digits">
        {cells.map(({ at, byte, look }) => (
          <span key={at} class={byte === undefined ? `absent ${look}` : look}>
            {byte === null ? '\u00a0\u00a0' : byte === undefined ? '??' : byte.toString(16).padStart(2, '0')}
          </span>
        ))}
      </span>
      <span class="hex-letters">
        {cells.map(({ at, byte, look }) => (
          <span key={at} class={look}>
            {byte === null || byte === undefined ? (byte === null ? ' ' : '?') : letterOf(byte)}
          </span>
        ))}
      </span>
    </div>
  );
}

const letterOf = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.');
