import type { TagTaker } from '../tables/tag-takers.ts';
import type { Destination } from './code.ts';
import type { Target } from './target.ts';
import type { FlowValue } from './value.ts';

/** A function on the way from the instruction to the one that takes the tag. */
export interface TagPassage {
  /** RVA of the call. */
  readonly at: number;
  /** RVA of the function that is called. */
  readonly target: number;
}

/** A call that gets the tag. */
export interface FlowUse {
  readonly seeds: readonly number[];
  /** RVA of the call or jump. */
  readonly at: number;
  readonly destination: Destination;
  readonly by: Target['by'];
  /** Undefined: what is called is not known. */
  readonly taker: TagTaker | undefined;
  /** Functions that hand it on, the first one first. */
  readonly through: readonly TagPassage[];
}

/** What became of the tag in one function and in those that it calls. */
export interface FlowSummary {
  readonly uses: FlowUse[];
  /** What it gives back. */
  result: FlowValue | undefined;
  /** x86: bytes of arguments that it takes from the stack; undefined where no return was seen. */
  popped: number | undefined;
  /** Registers that it writes to. */
  readonly changed: Set<string>;
  /** Not all of it could be followed. */
  isCut: boolean;
}

/** Calls that are told of one function. */
const mostUses = 64;

export const emptySummary = (): FlowSummary => ({
  uses: [],
  result: undefined,
  popped: undefined,
  changed: new Set(),
  isCut: false,
});

/** Takes in a call; each counts once, with all instructions that its tag comes from. */
export function addUse({ uses }: FlowSummary, use: FlowUse): void {
  const known = uses.find(
    ({ at, through }) =>
      at === use.at &&
      through.length === use.through.length &&
      through.every((each, index) => each.at === use.through[index]!.at),
  );
  if (known === undefined) {
    if (uses.length < mostUses) uses.push(use);
    return;
  }
  const seeds = [...new Set([...known.seeds, ...use.seeds])];
  uses[uses.indexOf(known)] = { ...use, seeds };
}
