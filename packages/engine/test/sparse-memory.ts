import { Fault, readU32, readU64, type Va } from '../src/base/index.ts';
import type { VirtualMemory } from '../src/mmu/index.ts';

/** Virtual memory with bytes where they were put, and nothing elsewhere. */
export class SparseMemory implements VirtualMemory {
  readonly kind = 'blocks';
  readonly #bytes = new Map<Va, number>();

  put(va: Va, bytes: Iterable<number>): this {
    let at = va;
    for (const byte of bytes) this.#bytes.set(BigInt.asUintN(64, at++), byte);
    return this;
  }

  putInteger(va: Va, value: bigint, length: number): this {
    return this.put(
      va,
      Array.from({ length }, (_, at) => Number((value >> BigInt(at * 8)) & 0xffn)),
    );
  }

  tryRead(va: Va, length: number): Uint8Array | Fault {
    const got: number[] = [];
    for (let at = 0; at < length; at++) {
      const byte = this.#bytes.get(BigInt.asUintN(64, va + BigInt(at)));
      if (byte === undefined) return new Fault('not-in-dump', va + BigInt(at), { got: Uint8Array.from(got) });
      got.push(byte);
    }
    return Uint8Array.from(got);
  }

  tryReadU64(va: Va): bigint | Fault {
    const bytes = this.tryRead(va, 8);
    return bytes instanceof Fault ? bytes : readU64(bytes, 0);
  }

  tryReadU32(va: Va): number | Fault {
    const bytes = this.tryRead(va, 4);
    return bytes instanceof Fault ? bytes : readU32(bytes, 0);
  }

  nextCandidate(): undefined {
    return undefined;
  }
}
