import type { Chain } from './chains.ts';

/**
 * The chains that make up a page, in their order: the one from its start, the best one to its end, and between them those
 * that fit one of their neighbours. Headers that are left over in freed memory make chains too, inside a block of another
 * chain: these are not taken, and neither are those that fit nothing.
 */
export function chooseChains(chains: readonly Chain[], units: number, start = 0): Chain[] {
  // What is in front of the rest of a large allocation's last page is that allocation's, whatever it looks like.
  const first =
    chains.find(({ isTail }) => isTail) ??
    chains.find((chain) => chain.first === start && chain.plausible > 0);
  if (first?.reachesEnd === true) return [first];
  const last = lastOf(chains, first, units);
  const between = resolve(chains, first, last);
  return [...(first === undefined ? [] : [first]), ...between, ...(last === undefined ? [] : [last])];
}

function lastOf(chains: readonly Chain[], first: Chain | undefined, units: number): Chain | undefined {
  const ending = chains.filter(
    (chain) => chain.reachesEnd && chain.first > (first?.last ?? -1) && isEnough(chain, first, undefined),
  );
  const whole = ending.filter((chain) => !ending.some((other) => other.last < chain.first));
  return bestOf(whole, (chain) => chain.plausible + (fitsLeft(chain, first) ? units : 0));
}

/** Two headers that agree are no accident; a single one has to fit what is around it. */
const isEnough = (chain: Chain, left: Chain | undefined, right: Chain | undefined): boolean =>
  chain.plausible >= 2 || (fitsLeft(chain, left) && (chain.reachesEnd || fitsRight(chain, right)));

/** Does it say that the block before it is the last one of `left`, or the one behind that? Or does it begin behind it? */
function fitsLeft(chain: Chain, left: Chain | undefined): boolean {
  if (left === undefined) return chain.leadsToStart;
  return chain.back === left.last || chain.back === left.end || chain.first === left.end;
}

/** Does it end where `right` begins, or where the block before that does? */
const fitsRight = (chain: Chain, right: Chain | undefined): boolean =>
  right !== undefined && (chain.end === right.first || chain.end === right.back || chain.last === right.back);

/** Do both say the same of what is between them: one block, or none and a wrong size? */
const agree = (left: Chain | undefined, right: Chain | undefined): boolean =>
  right !== undefined &&
  (left === undefined
    ? right.leadsToStart
    : right.back === left.end || right.back === left.last || right.first === left.end);

function resolve(chains: readonly Chain[], left: Chain | undefined, right: Chain | undefined): Chain[] {
  if (agree(left, right)) return [];
  const inside = chains.filter(
    (chain) =>
      chain.first > (left?.last ?? -1) &&
      chain.last < (right?.first ?? Infinity) &&
      !chain.reachesEnd &&
      !isLeftOver(chain, left),
  );
  const best = bestOf(inside, (chain) => {
    const fits = (fitsLeft(chain, left) ? 1 : 0) + (fitsRight(chain, right) ? 1 : 0);
    return fits > 0 && isEnough(chain, left, right) ? chain.plausible + fits : 0;
  });
  if (best === undefined) return [];
  return [...resolve(inside, left, best), best, ...resolve(inside, best, right)];
}

/** Inside the last block of `left`: what was there before that block was merged of several. */
const isLeftOver = (chain: Chain, left: Chain | undefined): boolean =>
  left !== undefined && chain.first < left.end && chain.end <= left.end;

/** The chain with the highest score; none where all are 0. */
function bestOf(chains: readonly Chain[], score: (chain: Chain) => number): Chain | undefined {
  let best: Chain | undefined;
  let most = 0;
  for (const chain of chains) {
    const points = score(chain);
    if (points > most) [best, most] = [chain, points];
  }
  return best;
}
