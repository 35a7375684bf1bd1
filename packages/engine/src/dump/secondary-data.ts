import { guidText } from '../base/index.ts';
import type { BlockCache } from '../io/index.ts';
import { DUMP_BLOB_FILE_HEADER, DUMP_BLOB_HEADER, StructView } from '../layouts/index.ts';

/** One record of secondary data: a GUID that says whose it is, and its bytes in the file. */
export interface SecondaryDataBlob {
  readonly guid: string;
  /** File offset of the data. */
  readonly offset: number;
  readonly size: number;
  /** False when the file ends inside the data. */
  readonly complete: boolean;
}

const maxBlobs = 4096;
const Dump = 0x706d7544;
const Blob = 0x626f6c42;

/** Records from file offset `start` on, up to the first that is not one; empty when there are none. */
export function readSecondaryData(file: BlockCache, start: number): SecondaryDataBlob[] {
  if (file.readU32(start) !== Dump || file.readU32(start + 4) !== Blob) return [];
  const headerSize = file.readU32(start + DUMP_BLOB_FILE_HEADER.fields.HeaderSize.offset);
  if (headerSize < DUMP_BLOB_FILE_HEADER.size || headerSize > 0x1000) return [];
  const blobs: SecondaryDataBlob[] = [];
  let at = start + headerSize;
  while (blobs.length < maxBlobs) {
    const bytes = file.read(at, DUMP_BLOB_HEADER.size);
    const view = new StructView(DUMP_BLOB_HEADER, bytes);
    if (bytes.length < DUMP_BLOB_HEADER.size || view.get('HeaderSize') !== DUMP_BLOB_HEADER.size) break;
    const offset = at + DUMP_BLOB_HEADER.size + view.get('PrePad');
    const size = view.get('DataSize');
    blobs.push({ guid: guidText(view.get('Tag')), offset, size, complete: offset + size <= file.size });
    at = offset + size + view.get('PostPad');
  }
  return blobs;
}
