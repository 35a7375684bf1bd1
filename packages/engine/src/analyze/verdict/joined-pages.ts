import { pageSize, type Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import {
  describePool,
  type PageBytes,
  type PoolPage,
  type PoolPageReport,
  readPage,
} from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';

/** Pages of small blocks that lie behind one another, read as one. */
export interface JoinedPages {
  readonly page: PoolPage;
  readonly read: PageBytes;
}

/** Pages that one write is followed back over. */
const mostPages = 4;

/** Damage that begins with a page may go on from the page before: the page where it began. */
export function whereDamageBegan(system: CrashedSystem, report: PoolPageReport): PoolPageReport {
  let first = report;
  for (let count = 0; count < mostPages && beginsDamaged(first.page); count++) {
    const before = classicAt(system, first.page.address - BigInt(pageSize));
    if (before === undefined || !endsDamaged(before.page)) break;
    first = before;
  }
  return first;
}

/** A damaged page with the one before it, whose last block may have been written past its end, and the one that a write goes on in. */
export function joinPages(system: CrashedSystem, { page }: PoolPageReport): JoinedPages {
  const before = beginsDamaged(page) ? classicAt(system, page.address - BigInt(pageSize)) : undefined;
  const behind = endsDamaged(page) ? classicAt(system, page.address + BigInt(pageSize)) : undefined;
  const all = [
    ...(before !== undefined && endsWhole(before.page) ? [before.page] : []),
    page,
    ...(behind !== undefined && beginsDamaged(behind.page) ? [behind.page] : []),
  ];
  return { page: joined(page, all), read: readAll(system, all) };
}

/** What is damaged is that of the page itself. */
const joined = (page: PoolPage, all: readonly PoolPage[]): PoolPage => ({
  ...page,
  address: all[0]!.address,
  blocks: all.flatMap(({ blocks }) => blocks),
});

function readAll({ memory }: CrashedSystem, all: readonly PoolPage[]): PageBytes {
  const pages = all.map(({ address }) => readPage(memory, address));
  const join = (part: (page: PageBytes) => Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(pages.length * pageSize);
    for (const [index, page] of pages.entries()) bytes.set(part(page), index * pageSize);
    return bytes;
  };
  return { ...pages[0]!, bytes: join(({ bytes }) => bytes), mask: join(({ mask }) => mask) };
}

function classicAt(system: CrashedSystem, va: Va): PoolPageReport | undefined {
  const report = runToEnd(describePool(system, va));
  return report.kind === 'classic' && report.big?.found === undefined ? report : undefined;
}

const isDamaged = ({ reason }: PoolPage['unexplained'][number]): boolean => reason === 'damaged';

const beginsDamaged = ({ unexplained, address }: PoolPage): boolean =>
  unexplained.some((extent) => extent.start === address && isDamaged(extent));

const endsDamaged = ({ unexplained, address }: PoolPage): boolean =>
  unexplained.some((extent) => extent.end === address + BigInt(pageSize) && isDamaged(extent));

const endsWhole = ({ blocks, address }: PoolPage): boolean =>
  blocks.some((block) => block.address + BigInt(block.size) === address + BigInt(pageSize));
