import type { TagUse } from '../tables/tag-takers.ts';
import type { KeptTag } from './memory.ts';
import type { FlowUse } from './summary.ts';

/** What a piece of code does with a tag, and how far that is to be believed. */
export interface TagJudgement {
  /** `compares`: it only looks at one; `unknown`: nothing tells. */
  readonly use: TagUse | 'compares' | 'unknown';
  /**
   * - `strong`: the tag was followed to where a function that takes one expects it
   * - `likely`: the same with a step that is not proven, or it is handed to a function of which nothing is known
   * - `weak`: the number is there, and no more is known
   */
  readonly trust: 'strong' | 'likely' | 'weak';
  /** Half a sentence for people. */
  readonly reason: string;
}

const origins: Readonly<Record<Exclude<KeptTag, 'contexts'>, string>> = {
  constant: 'read from constant data, ',
  variable: 'read from a variable that can be written, ',
  table: 'one of the values of a table, ',
  member: 'kept in a structure first, ',
  result: 'given back by a function, ',
};

/** Judges what became of a tag. `use`: the call that gets it, as far as it could be followed. */
export function judgeTagUse(
  isComparison: boolean,
  use: FlowUse | undefined,
  kept: KeptTag | undefined,
): TagJudgement {
  if (isComparison) return { use: 'compares', trust: 'weak', reason: 'and hands it to nobody' };
  if (kept === 'contexts')
    return { use: 'allocates', trust: 'strong', reason: 'the filter manager allocates contexts with it' };
  if (use === undefined)
    return { use: 'unknown', trust: 'weak', reason: 'no call gets it, as far as the code can be followed' };
  const { taker } = use;
  if (taker === undefined)
    return { use: 'unknown', trust: 'likely', reason: 'it is an argument of a function without a name' };
  const isProven = kept === undefined || kept === 'constant' || kept === 'result';
  const origin = kept === undefined ? '' : origins[kept];
  const place = `argument ${taker.argument}`;
  const where = taker.member === undefined ? place : `in the structure of ${place}`;
  return {
    use: taker.use,
    trust: isProven ? 'strong' : 'likely',
    reason: `${origin}it is ${where}`,
  };
}
