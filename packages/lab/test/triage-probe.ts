/** The layout rules of 64-bit small dumps, written out as the study of 75 real ones found them. */

export type Family = 'A' | 'B' | 'C';

export interface Block {
  readonly address: bigint;
  readonly offset: number;
  readonly size: number;
}

export class TriageProbe {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  u16 = (at: number): number => this.#view.getUint16(at, true);
  u32 = (at: number): number => this.#view.getUint32(at, true);
  u64 = (at: number): bigint => this.#view.getBigUint64(at, true);
  text = (at: number, length: number): string => String.fromCharCode(...this.bytes.subarray(at, at + length));
  utf16 = (at: number, units: number): string =>
    String.fromCharCode(...Array.from({ length: units }, (_, index) => this.u16(at + 2 * index)));

  /** Member of TRIAGE_DUMP64. */
  member = (offset: number): number => this.u32(0x2000 + offset);

  get family(): Family {
    if (this.u32(0x1038) === 0xdff) return 'C';
    return this.member(0x04) === 0x4_0000 ? 'A' : 'B';
  }

  get sizeOfDump(): number {
    return this.member(0x04);
  }

  get blocks(): Block[] {
    const at = this.member(0x78);
    return Array.from({ length: this.member(0x7c) }, (_, index) => ({
      address: this.u64(at + 16 * index),
      offset: this.u32(at + 16 * index + 8),
      size: this.u32(at + 16 * index + 12),
    }));
  }

  get drivers(): {
    name: string;
    base: bigint;
    entryPoint: bigint;
    size: number;
    checkSum: number;
    time: number;
  }[] {
    return Array.from({ length: this.member(0x34) }, (_, index) => {
      const at = this.member(0x30) + 0x90 * index;
      const name = this.u32(at);
      return {
        name: this.utf16(name + 4, this.u32(name)),
        base: this.u64(at + 0x38),
        entryPoint: this.u64(at + 0x40),
        size: this.u32(at + 0x48),
        checkSum: this.u32(at + 0x80),
        time: this.u32(at + 0x88),
      };
    });
  }

  get unloaded(): { name: string; start: bigint; end: bigint }[] {
    const list = this.member(0x18);
    return Array.from({ length: Number(this.u64(list)) }, (_, index) => {
      const at = list + 8 + 0x38 * index;
      const units = Math.min(12, this.u16(at) / 2);
      return { name: this.utf16(at + 0x10, units), start: this.u64(at + 0x28), end: this.u64(at + 0x30) };
    });
  }

  /** Rules that the file breaks, each with a name; none in a file that Windows or the lab wrote. */
  broken(): string[] {
    const found: string[] = [];
    const rule = (name: string, holds: boolean): void => {
      if (!holds) found.push(name);
    };
    const { family, sizeOfDump } = this;
    rule('valid mark', this.member(0x08) === sizeOfDump - 4 && this.text(sizeOfDump - 4, 4) === 'TRGD');
    rule('options', this.member(0x44) === (family === 'C' ? 0x41 : 0xffff_ffff));
    rule('fields', this.u32(0x1038) === (family === 'C' ? 0xdff : 0xcff));
    rule('context and exception', this.member(0x0c) === 0x348 && this.member(0x10) === 0xf00);
    rule('no broken driver, no data page', this.member(0x40) === 0 && this.u64(0x2060) === 0n);
    rule('mm storage', this.u32(this.member(0x14)) === 1 && this.u32(this.member(0x14) + 4) === 0x50);
    this.#checkSections(family, rule);
    this.#checkBlocks(family, rule);
    rule(
      'size',
      family === 'A'
        ? sizeOfDump === 0x4_0000
        : family === 'B'
          ? sizeOfDump % 4 === 0
          : sizeOfDump % 0x200 === 0,
    );
    const space = this.u64(0xfa0);
    rule('space', family === 'B' ? space >= BigInt(this.bytes.length) : space === BigInt(this.bytes.length));
    rule(
      'names',
      this.drivers.every(({ name }) => name.startsWith('\\') !== (family === 'C')),
    );
    return found;
  }

  #checkSections(family: Family, rule: (name: string, holds: boolean) => void): void {
    const debuggerData = this.member(0x70);
    const sizes = {
      prcb: this.u16(debuggerData + 0x2b0),
      process: this.u16(debuggerData + 0x2a8),
      thread: this.u16(debuggerData + 0x2c0),
      stack: this.member(0x2c),
      debuggerData: this.u32(debuggerData + 0x14),
    };
    rule(
      'debugger data',
      this.text(debuggerData + 0x10, 4) === 'KDBG' && this.member(0x74) === sizes.debuggerData,
    );
    const unloadedSize = family === 'C' ? 8 + 50 * 0x38 : 8 + 0x38 * Number(this.u64(this.member(0x18)));
    const unloaded = { name: 'unloaded drivers', at: this.member(0x18), size: unloadedSize };
    const order = [
      { name: 'mm', at: this.member(0x14), size: 0x50 },
      ...(family === 'C' ? [] : [unloaded]),
      { name: 'prcb', at: this.member(0x1c), size: sizes.prcb },
      { name: 'process', at: this.member(0x20), size: sizes.process },
      { name: 'thread', at: this.member(0x24), size: sizes.thread },
      { name: 'stack', at: this.member(0x28), size: sizes.stack },
      { name: 'debugger data', at: debuggerData, size: sizes.debuggerData },
      ...(family === 'C' ? [unloaded] : []),
      { name: 'driver list', at: this.member(0x30), size: 0x90 * this.member(0x34) },
      { name: 'strings', at: this.member(0x38), size: this.member(0x3c) },
      { name: 'block array', at: this.member(0x78), size: 0 },
    ];
    let expected = 0x2080;
    for (const { name, at, size } of order) {
      rule(`${name} follows straight`, at === expected);
      expected = at + size;
    }
  }

  #checkBlocks(family: Family, rule: (name: string, holds: boolean) => void): void {
    const { blocks, sizeOfDump } = this;
    let expected = this.member(0x78) + 16 * blocks.length;
    rule(
      'blocks are packed',
      blocks.every(({ offset, size }) => offset === expected && (expected += size) > 0),
    );
    const keys = blocks.map(({ address, size }) => `${address} ${size}`);
    rule('no block twice', new Set(keys).size === keys.length);
    const saved = blocks.reduce((sum, { size }) => sum + (-size & 7), 0);
    const zero = (from: number, to: number): boolean =>
      this.bytes.subarray(from, to).every((byte) => byte === 0);
    if (family === 'B') rule('fill', sizeOfDump - 4 === expected + saved && zero(expected, sizeOfDump - 4));
    if (family === 'C') {
      rule('fill', zero(expected, expected + saved) && this.text(expected + saved, 4) === 'TRGD');
      rule('fill to 0x200', zero(expected + saved + 4, sizeOfDump - 4));
    }
  }
}
