import type { Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import { describePool, poolFormat } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { holdersOf } from './holders.ts';
import { moduleAt } from './images.ts';

/** Was the block of a lost header on a list of free ones? The list, or a free block on it, leads there still. */
export function isListedFree(system: CrashedSystem, header: Va): boolean {
  const unit = BigInt(poolFormat(system).unit);
  return holdersOf(system, header + unit).some((at) => {
    const module = moduleAt(system, at);
    if (module !== undefined) return module.name === 'nt';
    const report = runToEnd(describePool(system, at));
    const block = report.kind === 'classic' ? report.block : undefined;
    return block?.state === 'free' && at >= block.address + unit && at < block.address + 2n * unit;
  });
}
