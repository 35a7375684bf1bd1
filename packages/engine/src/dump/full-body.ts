import { DebuggerError } from '../base/index.ts';
import {
  type Fields,
  PHYSICAL_MEMORY_DESCRIPTOR32,
  PHYSICAL_MEMORY_DESCRIPTOR64,
  PHYSICAL_MEMORY_RUN32,
  PHYSICAL_MEMORY_RUN64,
  StructView,
} from '../layouts/index.ts';
import type { DumpHeader } from './header.ts';
import { type BodyInput, maxPfn, type PageBody, warnIfTruncated } from './page-body.ts';
import { overlaps, type PageRun, RunIndex } from './run-index.ts';

/** Full dump: the runs of the header, stored back to back behind it. See docs/formats/dump-bodies.md. */
export function readFullBody(input: BodyInput): PageBody {
  const runs = readRuns(input);
  const last = runs.at(-1);
  const end = last === undefined ? input.header.size : last.offset + last.count * 4096;
  if (overlaps(runs))
    input.warnings.add('runs-overlap', 'runs of physical memory overlap; the lower one is used');
  warnIfTruncated(input, end);
  return { pages: new RunIndex(runs), end: () => end };
}

function readRuns({ header, warnings }: BodyInput): PageRun[] {
  const block = header.physicalMemoryBlock;
  if (block === undefined)
    throw new DebuggerError('DUMP_BAD_BODY', 'the header of this full dump describes no physical memory');
  const { descriptor, runSize, runAt } = shapes(header, block);
  const room = Math.floor((block.length - descriptor.layout.size) / runSize);
  const claimed = descriptor.get('NumberOfRuns') as number;
  if (claimed > room)
    warnings.add('run-count', `the header claims ${claimed} runs of memory and has room for ${room}`);
  const runs: PageRun[] = [];
  let offset = header.size;
  for (let index = 0; index < Math.min(claimed, room); index++) {
    const { base, count } = runAt(index);
    if (base >= maxPfn || count > maxPfn || base + count > maxPfn) {
      warnings.add(
        'run-range',
        `run ${index} of physical memory is out of range; it and the runs behind it are left out`,
      );
      break;
    }
    runs.push({ base, count, offset });
    offset += count * 4096;
  }
  checkTotal(Number(descriptor.get('NumberOfPages')), runs, warnings);
  return runs;
}

function checkTotal(claimed: number, runs: readonly PageRun[], warnings: BodyInput['warnings']): void {
  const total = runs.reduce((sum, run) => sum + run.count, 0);
  if (total !== claimed)
    warnings.add('page-count', `the header claims ${claimed} pages, its runs hold ${total}`);
}

function shapes(header: DumpHeader, block: Uint8Array) {
  const wide = header.bits === 64;
  const descriptor = new StructView<Fields>(
    wide ? PHYSICAL_MEMORY_DESCRIPTOR64 : PHYSICAL_MEMORY_DESCRIPTOR32,
    block,
  );
  const of = wide ? PHYSICAL_MEMORY_RUN64 : PHYSICAL_MEMORY_RUN32;
  const runAt = (index: number) => {
    const view = new StructView<Fields>(of, block, descriptor.layout.size + index * of.size);
    return { base: Number(view.get('BasePage')), count: Number(view.get('PageCount')) };
  };
  return { descriptor, runSize: of.size, runAt };
}
