import { DebuggerError } from '../base/index.ts';
import { BMP_DUMP, type Fields, StructView, SUMMARY_DUMP32, SUMMARY_DUMP64 } from '../layouts/index.ts';
import { BitmapIndex } from './bitmap-index.ts';
import type { DumpHeader } from './header.ts';
import { type BodyInput, maxPfn, type PageBody, warnIfTruncated } from './page-body.ts';

/** Pages of 64 TB, more than any machine that wrote a dump. */
const maxBits = 2 ** 34;
const FDMP = 0x504d4446;
const SDMP = 0x504d4453;
const DUMP = 0x504d5544;

interface BitmapHeader {
  /** File offset of the first page. */
  readonly headerSize: number;
  readonly pages: number;
  readonly bits: number;
  /** File offset of the bitmap. */
  readonly bitmapAt: number;
}

/** Does a bitmap block start behind the header? Some writers put one there under another DumpType. */
export function hasBitmapBlock({ file, header }: Pick<BodyInput, 'file' | 'header'>): boolean {
  const signature = file.readU32(header.size);
  return (signature === FDMP || signature === SDMP) && file.readU32(header.size + 4) === DUMP;
}

/** Bitmap dumps of Windows 8 and later, and the kernel dumps of XP to Windows 7. See docs/formats/dump-bodies.md. */
export function readBitmapBody(input: BodyInput): PageBody {
  if (!hasBitmapBlock(input)) {
    throw new DebuggerError(
      'DUMP_BAD_BODY',
      'the bitmap block (FDMP or SDMP) behind the dump header is missing',
    );
  }
  const block = readBlock(input);
  const bits = checkedBits(input, block);
  const end = block.headerSize + Math.min(block.pages, maxPfn) * 4096;
  warnIfTruncated(input, end);
  const pages = new BitmapIndex(input.file, block.bitmapAt, bits, block.headerSize, block.pages);
  return { pages, end: () => endOfPages(input, block, pages) };
}

/** Bitmaps of more than 8 TB of memory are not counted: it would take seconds. */
const maxCounted = 2 ** 31;

/** The bitmap says where the pages end; the count in the header is only a claim. */
function endOfPages({ warnings }: BodyInput, block: BitmapHeader, index: BitmapIndex): number {
  const pages = index.limit <= maxCounted ? index.countBits() : block.pages;
  if (pages !== block.pages) {
    warnings.add('page-count', `the header claims ${pagesText(block.pages)}, the bitmap marks ${pages}`);
  }
  return block.headerSize + pages * 4096;
}

function readBlock(input: BodyInput): BitmapHeader {
  const modern = readModern(input);
  const old = readOld(input);
  // The header's type does not decide: the block whose first page lies right behind its bitmap does.
  if (isConsistent(modern, input.header)) return modern;
  if (isConsistent(old, input.header)) return old;
  return input.header.dumpType === 2 ? old : modern;
}

function isConsistent(block: BitmapHeader, header: DumpHeader): boolean {
  const bitmapEnd = block.bitmapAt + Math.ceil(block.bits / 8);
  const rounded = Math.ceil(bitmapEnd / 4096) * 4096;
  return (
    block.headerSize % 4096 === 0 &&
    block.headerSize >= bitmapEnd &&
    block.headerSize <= rounded + header.size
  );
}

function readModern({ file, header }: BodyInput): BitmapHeader {
  const view = new StructView(BMP_DUMP, padded(file.read(header.size, BMP_DUMP.size), BMP_DUMP.size));
  return {
    headerSize: Number(view.get('HeaderSize')),
    pages: Number(view.get('Pages')),
    bits: Number(view.get('BitmapSize')),
    bitmapAt: header.size + BMP_DUMP.size,
  };
}

function readOld({ file, header }: BodyInput): BitmapHeader {
  const of = header.bits === 64 ? SUMMARY_DUMP64 : SUMMARY_DUMP32;
  const view = new StructView<Fields>(of, padded(file.read(header.size, of.size), of.size));
  return {
    headerSize: view.get('HeaderSize') as number,
    pages: view.get('Pages') as number,
    bits: view.get('BitmapSize') as number,
    bitmapAt: header.size + of.size,
  };
}

function padded(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length >= size) return bytes;
  throw new DebuggerError('DUMP_TRUNCATED_HEADER', 'the file ends inside the bitmap block');
}

const pagesText = (count: number): string =>
  Number.isSafeInteger(count) ? `${count} pages` : 'an impossible number of pages';

/** The bitmap's length as far as the file can hold it. */
function checkedBits({ file, warnings }: BodyInput, block: BitmapHeader): number {
  const room = Math.min(maxBits, Math.max(0, Math.min(file.size, block.headerSize) - block.bitmapAt) * 8);
  if (block.bits <= room) return block.bits;
  warnings.add('bitmap-size', `the bitmap claims ${pagesText(block.bits)}; ${room} at most are read`);
  return room;
}
