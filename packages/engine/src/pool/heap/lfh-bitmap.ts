import type { LfhHeader } from './lfh-header.ts';

/** Two bits a block: is it busy, and is a count of unused bytes at its end? */
export class LfhBitmap {
  readonly bytes: Uint8Array;
  readonly count: number;

  /** `bytes` end where the dump has no more. */
  constructor(bytes: Uint8Array, { blockCount }: Pick<LfhHeader, 'blockCount'>) {
    this.bytes = bytes;
    this.count = blockCount;
  }

  /** Undefined: these bits are not in the dump. */
  isBusy(slot: number): boolean | undefined {
    const bits = this.bits(slot);
    return bits === undefined ? undefined : (bits & 1) !== 0;
  }

  /** Is it busy, and are its unused bytes counted? */
  hasUnusedBytes(slot: number): boolean {
    return this.bits(slot) === 3;
  }

  /** Bit 0 busy, bit 1 unused bytes. */
  bits(slot: number): number | undefined {
    const byte = this.bytes[slot >> 2];
    return byte === undefined ? undefined : (byte >> ((slot & 3) * 2)) & 3;
  }

  /** Are all bits behind the last block set, as the kernel sets them? Undefined: they are not in the dump. */
  get isTailSet(): boolean | undefined {
    if (this.bytes.length * 4 < this.count) return undefined;
    for (let slot = this.count; slot < this.bytes.length * 4; slot++) if (this.bits(slot) !== 3) return false;
    return true;
  }
}
