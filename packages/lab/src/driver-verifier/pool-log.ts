import type { Va } from '@poolscope/engine/base';
import { u32Bytes, writeU64 } from '../bytes/integers.ts';
import type { KernelWorld } from '../machine/kernel-world.ts';
import type { LoadedImages } from '../machine/loaded-images.ts';
import type { TruePoolTrace } from '../machine/planted-traces.ts';
import type { StructureTable } from '../machine/structure-table.ts';

/** Entries that the log has room for. Source: Microsoft's page on !verifier. */
export const poolLogLength = 0x1_0000;
/** VF_POOL_TRACE.StackTrace; the same in all builds. */
const stackFrames = 13;

/** The ring in which the verifier notes allocations and frees of pool, with their stacks. */
export class PoolLog {
  readonly #world: KernelWorld;
  readonly #base: Va;
  readonly #index: Va;
  readonly #record: { readonly size: number; readonly at: readonly number[] };
  #count = 0;

  constructor(world: KernelWorld, loaded: LoadedImages, tables: StructureTable) {
    this.#world = world;
    const at = ['Address', 'Size', 'Thread', 'StackTrace'].map(
      (name) => tables.offset('_VF_POOL_TRACE', name)!,
    );
    this.#record = { size: tables.size('_VF_POOL_TRACE')!, at };
    this.#base = world.nonPagedPool.allocate(poolLogLength * this.#record.size, 0x1000);
    this.#index = loaded.address('nt!VfPoolTracesIndex');
    world.writePointer(loaded.address('nt!VfPoolTraces'), this.#base);
    world.space.write(loaded.address('nt!VfPoolTracesLength'), u32Bytes(poolLogLength));
  }

  /** The index is counted up before the record is written: the first one has number 1. */
  add({ address, size, thread, stack }: TruePoolTrace): void {
    this.#count++;
    const { size: bytes, at } = this.#record;
    const record = new Uint8Array(bytes);
    const [addressAt, sizeAt, threadAt, stackAt] = at as [number, number, number, number];
    writeU64(record, addressAt, address);
    writeU64(record, sizeAt, BigInt(size));
    writeU64(record, threadAt, thread);
    for (const [frame, va] of stack.slice(0, stackFrames).entries())
      writeU64(record, stackAt + 8 * frame, va);
    this.#world.space.write(this.#base + BigInt((this.#count % poolLogLength) * bytes), record);
    this.#world.space.write(this.#index, u32Bytes(this.#count >>> 0));
  }
}
