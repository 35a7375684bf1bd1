import { Fault, type Va, wrap64 } from '../base/index.ts';
import type { BigAllocation } from './big-page-entry.ts';
import { findBigPageTable } from './big-page-table.ts';
import type { SearchedKernel } from './kernel-data.ts';
import { isPlaced } from './placed.ts';

export type { BigAllocation };

/** What the table of large allocations says of an address: one, none, or that it cannot be asked and why. */
export type BigSearch =
  | { readonly found: BigAllocation }
  | { readonly found: undefined; readonly unknown: string | undefined };

const chunkBytes = 0x1_0000;

/**
 * Looks for the large allocation that holds an address, in all of nt!PoolBigPageTable: where the hash of an address leads is
 * not needed. Yields the entries done now and then.
 */
export function* findBigAllocation(kernel: SearchedKernel, va: Va): Generator<number, BigSearch> {
  const table = yield* findBigPageTable(kernel);
  if (!isPlaced(table)) return { found: undefined, unknown: table };
  const { entries: reader, start, count } = table.value;
  const perChunk = Math.max(1, Math.floor(chunkBytes / reader.size));
  let missing = 0;
  for (let done = 0; done < count; done += perChunk) {
    const wanted = Math.min(perChunk, count - done);
    const at = wrap64(start + BigInt(done) * BigInt(reader.size));
    const read = kernel.target.memory.tryRead(at, wanted * reader.size);
    const bytes = read instanceof Fault ? read.got : read;
    const present = Math.floor(bytes.length / reader.size);
    missing += wanted - present;
    const index = reader.find(bytes, present, va);
    if (index >= 0) return { found: reader.at(bytes, index, wrap64(at + BigInt(index * reader.size))) };
    yield done + wanted;
  }
  return {
    found: undefined,
    unknown: missing === 0 ? undefined : `${missing} of its ${count} entries are not in this dump`,
  };
}
