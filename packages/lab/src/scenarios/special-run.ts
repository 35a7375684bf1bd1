import { pageOf, type Va } from '@poolscope/engine/base';
import { verifierFlags } from '../driver-verifier/index.ts';
import { Myfault } from '../drivers/index.ts';
import type { ScenarioBlock, ToldTruth } from '../machine/scenario-truth.ts';
import { nxBit } from '../pool/pool-type.ts';
import type { WatchOptions } from '../run/index.ts';
import type { TrueSpecialAllocation } from '../special-pool/index.ts';
import type { Scenario } from './scenario.ts';
import { type ScenarioRun, tagText } from './scenario-run.ts';
import { goesOn } from './story-error.ts';

/** `verifier /flags 0x19 /driver myfault.sys`: special pool, pool tracking and I/O verification. */
const { specialPool, poolTracking, ioVerification } = verifierFlags;
export const watchedMyfault: WatchOptions = {
  verifier: { flags: specialPool | poolTracking | ioVerification, drivers: ['myfault.sys'] },
};

/** Pool tracking alone. */
export const trackedMyfault: WatchOptions = {
  verifier: { flags: poolTracking | ioVerification, drivers: ['myfault.sys'] },
};

const culprit = 'myfault.sys';

/** A block of special pool by what its owner got. */
export function specialTruth(block: TrueSpecialAllocation, state: ScenarioBlock['state']): ScenarioBlock {
  const { address, size, tag, kind, type } = block;
  const pool = kind === 'nonpaged' && (type & nxBit) !== 0 ? 'nonpaged-nx' : kind;
  return { address, size, tag: tagText(tag), pool, allocator: 'special', state };
}

/** What the driver did, told of the block that it keeps the address of. */
export function tellOfLast(
  run: ScenarioRun,
  kind: ToldTruth['kind'],
  {
    state = 'allocated',
    more,
  }: { state?: ScenarioBlock['state']; more?: (block: Va) => Partial<ToldTruth> } = {},
): void {
  run.tell(() => {
    const address = lastBlock(run);
    const { special } = run.machine;
    const found = state === 'free' ? special?.freedAt(address) : special?.blockAt(address);
    goesOn(found !== undefined, 'the block is in special pool');
    return { kind, culprit, block: specialTruth(found, state), victims: [], ...more?.(address) };
  });
}

/** The same of the newest block, where the driver did not come to note it down. */
export function tellOfNewest(run: ScenarioRun, kind: ToldTruth['kind']): void {
  run.tell(() => {
    const newest = run.machine.special?.newest;
    goesOn(newest !== undefined, 'there is a block in special pool');
    return { kind, culprit, block: specialTruth(newest, 'allocated'), victims: [] };
  });
}

/** A request that the verifier refuses: there is no block. */
export const tellMisuse = (run: ScenarioRun): void =>
  run.tell(() => ({ kind: 'pool-misuse', culprit, victims: [] }));

export const lastBlock = (run: ScenarioRun): Va => run.machine.readPointer('myfault!LastBlock');

/** End of the page of an address. */
export const pageEnd = (va: Va): Va => pageOf(va) + 0x1000n;

export const watchedScenario = (
  facts: Pick<Scenario, 'name' | 'title' | 'difficulty' | 'story'>,
  run: Scenario['run'],
  watch = watchedMyfault,
): Scenario => ({ ...facts, pool: 'any', watch, drivers: () => [new Myfault()], run });
