import { pageOf, type Va } from '../base/index.ts';
import type { ObjectKernel } from '../windows/index.ts';
import { billedProcesses } from './billed-process.ts';
import { findBitErrors, tryBits } from './bit-errors.ts';
import { blockOf } from './block.ts';
import { checkBlocks, commonIndex } from './block-rules.ts';
import { type Chain, findChains } from './chains.ts';
import { chooseChains } from './choose-chains.ts';
import { type PoolFormat, poolFormat } from './format.ts';
import { checkFreeLinks } from './free-links.ts';
import { decodeHeader, isPrintableTag } from './header.ts';
import type { PageVerdict, PoolBlock, PoolPage, PoolProblem } from './page.ts';
import { isZeroed, type PageBytes, readPage } from './page-bytes.ts';
import { compareChains, noSeam, type Seam } from './seams.ts';

/**
 * Reads the page of `va` as small pool blocks of the classic pool: walks it from its start, goes on behind damage where
 * headers agree again, and says what does not fit. Nothing is thrown; a page without headers is `unrecognized`. `start`, in
 * units: where small blocks begin on the last page of a large allocation.
 */
export function readPoolPage(kernel: ObjectKernel, va: Va, start?: number): PoolPage {
  const { memory } = kernel.target;
  const format = poolFormat(kernel);
  const bytes = { ...readPage(memory, pageOf(va)), ...(start !== undefined && { start }) };
  const page = examinePage(bytes, format);
  const links = page.blocks.flatMap((block) => checkFreeLinks(memory, format, block));
  return {
    ...page,
    blocks: billedProcesses(kernel, bytes, format, page.blocks),
    problems: [...page.problems, ...links],
    verdict: page.verdict === 'whole' && links.length > 0 ? 'damaged' : page.verdict,
  };
}

/** The same of bytes alone: what needs other memory, links and processes, is not looked at. */
export function examinePage(page: PageBytes, format: PoolFormat): PoolPage {
  const chains = chooseChains(findChains(page, format), format.units, page.start);
  const blocks = blocksOf(page, format, chains);
  const seams = seamsOf(page, format, chains);
  const own = [...firstHeader(page, format, blocks), ...checkBlocks(blocks, format.encoding)];
  const problems = [...seams.problems, ...own].sort((a, b) => Number(a.at - b.at));
  const index = commonIndex(blocks);
  return {
    address: page.address,
    verdict: verdictOf(page, chains, problems, seams),
    blocks,
    problems,
    unexplained: seams.unexplained,
    expected: seams.expected.map((header) => ({ ...header, index })),
    bitErrors: bitErrorsOf(page, format, chains, own, index),
    oddTags: blocks
      .filter(({ state, tagValue }) => state !== 'free' && !isPrintableTag(tagValue))
      .map(({ address }) => address),
    isZeroed: isZeroed(page),
    ...tailOf(page, format, chains),
  };
}

function verdictOf(
  { mask }: PageBytes,
  chains: readonly Chain[],
  problems: readonly PoolProblem[],
  { unexplained }: Seam,
): PageVerdict {
  if (!mask.includes(1)) return 'missing';
  if (chains.length === 0) return 'unrecognized';
  if (problems.length > 0) return 'damaged';
  return unexplained.length > 0 ? 'incomplete' : 'whole';
}

function blocksOf(page: PageBytes, format: PoolFormat, chains: readonly Chain[]): PoolBlock[] {
  const offsets = chains.flatMap((chain) => chain.offsets.map((unit) => unit * format.unit));
  const headers = offsets.map((at) => ({ at, header: decodeHeader(page.bytes, at, format) }));
  const usesInUseBit = headers.some(({ header }) => (header.type & 4) !== 0);
  return headers.map(({ at, header }) =>
    blockOf(header, page.address + BigInt(at), format.encoding, usesInUseBit),
  );
}

/** Where small blocks begin behind the end of a large allocation. */
function tailOf(
  { address, start }: PageBytes,
  { unit }: PoolFormat,
  [first]: readonly Chain[],
): Pick<PoolPage, 'tail'> {
  const at = start ?? (first?.isTail === true ? first.first : undefined);
  return at === undefined ? {} : { tail: address + BigInt(at * unit) };
}

function firstHeader(
  { address, start = 0 }: PageBytes,
  { unit }: PoolFormat,
  [first]: readonly PoolBlock[],
): PoolProblem[] {
  const at = address + BigInt(start * unit);
  if (first === undefined || first.address !== at || first.previousSize === 0) return [];
  return [{ rule: 'first-previous-size', at, found: BigInt(first.previousSize), expected: 0n }];
}

/** Between every two chains, before the first and behind the last. */
function seamsOf(page: PageBytes, format: PoolFormat, chains: readonly Chain[]): Seam {
  if (chains.length === 0) return noSeam;
  const seams = [undefined, ...chains].map((left, at) => compareChains(page, format, left, chains[at]));
  return {
    problems: seams.flatMap(({ problems }) => problems),
    unexplained: seams.flatMap(({ unexplained }) => unexplained),
    expected: seams.flatMap(({ expected }) => expected),
  };
}

function bitErrorsOf(
  page: PageBytes,
  format: PoolFormat,
  chains: readonly Chain[],
  own: readonly PoolProblem[],
  index: number | undefined,
): PoolPage['bitErrors'] {
  const [chain] = chains;
  if (chain === undefined || page.mask.includes(0) || page.start !== undefined) return [];
  if (chains.length > 1 || !chain.reachesEnd || chain.first !== 0)
    return findBitErrors(page, format, chains, index);
  const places = own
    .filter(({ rule }) => rule !== 'pool')
    .map(({ at }) => Number(at - page.address) / format.unit);
  return places.length === 1 ? tryBits(page, format, places[0]!, index) : [];
}
