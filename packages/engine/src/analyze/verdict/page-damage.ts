import { pageSize, type Va } from '../../base/index.ts';
import type { PageBytes, PoolBlock, PoolFormat, PoolPage, PoolProblem } from '../../pool/index.ts';
import {
  type DamagedPage,
  type FindCopied,
  isKernelValue,
  isKernelWord,
  offsetIn,
  type PageDamage,
  spanOf,
} from './damage-span.ts';
import { readHeaderHit } from './header-hit.ts';
import { payloadAt } from './payload.ts';

/** What is known beside the page: bytes that stand elsewhere too, and tags of the machine. */
export interface DamageContext {
  readonly copied?: FindCopied;
  readonly tags?: Iterable<number>;
  /** Headers of blocks that a list of free ones leads to. */
  readonly listed?: Iterable<Va>;
}

/** Reads the damage of a page: one for each place where its headers stop making sense, and for each broken free block. */
export function readDamage(
  page: PoolPage,
  read: PageBytes,
  format: PoolFormat,
  { copied = () => undefined, tags = [], listed = [] }: DamageContext = {},
): PageDamage[] {
  const damaged = { page, read, format, tags, copied, listed: new Set(listed) };
  const extents = page.unexplained.filter(({ reason }) => reason === 'damaged');
  return [...extents.map((extent) => readHeaderHit(damaged, extent)), ...freedBlocks(damaged)];
}

/** Free blocks whose header is whole and whose links are not. */
function freedBlocks(damaged: DamagedPage): PageDamage[] {
  const { problems, blocks } = damaged.page;
  const links = problems.filter(
    (problem) => isDestroyed(damaged, problem) && !isHalfway(damaged, problem.at),
  );
  return blocks.flatMap((block) => {
    const end = block.address + BigInt(block.size);
    const link = links.find(({ at }) => at > block.address && at < end);
    const isWhole = problems.every(({ rule, at }) => rule === 'free-link' || at !== block.address);
    return link === undefined || !isWhole ? [] : [freedBlock(damaged, block, link.at)];
  });
}

/** A link that leads nowhere. One that leads to another entry may be one that the allocator has changed just now. */
const isDestroyed = ({ format }: DamagedPage, { rule, found }: PoolProblem): boolean =>
  rule === 'free-link' && typeof found === 'bigint' && !isLink(found, format.unit / 2);

/** Can a value be the address of an entry: where words are, and not in the last page of all, where error codes end? */
const isLink = (value: bigint, size: number): boolean =>
  isKernelValue(value, size) &&
  value % BigInt(size) === 0n &&
  BigInt.asUintN(8 * size, value) < (1n << BigInt(8 * size)) - BigInt(pageSize);

/** A block that is put into a list right now: it leads to the next one already, and nothing else is written yet. */
function isHalfway({ page, format, read, listed }: DamagedPage, link: Va): boolean {
  const block = page.blocks.find(({ address }) => address + BigInt(format.unit * 1.5) === link);
  const forward = link - BigInt(format.unit / 2);
  const isBroken = page.problems.some(({ rule, at }) => rule === 'free-link' && at === forward);
  const at = Number(forward - page.address);
  return (
    block !== undefined &&
    !listed.has(block.address) &&
    !isBroken &&
    isKernelWord(read.bytes, at, format.unit / 2)
  );
}

function freedBlock(damaged: DamagedPage, block: PoolBlock, link: Va): PageDamage {
  const { unit } = damaged.format;
  const [head, at] = [offsetIn(damaged, block.address), offsetIn(damaged, link)];
  const payload = payloadAt(damaged.read.bytes, at, head + unit);
  const start = payload?.start ?? at;
  const end = Math.min(head + block.size, payload?.end ?? at + unit / 2);
  const victim = { at: block.address, size: block.size, block };
  return { ...spanOf(damaged, 'freed-block', [start, end], payload), victim, block, rules: ['header-free'] };
}
