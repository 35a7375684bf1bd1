import { BitReader } from './bit-reader.ts';
import { damagedData, truncatedData } from './damage.ts';
import {
  codeLengthOrder,
  type DeflateKind,
  deflateCodes,
  fixedDistanceLengths,
  fixedLiteralLengths,
} from './deflate-codes.ts';
import { HuffmanTable } from './huffman.ts';
import type { SequentialReader } from './sequential-reader.ts';

const historySize = 64 << 10;
const pieceSize = 256 << 10;
const longestMatch = 65538;
const endOfBlock = 256;

/**
 * Decoder of DEFLATE (RFC 1951) and Deflate64 streams, which Windows Explorer writes for files over 2 GB.
 * It takes the same half megabyte whatever the stream says, and it stops right behind the stream's last byte,
 * where gzip keeps the checksum and the next member. Streams that break the rules: ARCHIVE_DAMAGED.
 */
export class Inflater {
  readonly #input: SequentialReader;
  readonly #bits: BitReader;
  readonly #window = new Uint8Array(historySize + pieceSize + longestMatch);
  readonly #literals = new HuffmanTable();
  readonly #distances = new HuffmanTable();
  #codes = deflateCodes.deflate;
  #out = 0;
  #state: 'block' | 'stored' | 'coded' | 'end' = 'end';
  #isLastBlock = false;
  #storedLeft = 0;

  constructor(input: SequentialReader) {
    this.#input = input;
    this.#bits = new BitReader(input);
  }

  /** Begins a stream at the input's position. */
  start(kind: DeflateKind): void {
    this.#codes = deflateCodes[kind];
    this.#bits.reset();
    this.#out = 0;
    this.#state = 'block';
  }

  /**
   * The next piece of output, a view valid until the next call: `wanted` bytes or a little more where the
   * stream goes on so long. Undefined at the end of the stream.
   */
  next(wanted = pieceSize): Uint8Array | undefined {
    this.#makeRoom(wanted);
    const from = this.#out;
    const stop = from + Math.min(wanted, pieceSize);
    while (this.#out < stop && this.#state !== 'end') this.#step(stop);
    return this.#out === from ? undefined : this.#window.subarray(from, this.#out);
  }

  #makeRoom(wanted: number): void {
    if (this.#out + Math.min(wanted, pieceSize) + longestMatch <= this.#window.length) return;
    this.#window.copyWithin(0, this.#out - historySize, this.#out);
    this.#out = historySize;
  }

  #step(stop: number): void {
    if (this.#state === 'block') this.#readBlockHeader();
    else if (this.#state === 'stored') this.#copyStored(stop);
    else this.#decode(stop);
  }

  #readBlockHeader(): void {
    this.#isLastBlock = this.#bits.take(1) === 1;
    const type = this.#bits.take(2);
    if (type === 3) throw damagedData('a block is of no known type');
    if (type === 0) return this.#beginStored();
    if (type === 1) {
      this.#literals.build(fixedLiteralLengths);
      this.#distances.build(fixedDistanceLengths);
    } else this.#readCodeTables();
    this.#state = 'coded';
  }

  #endBlock(): void {
    this.#state = this.#isLastBlock ? 'end' : 'block';
    if (this.#isLastBlock) this.#bits.align();
  }

  #beginStored(): void {
    this.#bits.align();
    this.#storedLeft = this.#bits.take(16);
    if (this.#bits.take(16) !== (this.#storedLeft ^ 0xffff))
      throw damagedData('a stored block has no valid length');
    this.#bits.align();
    this.#state = 'stored';
  }

  #copyStored(stop: number): void {
    while (this.#out < stop && this.#storedLeft > 0) {
      const piece = this.#input.readPiece(Math.min(stop - this.#out, this.#storedLeft));
      if (piece.length === 0) throw truncatedData();
      this.#window.set(piece, this.#out);
      this.#out += piece.length;
      this.#storedLeft -= piece.length;
    }
    if (this.#storedLeft === 0) this.#endBlock();
  }

  /** RFC 1951, 3.2.7. */
  #readCodeTables(): void {
    const literals = this.#bits.take(5) + 257;
    const distances = this.#bits.take(5) + 1;
    const count = this.#bits.take(4) + 4;
    const lengthLengths = new Uint8Array(codeLengthOrder.length);
    for (let i = 0; i < count; i++) lengthLengths[codeLengthOrder[i]!] = this.#bits.take(3);
    this.#literals.build(lengthLengths);
    const lengths = this.#readCodeLengths(literals + distances);
    this.#literals.build(lengths.subarray(0, literals));
    this.#distances.build(lengths.subarray(literals));
  }

  #readCodeLengths(count: number): Uint8Array {
    const lengths = new Uint8Array(count);
    for (let at = 0; at < count; ) {
      const symbol = this.#takeSymbol(this.#literals);
      const [value, run] = this.#codeLengthRun(symbol, at === 0 ? undefined : lengths[at - 1]);
      if (at + run > count) throw damagedData('a code table is longer than its count');
      lengths.fill(value, at, at + run);
      at += run;
    }
    return lengths;
  }

  #codeLengthRun(symbol: number, previous: number | undefined): [value: number, run: number] {
    if (symbol < 16) return [symbol, 1];
    if (symbol === 17) return [0, this.#bits.take(3) + 3];
    if (symbol === 18) return [0, this.#bits.take(7) + 11];
    if (previous === undefined) throw damagedData('a code table repeats before it begins');
    return [previous, this.#bits.take(2) + 3];
  }

  #takeSymbol(table: HuffmanTable): number {
    this.#bits.refill();
    const entry = table.entries[this.#bits.hold & table.mask]!;
    if (entry === 0) throw damagedData('a code has no meaning');
    this.#bits.drop(entry & 15);
    return entry >> 4;
  }

  /** Decodes until `stop` or the end of the block. The hot loop. */
  #decode(stop: number): void {
    const bits = this.#bits;
    const window = this.#window;
    const { entries, mask } = this.#literals;
    const { lengthBase, lengthExtra, distanceBase, distanceExtra } = this.#codes;
    let out = this.#out;
    let symbol = 0;
    while (out < stop) {
      bits.refill();
      const entry = entries[bits.hold & mask]!;
      if (entry === 0) throw damagedData('a code has no meaning');
      bits.drop(entry & 15);
      symbol = entry >> 4;
      if (symbol < endOfBlock) {
        window[out++] = symbol;
        continue;
      }
      if (symbol === endOfBlock) break;
      const length = lengthBase[symbol - 257]! + bits.take(lengthExtra[symbol - 257]!);
      const code = this.#takeSymbol(this.#distances);
      const distance = distanceBase[code]! + bits.take(distanceExtra[code]!);
      if (length === 0 || distance > out) throw damagedData('a match points nowhere');
      copyMatch(window, out, distance, length);
      out += length;
    }
    this.#out = out;
    if (symbol === endOfBlock) this.#endBlock();
  }
}

function copyMatch(window: Uint8Array, at: number, distance: number, length: number): void {
  const end = at + length;
  if (distance === 1) window.fill(window[at - 1]!, at, end);
  else for (let to = at; to < end; to++) window[to] = window[to - distance]!;
}
