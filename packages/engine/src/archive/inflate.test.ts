import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { deflateSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { DebuggerError, equalBytes } from '../base/index.ts';
import { BufferSource } from '../io/index.ts';
import type { DeflateKind } from './deflate-codes.ts';
import { Inflater } from './inflate.ts';
import { SequentialReader } from './sequential-reader.ts';

/** The content of a stream that begins at `from`, and where the stream ended. */
function inflate(packed: Uint8Array, kind: DeflateKind = 'deflate', from = 0, wanted?: number) {
  const reader = new SequentialReader(new BufferSource(packed));
  reader.seek(from, packed.length);
  const inflater = new Inflater(reader);
  inflater.start(kind);
  const pieces: Uint8Array[] = [];
  for (let piece = inflater.next(wanted); piece !== undefined; piece = inflater.next(wanted)) {
    pieces.push(piece.slice());
  }
  return { content: new Uint8Array(Buffer.concat(pieces)), end: reader.position };
}

/** A DEFLATE stream from bits, as the specification writes them: a field's lowest bit first, a code's highest first. */
function pack(...fields: readonly ([value: number, bits: number] | string)[]): Uint8Array {
  const bits = fields.flatMap((field) =>
    typeof field === 'string'
      ? Array.from(field, Number)
      : Array.from({ length: field[1] }, (_, at) => (field[0] >> at) & 1),
  );
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  for (const [at, bit] of bits.entries()) bytes[at >> 3]! |= bit << (at & 7);
  return bytes;
}

const last = [1, 1] as [number, number];
const stored = [0, 2] as [number, number];
const fixed = [1, 2] as [number, number];
const dynamic = [2, 2] as [number, number];
/** Codes of the fixed tables: the literal "A", length 3, distance 1, the length that ends a block. */
const literalA = '01110001';
const length3 = '0000001';
const endOfBlock = '0000000';

/** Runs, repeats near and far, and noise. */
function makeContent(seed: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = seed | 1;
  for (let at = 0; at < size; ) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    const length = (state >>> 16) % 700;
    const kind = state % 4;
    for (let i = 0; i < length && at < size; i++, at++) {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      bytes[at] =
        kind === 0
          ? 0
          : kind === 1
            ? state >>> 24
            : kind === 2
              ? (state >>> 28) + 0x40
              : (bytes[at - 30000] ?? 7);
    }
  }
  return bytes;
}

describe('Inflater', () => {
  it.each([0, 1, 6, 9])('gives back what zlib packed at level %i', (level) => {
    const expected = makeContent(level + 1, 900_000);
    const packed = deflateRawSync(expected, { level });
    const { content, end } = inflate(packed);
    expect(equalBytes(content, expected)).toBe(true);
    expect(end).toBe(packed.length);
  });

  it('gives back what fflate packed, for any content', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 2000 }),
        fc.nat(9),
        fc.integer({ min: 1, max: 400 }),
        (content, level, wanted) => {
          const packed = deflateSync(content, { level: level as 0 });
          expect(inflate(packed, 'deflate', 0, wanted)).toEqual({ content, end: packed.length });
        },
      ),
    );
  });

  it('stops right behind the stream, wherever chunks of the input end', () => {
    const expected = makeContent(7, 20_000);
    const packed = deflateRawSync(expected);
    for (let before = 4090 - packed.length; before < 4100 - packed.length; before++) {
      const from = Math.max(0, before) + 1;
      const all = new Uint8Array(from + packed.length + 9000).fill(0xff);
      all.set(packed, from);
      const { content, end } = inflate(all, 'deflate', from);
      expect(equalBytes(content, expected)).toBe(true);
      expect(end).toBe(from + packed.length);
    }
  });

  it('goes back to the chunk before where the stream ended in it', () => {
    const filler = new Uint8Array(4096 - 8).fill(0x41);
    const packed = new Uint8Array([
      0x00,
      filler.length & 0xff,
      filler.length >> 8,
      ~filler.length & 0xff,
      (~filler.length >> 8) & 0xff,
      ...filler,
    ]);
    const all = new Uint8Array([...packed, ...pack(last, fixed, endOfBlock), 1, 2, 3, 4, 5, 6]);
    expect(inflate(all)).toEqual({ content: filler, end: packed.length + 2 });
  });

  it('gives at least the wanted bytes and not many more', () => {
    const reader = new SequentialReader(new BufferSource(deflateRawSync(new Uint8Array(1 << 20))));
    reader.seek(0, 1 << 20);
    const inflater = new Inflater(reader);
    inflater.start('deflate');
    const { length } = inflater.next(8)!;
    expect(length).toBeGreaterThanOrEqual(8);
    expect(length).toBeLessThan(8 + 258);
  });

  it('can begin another stream in the middle of one', () => {
    const content = makeContent(3, 5000);
    const packed = deflateRawSync(content);
    const reader = new SequentialReader(new BufferSource(packed));
    const inflater = new Inflater(reader);
    for (let i = 0; i < 2; i++) {
      reader.seek(0, packed.length);
      inflater.start('deflate');
      expect(inflater.next(100)?.slice(0, 100)).toEqual(content.subarray(0, 100));
    }
  });

  it.each([
    ['an empty input', 'stops in the middle', pack()],
    ['a block of type 3', 'no known type', pack(last, [3, 2])],
    [
      'a stored length that differs from its complement',
      'no valid length',
      pack(last, stored, [0, 5], [5, 16], [5, 16]),
    ],
    [
      'a stored block that is cut off',
      'stops in the middle',
      pack(last, stored, [0, 5], [5, 16], [0xfffa, 16], [0x41, 8]),
    ],
    ['a stream without end', 'stops in the middle', pack(last, fixed, literalA)],
    ['a match before the beginning', 'points nowhere', pack(last, fixed, length3, '00000', endOfBlock)],
    ['a match too far back', 'points nowhere', pack(last, fixed, literalA, length3, '00001', endOfBlock)],
    ['length code 286', 'points nowhere', pack(last, fixed, literalA, '11000110', '00000', endOfBlock)],
    ['distance code 30', 'points nowhere', pack(last, fixed, literalA, length3, '11110', endOfBlock)],
    [
      'too many code length codes',
      'too many codes',
      pack(last, dynamic, [0, 5], [0, 5], [0, 4], [1, 3], [1, 3], [1, 3], [1, 3]),
    ],
    ['no code length codes', 'no meaning', pack(last, dynamic, [0, 5], [0, 5], [0, 4], [0, 12], [0, 32])],
    [
      'a repeat of nothing',
      'repeats before',
      pack(last, dynamic, [0, 5], [0, 5], [0, 4], [1, 3], [1, 3], [0, 6], '0', [0, 32]),
    ],
    // Code lengths: 18 is 0, 17 is 1. Two runs of 138 zeros are more than 257 + 1.
    [
      'too many code lengths',
      'longer than its count',
      pack(
        last,
        dynamic,
        [0, 5],
        [0, 5],
        [0, 4],
        [0, 3],
        [1, 3],
        [1, 3],
        [0, 3],
        '1',
        [127, 7],
        '1',
        [127, 7],
      ),
    ],
  ])('refuses %s', (_, reason, packed) => {
    const attempt = () => inflate(packed);
    expect(attempt).toThrow(reason);
    expect(attempt).toThrow(expect.objectContaining({ code: 'ARCHIVE_DAMAGED' }));
  });

  it('reads what a match points at beyond its own beginning', () => {
    const packed = pack(last, fixed, literalA, length3, '00000', endOfBlock);
    expect(inflate(packed).content).toEqual(Uint8Array.from([0x41, 0x41, 0x41, 0x41]));
  });

  it('ends with ARCHIVE_DAMAGED or a result on any bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom<DeflateKind>('deflate', 'deflate64'),
        (bytes, kind) => {
          let code: string | undefined;
          try {
            inflate(bytes, kind);
          } catch (error) {
            code = error instanceof DebuggerError ? error.code : String(error);
          }
          expect([undefined, 'ARCHIVE_DAMAGED']).toContain(code);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('Deflate64', () => {
  /** `7z a -tzip -mm=Deflate64 -mx=9`, the 453 bytes of data: 40 bytes, 40000 zeros, the 40, 60000 zeros, the 40 again. */
  const packed = Uint8Array.from(
    atob(
      '5N4hDoJQAABQ+7+ADY9gcM7m3HQGisXN7QeNRqNNo9Fos3ILiEQ6ASKRG8A52Hsneafd8bA/r1dh+b/EbLtIi9enfl6/oWo2' +
        'dTm801t+j7+kD49kHru8nfF4PB6Px+PxeDwej8fj8Xg8Ho/H4/F4PB6Px+PxeDwej8fj8Xg8Ho/H4/F4PB6Px+PxeDwej8fj' +
        '8Xg8Ho/H4/F4PB6Px+PxeDwej8fj8Xg8Ho/H4/F4PB6Px+PxeDwej8fj8Xg8Ho/H4/F4PB6Px+PxeDwej8fj8Xg8Ho/H4/F4' +
        'PB6Px+PxeLwp4J9xPB6Px+PxeDwej8fj8Xg8Ho/H4/F4PB6Px+PxeDwej8fj8Xg8Ho/H4/F4PB6Px+PxeDwej8fj8Xg8Ho/H' +
        '4/F4PB6Px+PxeLyx/DumAQAAYBjk3/Us7GwCTuDxeDwej8fj8Xg8Ho/H4/F4PB6Px+PxeDwej8fj8Xg8Ho/H4/F4PB6Px+Px' +
        'eDwej8fj8Xg8Ho/H4/F4PB6Px+PxeDwej8fj8Xg8Ho/H4/F4PB6Px+PxeDwej8fj8Xg8Ho/H4/F4PB6Px+PxeDwej8fj8Xg8' +
        'Ho/H4/F4PB6Px+PxeDwejxf3PlQH',
    ),
    (character) => character.charCodeAt(0),
  );
  const noise = Uint8Array.from({ length: 40 }, (_, i) => i * i * 37 + 11);

  it('has matches over 258 bytes long and over 32768 bytes back', () => {
    const { content, end } = inflate(packed, 'deflate64');
    const signature = Array.from('PAGEDU64', (character) => character.charCodeAt(0));
    const expected = [
      ...signature,
      ...noise,
      ...new Uint8Array(40_000),
      ...noise,
      ...new Uint8Array(60_000),
      ...noise,
    ];
    expect(equalBytes(content, Uint8Array.from(expected))).toBe(true);
    expect(end).toBe(packed.length);
  });

  it('is not DEFLATE', () => {
    expect(() => inflate(packed, 'deflate')).toThrow(DebuggerError);
  });
});
