import type { FileOffset } from '@poolscope/engine/base';

/**
 * A part of a file to be written. Pieces come in file order; bytes between two pieces are zero, so that a host
 * can leave holes in the file. The last piece always ends where the file ends.
 */
export interface Piece {
  readonly offset: FileOffset;
  readonly bytes: Uint8Array;
}

/** All pieces in one array: for files that fit in memory. */
export function joinPieces(pieces: Iterable<Piece>): Uint8Array {
  const list = [...pieces];
  const size = list.reduce((end, { offset, bytes }) => Math.max(end, offset + bytes.length), 0);
  const file = new Uint8Array(size);
  for (const { offset, bytes } of list) file.set(bytes, offset);
  return file;
}
