import type { Va } from '../base/index.ts';
import type { Piece } from '../mmu/index.ts';

/** The parts of pieces that lie in pages which may be written to. */
export function* writablePieces(
  pieces: Iterable<Piece>,
  isWritable: (va: Va) => boolean,
): Generator<Piece, void> {
  for (const { va, bytes } of pieces) {
    if (bytes.length === 0) yield { va, bytes };
    for (let at = 0; at < bytes.length; ) {
      const from = at;
      const writable = isWritable(va + BigInt(at));
      do at = Math.min(bytes.length, at + 0x1000 - Number((va + BigInt(at)) & 0xfffn));
      while (at < bytes.length && isWritable(va + BigInt(at)) === writable);
      if (writable) yield { va: va + BigInt(from), bytes: bytes.subarray(from, at) };
    }
  }
}
