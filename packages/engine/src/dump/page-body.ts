import type { Warnings } from '../base/index.ts';
import type { BlockCache } from '../io/index.ts';
import type { DumpHeader } from './header.ts';
import type { PageIndex } from './physical-memory.ts';

/** What every reader of a page-bearing body gets. */
export interface BodyInput {
  readonly file: BlockCache;
  readonly header: DumpHeader;
  readonly warnings: Warnings;
}

/** The pages of a dump, and where they end in the file when they are all there (secondary data may follow). */
export interface PageBody {
  readonly pages: PageIndex;
  /** File offset behind the last page. May have to count pages: asked for only when it is needed. */
  end(): number;
}

/** PFNs above this are no machine's: 52-bit physical addresses. */
export const maxPfn = 2 ** 40;

/** Says how much of the pages is missing when the file is shorter than its container claims. */
export function warnIfTruncated({ file, warnings }: BodyInput, end: number): void {
  if (end <= file.size) return;
  const missing = Math.ceil((end - file.size) / 4096);
  if (missing >= maxPfn) {
    warnings.add('dump-truncated', 'the container claims an impossible number of pages');
    return;
  }
  warnings.add(
    'dump-truncated',
    `the file ends ${missing} page${missing === 1 ? '' : 's'} before the memory it describes`,
  );
}
