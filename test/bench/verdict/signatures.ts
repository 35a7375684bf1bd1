import type { CaseResult } from './cases.ts';
import type { Share } from './tally.ts';

/** Two verdicts, and what of their circumstances is the same. */
interface Pair {
  readonly first: CaseResult;
  readonly second: CaseResult;
}

/** One line of what is measured of signatures. */
export interface SignatureLine {
  readonly what: string;
  readonly share: Share;
}

/** Of one kind of dumps all signatures, without those of verdicts that are not right: these are other crashes to the reader. */
export function signatureLines(results: readonly CaseResult[]): SignatureLine[] {
  const known = results.filter(({ signature, dump }) => signature !== undefined && dump === 'bitmap-kernel');
  const named = known.filter(({ symbols }) => symbols);
  const pairs = [...pairsOf(named)];
  const same = pairs.filter(({ first, second }) => first.story === second.story);
  const isOneSignature = ({ first, second }: Pair): boolean => first.signature === second.signature;
  const ofScenarios = pairs.filter(({ first, second }) => first.scenario !== second.scenario);
  return [
    {
      what: 'same story, other boot: same signature',
      share: shareOf(
        same.filter(({ first, second }) => isOneScenario(first, second) && first.build === second.build),
        isOneSignature,
      ),
    },
    {
      what: 'same story, other build of Windows: same signature',
      share: shareOf(
        same.filter(({ first, second }) => isOneScenario(first, second) && first.build !== second.build),
        isOneSignature,
      ),
    },
    {
      what: 'same dump, with symbols and without: same signature',
      share: shareOf(
        named.flatMap((first) =>
          known.filter((second) => isSameDump(first, second)).map((second) => ({ first, second })),
        ),
        isOneSignature,
      ),
    },
    {
      what: 'other scenario: other signature',
      share: shareOf(ofScenarios, (pair) => !isOneSignature(pair)),
    },
    {
      what: 'other scenario, and another driver, tag, size or length: other signature',
      share: shareOf(
        ofScenarios.filter(({ first, second }) => first.story !== second.story),
        (pair) => !isOneSignature(pair),
      ),
    },
  ];
}

const isOneScenario = (first: CaseResult, second: CaseResult): boolean => first.scenario === second.scenario;

const isSameDump = (first: CaseResult, second: CaseResult): boolean =>
  !second.symbols &&
  isOneScenario(first, second) &&
  first.seed === second.seed &&
  first.build === second.build;

function* pairsOf(results: readonly CaseResult[]): Generator<Pair> {
  for (const [index, first] of results.entries())
    for (const second of results.slice(index + 1)) yield { first, second };
}

const shareOf = (pairs: readonly Pair[], isGood: (pair: Pair) => boolean): Share => ({
  right: pairs.filter(isGood).length,
  of: pairs.length,
});
