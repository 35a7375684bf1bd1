import { ByteWriter } from './byte-writer.ts';

/** A range of inlined code: bytes behind the procedure's beginning, end exclusive, and lines below the first one. */
export interface InlinedRange {
  readonly start: number;
  readonly end: number;
  readonly lineDelta: number;
}

/** Operations. Source: microsoft-pdb, cvinfo.h (BinaryAnnotationOpcode). */
const changeLineOffset = 6;
const changeCodeLengthAndCodeOffset = 12;

/** The operations of an inline site: the change of the line where there is one, then length and begin of each range. */
export function inlineAnnotations(ranges: readonly InlinedRange[]): Uint8Array {
  const out = new ByteWriter();
  let [offset, line] = [0, 0];
  for (const { start, end, lineDelta } of ranges.toSorted((a, b) => a.start - b.start)) {
    if (lineDelta !== line) {
      compressed(out, changeLineOffset);
      compressed(out, signed(lineDelta - line));
    }
    compressed(out, changeCodeLengthAndCodeOffset);
    compressed(out, end - start);
    compressed(out, start - offset);
    [offset, line] = [start, lineDelta];
  }
  return out.bytes();
}

/** The lowest bit is the sign. */
const signed = (value: number): number => (value < 0 ? (-value << 1) | 1 : value << 1);

/** One byte below 0x80; two with the bits 10 in front; four with 110; the highest byte first. */
function compressed(out: ByteWriter, value: number): void {
  if (value < 0x80) out.u8(value);
  else if (value < 0x4000) out.u8(0x80 | (value >>> 8), value & 0xff);
  else out.u8(0xc0 | (value >>> 24), (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}
