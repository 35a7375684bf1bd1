import { Fault, type Va, wrap64 } from '../base/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';

/** Bytes of a PE image by relative virtual address, wherever they are kept. */
export interface ImageReader {
  /** `mapped`: as the system laid it out in memory; `file`: as the linker wrote it. */
  readonly layout: 'mapped' | 'file';
  /** `length` bytes from `rva` on, or the Fault at the first missing one. The caller bounds the length. Never throws. */
  tryReadRva(rva: number, length: number): Uint8Array | Fault;
  /** The next RVA above `rva` that may be readable, given that `rva` is not; undefined behind the last one. */
  nextReadable?(rva: number): number | undefined;
}

/** An image in the memory of the crashed system. A Fault's address is a virtual address. */
export class MappedImage implements ImageReader {
  readonly layout = 'mapped';
  readonly base: Va;
  readonly #memory: VirtualMemory;
  readonly #size: number;

  /** `size` is SizeOfImage as the loader recorded it: nothing behind it belongs to the image. */
  constructor(memory: VirtualMemory, base: Va, size = 0x1_0000_0000) {
    this.#memory = memory;
    this.base = base;
    this.#size = size;
  }

  tryReadRva(rva: number, length: number): Uint8Array | Fault {
    const at = wrap64(this.base + BigInt(rva));
    if (rva < 0 || rva >= this.#size) return new Fault('not-present', at);
    const inside = Math.min(length, this.#size - rva);
    const bytes = this.#memory.tryRead(at, inside);
    if (bytes instanceof Fault || inside === length) return bytes;
    return new Fault('not-present', wrap64(at + BigInt(inside)), { got: bytes });
  }

  nextReadable(rva: number): number | undefined {
    const next = this.#memory.nextCandidate(wrap64(this.base + BigInt(rva)));
    const at = next === undefined || next < this.base ? undefined : Number(next - this.base);
    return at === undefined || at >= this.#size ? undefined : at;
  }
}

/** Why something is not known about an image. A value, not an exception. */
export class ImageProblem {
  /**
   * - `absent`: the bytes are not in the dump or file; nothing can be said
   * - `not-an-image`: the bytes are there, and are no PE image
   * - `no-directory`: the image says that it has no such table
   * - `damaged`: the table contradicts itself
   */
  readonly kind: 'absent' | 'not-an-image' | 'no-directory' | 'damaged';
  /** One plain sentence without a full stop. */
  readonly reason: string;
  readonly fault: Fault | undefined;

  constructor(kind: ImageProblem['kind'], reason: string, fault?: Fault) {
    this.kind = kind;
    this.reason = reason;
    this.fault = fault;
  }

  /** `what` could not be read. */
  static absent(what: string, fault: Fault): ImageProblem {
    return new ImageProblem('absent', `${what} cannot be read`, fault);
  }
}
