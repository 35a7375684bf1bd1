import { pageSize } from '@poolscope/engine/base';
import { BMP_DUMP, PFN_RANGE, RDMP_DUMP, SUMMARY_DUMP32, SUMMARY_DUMP64 } from '@poolscope/engine/layouts';
import { alignUp, concatBytes, fourCc } from '../bytes/integers.ts';
import type { Piece } from '../bytes/piece.ts';
import { StructWriter, structBytes } from '../bytes/struct-writer.ts';
import { checkOption } from '../check-option.ts';
import { countPages, type PageRun, type PageSource } from '../memory/page-source.ts';
import { type BlobFile, blobPieces, blobSize } from './blobs.ts';
import { type DumpHeaderFields, dumpHeader, headerSize, maximumRuns } from './header.ts';
import { pageBitmap } from './page-bitmap.ts';
import { packPages } from './page-pieces.ts';

/** Header fields that the writer of a body does not work out itself. */
export type HeaderFacts = Omit<DumpHeaderFields, 'dumpType' | 'requiredDumpSpace' | 'runs'>;

/** Pages of physical memory, to be written as a dump. */
export interface PageDump {
  readonly header: HeaderFacts;
  /** RAM of the machine; its runs go into the header, as far as they fit. */
  readonly memory: PageSource;
  /** Pages to write; all of RAM when absent. */
  readonly pages?: readonly PageRun[] | undefined;
  readonly blobs?: BlobFile | undefined;
}

/** Values of DumpType for range dumps: kernel, kernel and user, complete. */
export type RangeDumpType = 8 | 9 | 0xa;

/** Type 1: the runs of the header, packed. */
export function* fullDump(dump: PageDump): Generator<Piece> {
  const pages = dump.pages ?? dump.memory.runs;
  const limit = maximumRuns(dump.header.wide);
  checkOption(pages.length <= limit, `a full dump has at most ${limit} runs, not ${pages.length}`);
  yield* pageDump({ ...dump, pages }, 1, new Uint8Array(0), pages);
}

/** Types 5 and 6 (Windows 8 and later): a bitmap of pages, then these pages. */
export function* bitmapDump(
  dump: PageDump,
  type: 5 | 6,
  signature = type === 5 ? 'FDMP' : 'SDMP',
): Generator<Piece> {
  const pages = dump.pages ?? dump.memory.runs;
  const { bits, bytes } = pageBitmap(pages);
  const block = new Uint8Array(alignUp(BMP_DUMP.size + bytes.length, pageSize));
  new StructWriter(BMP_DUMP, block).setAll({
    Signature: fourCc(signature),
    ValidDump: fourCc('DUMP'),
    DumpOptions: 1,
    HeaderSize: BigInt(headerSize(dump.header.wide) + block.length),
    Pages: BigInt(countPages(pages)),
    BitmapSize: BigInt(bits),
  });
  block.set(bytes, BMP_DUMP.size);
  yield* pageDump({ ...dump, pages }, type, block);
}

/** Type 2 (kernel dumps up to Windows 7): the same with an older, smaller head. */
export function* summaryDump(dump: PageDump): Generator<Piece> {
  const { wide } = dump.header;
  const pages = dump.pages ?? dump.memory.runs;
  const { bits, bytes } = pageBitmap(pages);
  const headSize = wide ? SUMMARY_DUMP64.size : SUMMARY_DUMP32.size;
  const block = new Uint8Array(alignUp(headSize + bytes.length, pageSize));
  const values = {
    Signature: fourCc('SDMP'),
    ValidDump: fourCc('DUMP'),
    DumpOptions: 1,
    HeaderSize: headerSize(wide) + block.length,
    BitmapSize: bits,
    Pages: countPages(pages),
    SizeOfBitMap: bits,
  };
  if (wide) new StructWriter(SUMMARY_DUMP64, block).setAll(values);
  else new StructWriter(SUMMARY_DUMP32, block).setAll(values);
  block.set(bytes, headSize);
  yield* pageDump({ ...dump, pages }, 2, block);
}

/** Types 8, 9 and 0xA (written by current debuggers): ranges of pages, then these pages. */
export function* rangeDump(dump: PageDump, type: RangeDumpType): Generator<Piece> {
  checkOption(dump.header.wide, 'range dumps are known with a 64-bit header only');
  const pages = dump.pages ?? dump.memory.runs;
  checkOption(
    pages.every(({ basePage }) => basePage > 0),
    'page 0 ends the list of a range dump',
  );
  const start = headerSize(true);
  const ranges = pages.map(({ basePage, pageCount }) =>
    structBytes(PFN_RANGE, { FirstPfn: BigInt(basePage), PageCount: BigInt(pageCount) }),
  );
  const metadataEnd = RDMP_DUMP.size + ranges.length * PFN_RANGE.size + PFN_RANGE.size;
  const block = new Uint8Array(alignUp(metadataEnd, pageSize));
  const writer = new StructWriter(RDMP_DUMP, block).setAll({
    Marker: 0x40,
    Signature: fourCc('RDMP'),
    ValidDump: fourCc('DUMP'),
    MetadataSize: BigInt(block.length - 0x20),
    FirstPageOffset: BigInt(start + block.length),
  });
  if (type === 0xa)
    writer.setAll({ NumberOfRanges: ranges.length, TotalNumberOfPages: BigInt(countPages(pages)) });
  block.set(concatBytes(ranges), RDMP_DUMP.size);
  yield* pageDump({ ...dump, pages }, type, block);
}

/** Type 3: the header alone. */
export function* headerDump({ header, memory, blobs }: PageDump): Generator<Piece> {
  yield* pageDump({ header, memory, pages: [], blobs }, 3, new Uint8Array(0));
}

function* pageDump(
  { header, memory, pages = [], blobs }: PageDump,
  dumpType: number,
  block: Uint8Array,
  runs = headerRuns(header.wide, memory.runs),
): Generator<Piece> {
  const start = headerSize(header.wide);
  const firstPage = start + block.length;
  const memoryEnd = firstPage + countPages(pages) * pageSize;
  const requiredDumpSpace = memoryEnd + blobSize(blobs);
  yield { offset: 0, bytes: dumpHeader({ ...header, dumpType, requiredDumpSpace, runs }) };
  if (block.length > 0) yield { offset: start, bytes: block };
  yield* packPages(memory, pages, firstPage);
  yield* blobPieces(blobs, memoryEnd);
}

/** The RAM's runs, or none at all when there are more than a header can hold. */
const headerRuns = (wide: boolean, runs: readonly PageRun[]): readonly PageRun[] | undefined =>
  runs.length <= maximumRuns(wide) ? runs : undefined;
