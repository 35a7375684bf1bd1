import type { DamageFacts, PagePicture } from '../analyze/index.ts';

export interface ShownByte {
  readonly value: number;
  /** Is it one of the damaged bytes? */
  readonly isHit: boolean;
}

export interface ByteRow {
  /** From the start of the page. */
  readonly offset: number;
  readonly bytes: readonly ShownByte[];
}

/** The bytes that a picture shows, so many a row; none where it shows none. */
export function byteRows(
  { page, bytes }: PagePicture,
  damage: DamageFacts | null,
  perRow: number,
): ByteRow[] {
  if (bytes === null || damage === null) return [];
  const values = (bytes.hex.match(/../g) ?? []).map((digits) => Number.parseInt(digits, 16));
  const first = Number(BigInt(bytes.at) - BigInt(page));
  const start = Number(BigInt(damage.start) - BigInt(bytes.at));
  const end = start + (damage.length ?? 0);
  const rows: ByteRow[] = [];
  for (let at = 0; at < values.length; at += perRow)
    rows.push({
      offset: first + at,
      bytes: values
        .slice(at, at + perRow)
        .map((value, index) => ({ value, isHit: at + index >= start && at + index < end })),
    });
  return rows;
}

/** `4f`. */
export const byteText = ({ value }: ShownByte): string => value.toString(16).padStart(2, '0');

/** A byte as a letter, as dumps of memory show it. */
export const byteLetter = ({ value }: ShownByte): string =>
  value >= 0x20 && value < 0x7f ? String.fromCharCode(value) : '.';
