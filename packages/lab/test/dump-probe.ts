import { type PageReader, type Walked, walkArm64, walkPae, walkX64, walkX86 } from './page-walk.ts';

/** Reads page dumps by offsets written out here, independently of the layouts that the writers use. */
export class DumpProbe {
  readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly wide: boolean;
  readonly #offsets = new Map<number, number>();

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.wide = this.text(4, 4) === 'DU64';
    this.#findPages();
  }

  u32(at: number): number {
    return this.view.getUint32(at, true);
  }

  u64(at: number): bigint {
    return this.view.getBigUint64(at, true);
  }

  text(at: number, length: number): string {
    return String.fromCharCode(...this.bytes.subarray(at, at + length));
  }

  get dumpType(): number {
    return this.u32(this.wide ? 0xf98 : 0xf88);
  }

  get directoryTableBase(): number {
    return this.wide ? Number(this.u64(0x10)) : this.u32(0x10);
  }

  get pageNumbers(): number[] {
    return [...this.#offsets.keys()];
  }

  readonly page: PageReader = (pfn) => {
    const offset = this.#offsets.get(pfn);
    return offset === undefined ? undefined : this.bytes.subarray(offset, offset + 4096);
  };

  walk(va: bigint, levels: 4 | 5 = 4): Walked | undefined {
    const machine = this.u32(this.wide ? 0x30 : 0x20);
    const root = this.directoryTableBase;
    if (machine === 0x8664) return walkX64(this.page, root, va, levels);
    if (machine === 0xaa64) return walkArm64(this.page, root, va);
    return this.bytes[0x5c] === 1 ? walkPae(this.page, root, va) : walkX86(this.page, root, va);
  }

  /** Bytes of virtual memory; throws where one is missing. */
  read(va: bigint, length: number, levels: 4 | 5 = 4): Uint8Array {
    const result = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const at = BigInt.asUintN(64, va + BigInt(done));
      const walked = this.walk(at, levels);
      const page = walked && this.page(Math.floor(walked.pa / 4096));
      if (walked === undefined || page === undefined) throw new Error(`nothing at ${at.toString(16)}`);
      const within = walked.pa % 4096;
      const count = Math.min(4096 - within, length - done);
      result.set(page.subarray(within, within + count), done);
      done += count;
    }
    return result;
  }

  readU64(va: bigint): bigint {
    return new DataView(this.read(va, 8).buffer).getBigUint64(0, true);
  }

  #findPages(): void {
    const start = this.wide ? 0x2000 : 0x1000;
    if (this.dumpType === 1) this.#fromRuns(start);
    else if (this.dumpType === 2)
      this.#fromBitmap(start + (this.wide ? 0x28 : 0x20), this.u32(start + 0xc), this.u32(start + 0x10));
    else if (this.dumpType === 5 || this.dumpType === 6)
      this.#fromBitmap(start + 0x38, Number(this.u64(start + 0x20)), Number(this.u64(start + 0x30)));
    else if (this.dumpType >= 8) this.#fromRanges(start);
  }

  #fromRuns(start: number): void {
    const at = this.wide ? 0x88 : 0x64;
    let offset = start;
    for (let run = 0; run < this.u32(at); run++) {
      const entry = at + (this.wide ? 0x10 + 16 * run : 8 + 8 * run);
      const base = this.wide ? Number(this.u64(entry)) : this.u32(entry);
      const count = this.wide ? Number(this.u64(entry + 8)) : this.u32(entry + 4);
      offset = this.#add(base, count, offset);
    }
  }

  #fromBitmap(bitmap: number, firstPage: number, bits: number): void {
    let offset = firstPage;
    for (let pfn = 0; pfn < bits; pfn++)
      if ((this.bytes[bitmap + (pfn >> 3)]! >> (pfn & 7)) & 1) offset = this.#add(pfn, 1, offset);
  }

  #fromRanges(start: number): void {
    let offset = Number(this.u64(start + 0x18));
    for (let entry = start + 0x30; this.u64(entry) !== 0n; entry += 16)
      offset = this.#add(Number(this.u64(entry)), Number(this.u64(entry + 8)), offset);
  }

  #add(base: number, count: number, offset: number): number {
    for (let page = 0; page < count; page++) this.#offsets.set(base + page, offset + page * 4096);
    return offset + count * 4096;
  }
}
