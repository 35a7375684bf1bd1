import { DebuggerError } from '../base/index.ts';
import { PFN_RANGE, RDMP_DUMP, StructView } from '../layouts/index.ts';
import { DumpType } from './dump-type.ts';
import { type BodyInput, maxPfn, type PageBody, warnIfTruncated } from './page-body.ts';
import { overlaps, type PageRun, RunIndex } from './run-index.ts';

const RDMP = 0x504d4452;
const DUMP = 0x504d5544;
const chunkEntries = 4096;

/** Dumps written by current debuggers: PFN ranges, pages packed in range order. See docs/formats/dump-bodies.md. */
export function readRangeBody(input: BodyInput): PageBody {
  const { file, header, warnings } = input;
  const bytes = file.read(header.size, RDMP_DUMP.size);
  const view = new StructView(RDMP_DUMP, bytes);
  if (bytes.length < RDMP_DUMP.size || view.get('Signature') !== RDMP || view.get('ValidDump') !== DUMP) {
    throw new DebuggerError('DUMP_BAD_BODY', 'the range block (RDMP) behind the dump header is missing');
  }
  const firstPage = Number(view.get('FirstPageOffset'));
  const metadata = Number(view.get('MetadataSize'));
  if (metadata - 0x20 !== firstPage - header.size - 0x40) {
    warnings.add(
      'range-sizes',
      'the sizes in the range block contradict each other; the offset of the first page is used',
    );
  }
  const complete = header.dumpType === DumpType.RangeComplete;
  const totalPages = complete ? Number(view.get('TotalNumberOfPages')) : Number.POSITIVE_INFINITY;
  const runs = readRanges(input, firstPage, totalPages);
  if (overlaps(runs))
    warnings.add('runs-overlap', 'ranges of physical memory overlap; the lower one is used');
  const last = runs.at(-1);
  const end = last === undefined ? firstPage : last.offset + last.count * 4096;
  warnIfTruncated(input, end);
  return { pages: new RunIndex(runs), end: () => end };
}

/** Ranges until the list ends: a zero PFN (kernel forms), the page count (complete form), or the first page. */
function readRanges({ file, header, warnings }: BodyInput, firstPage: number, totalPages: number): PageRun[] {
  const start = header.size + RDMP_DUMP.size;
  const entries = Math.floor((Math.min(firstPage, file.size) - start) / PFN_RANGE.size);
  const runs: PageRun[] = [];
  let offset = firstPage;
  let pages = 0;
  let bytes = new Uint8Array(0);
  for (let index = 0; index < entries && pages < totalPages; index++) {
    const within = index % chunkEntries;
    if (within === 0)
      bytes = file.read(
        start + index * PFN_RANGE.size,
        chunkEntries * PFN_RANGE.size,
      ) as Uint8Array<ArrayBuffer>;
    const view = new StructView(PFN_RANGE, bytes, within * PFN_RANGE.size);
    if (!view.has('PageCount')) break;
    const base = Number(view.get('FirstPfn'));
    const count = Number(view.get('PageCount'));
    if (base === 0 && (index > 0 || count === 0) && totalPages === Number.POSITIVE_INFINITY) break;
    if (base >= maxPfn || count > maxPfn - base || count === 0) {
      warnings.add(
        'run-range',
        `range ${index} of physical memory is out of range; it and those behind it are left out`,
      );
      break;
    }
    runs.push({ base, count, offset });
    offset += count * 4096;
    pages += count;
  }
  return runs;
}
