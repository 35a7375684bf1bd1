import type { FileOffset } from '@poolscope/engine/base';
import { DUMP_BLOB_FILE_HEADER, DUMP_BLOB_HEADER } from '@poolscope/engine/layouts';
import { guidBytes } from '../bytes/guid.ts';
import { concatBytes, fourCc } from '../bytes/integers.ts';
import type { Piece } from '../bytes/piece.ts';
import { structBytes } from '../bytes/struct-writer.ts';

/** One record of the secondary data. */
export interface Blob {
  /** GUID in its text form, without braces. */
  readonly tag: string;
  readonly data: Uint8Array;
  /** Bytes between the record's header and the data. */
  readonly prePad?: number;
}

/** What callbacks of drivers add after the memory of a dump. */
export interface BlobFile {
  readonly build: number;
  readonly blobs: readonly Blob[];
}

/** Each record ends on a multiple of 8. */
const recordAlignment = 8;

function blobBytes({ build, blobs }: BlobFile): Uint8Array {
  const head = structBytes(DUMP_BLOB_FILE_HEADER, {
    Signature1: fourCc('Dump'),
    Signature2: fourCc('Blob'),
    HeaderSize: DUMP_BLOB_FILE_HEADER.size,
    BuildNumber: (0xf000_0000 | build) >>> 0,
  });
  return concatBytes([head, ...blobs.map(recordBytes)]);
}

export const blobSize = (file: BlobFile | undefined): number =>
  file === undefined ? 0 : blobBytes(file).length;

export function* blobPieces(file: BlobFile | undefined, offset: FileOffset): Generator<Piece> {
  if (file !== undefined) yield { offset, bytes: blobBytes(file) };
}

function recordBytes({ tag, data, prePad = 0 }: Blob): Uint8Array {
  const used = DUMP_BLOB_HEADER.size + prePad + data.length;
  const postPad = -used & (recordAlignment - 1);
  const head = structBytes(DUMP_BLOB_HEADER, {
    HeaderSize: DUMP_BLOB_HEADER.size,
    Tag: guidBytes(tag),
    DataSize: data.length,
    PrePad: prePad,
    PostPad: postPad,
  });
  return concatBytes([head, new Uint8Array(prePad), data, new Uint8Array(postPad)]);
}
