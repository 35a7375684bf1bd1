import { pageSize, type Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import {
  describePool,
  type PageBytes,
  type PoolBlock,
  type PoolPage,
  type PoolPageReport,
  readPage,
} from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';

/** Pages of small blocks that lie behind one another, read as one. */
export interface JoinedPages {
  readonly page: PoolPage;
  readonly read: PageBytes;
  /** The large allocation that ends where the page begins; among the blocks its last page stands for it. */
  readonly large: LargeBefore | undefined;
}

interface LargeBefore {
  readonly address: Va;
  readonly size: bigint;
  readonly tag: string;
  /** That stands for it. */
  readonly block: PoolBlock;
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
  const isBegun = beginsDamaged(page);
  const before = isBegun ? classicAt(system, page.address - BigInt(pageSize)) : undefined;
  const large = isBegun && before === undefined ? largeBefore(system, page) : undefined;
  const lastOfLarge =
    large === undefined ? [] : [{ ...page, address: large.block.address, blocks: [large.block] }];
  const behind = endsDamaged(page) ? classicAt(system, page.address + BigInt(pageSize)) : undefined;
  const all = [
    ...(before !== undefined && endsWhole(before.page) ? [before.page] : []),
    ...lastOfLarge,
    page,
    ...(behind !== undefined && beginsDamaged(behind.page) ? [behind.page] : []),
  ];
  return { page: joined(page, all), read: readAll(system, all), large };
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

/** The large allocation on the page before, where it reaches up to this one. */
function largeBefore(system: CrashedSystem, { address, blocks }: PoolPage): LargeBefore | undefined {
  const last = address - BigInt(pageSize);
  const report = runToEnd(describePool(system, last));
  const found = report.kind === 'classic' ? report.big?.found : undefined;
  if (found === undefined || found.address > last) return undefined;
  const end = found.address + found.size;
  const paged = blocks.find((block) => block.paged !== undefined)?.paged;
  if (end <= last || end > address) return undefined;
  const block = { ...noHeader, address: last, size: pageSize, paged, tag: found.tag };
  return { address: found.address, size: found.size, tag: found.tag, block };
}

/** What a header would say of memory that has none. */
const noHeader = {
  previousSize: 0,
  index: 0,
  type: 2,
  state: 'allocated',
  session: false,
  quota: false,
  billed: undefined,
  tagValue: 0,
  isProtected: false,
} as const;

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
