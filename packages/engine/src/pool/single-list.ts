import { describeFault, type Va } from '../base/index.ts';
import type { ListEnd, ListEntry } from '../types/index.ts';
import type { Target } from '../windows/index.ts';
import type { PoolFormat } from './format.ts';
import { type BlockList, isEntry, type ListDamage, type ListedBlock, listedBlock } from './free-list.ts';
import type { ListBudget } from './list-budget.ts';

/** Blocks on a list that leads one way: put aside, or waiting to be freed. */
export type SingleList = BlockList;

/** Follows such a list as far as it makes sense; `walkOf` makes a walk of so many entries at most, from the first one on. */
export function singleList(
  target: Target,
  format: PoolFormat,
  budget: ListBudget,
  walkOf: (limit: number) => Generator<ListEntry, ListEnd>,
): SingleList {
  const list = follow(target, format, walkOf(Math.min(budget.limit, mostOfList)));
  budget.spend(list.blocks.length);
  return list;
}

/** The head of an interlocked list counts in 16 bits. */
const mostOfList = 0x1_0000;

function follow(target: Target, format: PoolFormat, walk: Generator<ListEntry, ListEnd>): SingleList {
  const blocks: ListedBlock[] = [];
  const damage: ListDamage[] = [];
  let before: Va | undefined;
  for (let step = walk.next(); ; step = walk.next()) {
    if (step.done === true) return { blocks, ...judgeEnd(step.value, damage) };
    const { link } = step.value;
    if (!isEntry(target, link)) {
      damage.push({ rule: 'link', at: before ?? link, found: link });
      return { blocks, damage, cut: 'a link leads to no entry' };
    }
    blocks.push(listedBlock(target, format, link));
    before = link;
  }
}

function judgeEnd({ kind, at, fault }: ListEnd, damage: readonly ListDamage[]): Omit<SingleList, 'blocks'> {
  if (kind === 'complete') return { damage, cut: undefined };
  if (kind === 'cycle') return { damage: [...damage, { rule: 'circle', at }], cut: 'it runs in a circle' };
  if (kind === 'limit') return { damage, cut: 'it is longer than is followed' };
  return { damage, cut: `an entry cannot be read: ${fault === undefined ? 'null' : describeFault(fault)}` };
}
