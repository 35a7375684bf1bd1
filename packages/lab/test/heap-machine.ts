import { StructureTable } from '../src/machine/structure-table.ts';
import { RunningMachine } from '../src/run/index.ts';
import { HeapPool } from '../src/segment-heap/index.ts';
import { MemoryView } from './memory-view.ts';

/** A machine with segment heaps, and what its memory says by the structure tables and the published formulas. */
export interface HeapMachine {
  readonly machine: RunningMachine;
  readonly pool: HeapPool;
  readonly memory: MemoryView;
  /** Offset of a member. */
  at(structure: string, path: string): bigint;
  readonly heapKey: bigint;
  readonly lfhKey: bigint;
  /** _SEGMENT_HEAP by EX_HEAP_TYPE. */
  readonly heaps: readonly bigint[];
}

export function heapMachine(build = 19_041): HeapMachine {
  const machine = new RunningMachine({ build, memoryPages: 0x2000 });
  const { pool } = machine;
  if (!(pool instanceof HeapPool)) throw new Error(`build ${build} has classic pool`);
  const tables = new StructureTable('x64', build);
  const memory = new MemoryView(machine.space);
  const at = (structure: string, path: string): bigint => {
    const offset = tables.offset(structure, path);
    if (offset === undefined) throw new Error(`${structure} has no ${path}`);
    return BigInt(offset);
  };
  const state = machine.address('nt!ExPoolState');
  const globals = memory.u64(state);
  const node = state + at('_EX_POOL_HEAP_MANAGER_STATE', 'PoolNode');
  return {
    machine,
    pool,
    memory,
    at,
    heapKey: memory.u64(globals + at('_RTLP_HP_HEAP_GLOBALS', 'HeapKey')),
    lfhKey: memory.u64(globals + at('_RTLP_HP_HEAP_GLOBALS', 'LfhKey')),
    heaps: [0n, 8n, 16n, 24n].map((offset) => memory.u64(node + offset)),
  };
}
