import type { StructureType } from '../../types/index.ts';
import type { ObjectKernel } from '../../windows/index.ts';
import type { HeapFamily } from './heap-block.ts';

/** Offsets of members that readers of the heap's back end and of VS use, in bytes. */
export interface HeapLayout {
  readonly family: HeapFamily;
  /** Where the layouts come from, as half a sentence. */
  readonly from: string;
  /** Are they those of this build? Else every structure has to prove itself. */
  readonly isExact: boolean;
  readonly heap: Offsets<'Signature' | 'SegContexts' | 'VsContext' | 'LfhContext'> & {
    /** Bytes from one of SegContexts to the next. */
    readonly contextSize: number;
  };
  readonly context: Offsets<
    'SegmentMask' | 'UnitShift' | 'FirstDescriptorIndex' | 'Heap' | 'SegmentListHead' | 'SegmentCount'
  >;
  readonly segment: Offsets<'Signature' | 'DescArray'>;
  readonly descriptor: Offsets<
    'TreeSignature' | 'UnusedBytes' | 'RangeFlags' | 'CommittedPageCount' | 'UnitOffset' | 'UnitSize'
  >;
  readonly vs: Offsets<'FreeChunkTree' | 'SubsegmentList' | 'DelayFreeContext' | 'Callbacks' | 'LockType'>;
  readonly subsegment: Offsets<'Size' | 'Signature'>;
}

/** Bytes of a structure and of its members' places. */
export type Offsets<N extends string> = Readonly<Record<N, number>> & { readonly size: number };

/** What the manager of all pool heaps has; not in dumps of which only a heap is known. */
export interface ManagerLayout {
  readonly state: Offsets<'HeapManager' | 'NumberOfPools' | 'PoolNode' | 'SpecialHeaps'>;
  readonly nodeSize: number;
  readonly heaps: number;
  readonly heapsCount: number;
  readonly specialCount: number;
  readonly mostNodes: number;
  readonly globals: number;
  readonly metadata: { readonly at: number; readonly size: number; readonly count: number };
  readonly keys: Offsets<'HeapKey' | 'LfhKey'>;
}

type Find = Pick<ObjectKernel, 'structures' | 'target'>;

function offsetsOf<N extends string>(
  type: StructureType | undefined,
  names: readonly N[],
): Offsets<N> | undefined {
  if (type === undefined) return undefined;
  const entries: [string, number][] = [['size', type.size]];
  for (const name of names) {
    const offset = type.offset(name);
    if (offset === undefined) return undefined;
    entries.push([name, offset]);
  }
  return Object.fromEntries(entries) as Offsets<N>;
}

const known = new WeakMap<object, HeapLayout | string>();

/** The layout of this kernel's heaps; else, as half a sentence, why it is not known. */
export function heapLayout(kernel: Find): HeapLayout | string {
  const found = known.get(kernel.structures) ?? findLayout(kernel);
  known.set(kernel.structures, found);
  return found;
}

function findLayout({ structures, target }: Find): HeapLayout | string {
  if (target.pointerSize !== 8) return 'heaps of 32-bit kernels are not read';
  const type = structures.find('_SEGMENT_HEAP');
  const heap = offsetsOf(type, ['Signature', 'SegContexts', 'VsContext', 'LfhContext']);
  const contextType = structures.find('_HEAP_SEG_CONTEXT');
  const parts = {
    context: offsetsOf(contextType, [
      'SegmentMask',
      'UnitShift',
      'FirstDescriptorIndex',
      'Heap',
      'SegmentListHead',
      'SegmentCount',
    ]),
    segment: offsetsOf(structures.find('_HEAP_PAGE_SEGMENT'), ['Signature', 'DescArray']),
    descriptor: offsetsOf(structures.find('_HEAP_PAGE_RANGE_DESCRIPTOR'), [
      'TreeSignature',
      'UnusedBytes',
      'RangeFlags',
      'CommittedPageCount',
      'UnitOffset',
      'UnitSize',
    ]),
    vs: offsetsOf(structures.find('_HEAP_VS_CONTEXT'), [
      'FreeChunkTree',
      'SubsegmentList',
      'DelayFreeContext',
      'Callbacks',
      'LockType',
    ]),
    subsegment: offsetsOf(structures.find('_HEAP_VS_SUBSEGMENT'), ['Size', 'Signature']),
  };
  const { context, segment, descriptor, vs, subsegment } = parts;
  if (!heap || !context || !segment || !descriptor || !vs || !subsegment)
    return `the layout of ${lacking({ heap, ...parts })} is not known`;
  if (!hasUsualChunks({ structures })) return 'the layout of _HEAP_VS_CHUNK_HEADER is not one that is known';
  return {
    family: familyOf({ structures }, heap.SegContexts),
    from: type!.source,
    isExact: type!.exact,
    heap: { ...heap, contextSize: context.size },
    context,
    segment,
    descriptor,
    vs,
    subsegment,
  };
}

const structureNames: Readonly<Record<string, string>> = {
  heap: '_SEGMENT_HEAP',
  context: '_HEAP_SEG_CONTEXT',
  segment: '_HEAP_PAGE_SEGMENT',
  descriptor: '_HEAP_PAGE_RANGE_DESCRIPTOR',
  vs: '_HEAP_VS_CONTEXT',
  subsegment: '_HEAP_VS_SUBSEGMENT',
};

function lacking(parts: Readonly<Record<string, unknown>>): string {
  const name = Object.keys(parts).find((part) => parts[part] === undefined);
  return structureNames[name ?? 'heap'] ?? '_SEGMENT_HEAP';
}

/** Newest first. Source: types of PDBs of 17763 to 22000; published types of 26100. */
function familyOf({ structures }: Pick<Find, 'structures'>, segContexts: number): HeapFamily {
  if (structures.offset('_HEAP_VS_CONTEXT', 'SlotMapRef') !== undefined) return 'd';
  if (structures.offset('_SEGMENT_HEAP', 'CallbacksEncoded') !== undefined) return 'c';
  return segContexts > 0x100 ? 'b' : 'a';
}

/** Bits of a chunk's first 64, which the walk has built in: they are the same in all builds from 17763 on. */
const chunkBits = { MemoryCost: 0, UnsafeSize: 16, UnsafePrevSize: 32, Allocated: 48 } as const;

function hasUsualChunks({ structures }: Pick<Find, 'structures'>): boolean {
  const sizes = structures.find('_HEAP_VS_CHUNK_HEADER_SIZE');
  const header = structures.find('_HEAP_VS_CHUNK_HEADER');
  if (sizes === undefined || header?.size !== 0x10) return false;
  return Object.entries(chunkBits).every(([name, bit]) => {
    const member = sizes.member(name);
    return member !== undefined && member.offset * 8 + (member.bits?.position ?? 0) === bit;
  });
}

/** Undefined where any of it is not known. */
export function managerLayout({ structures }: Pick<Find, 'structures'>): ManagerLayout | undefined {
  const type = structures.find('_EX_POOL_HEAP_MANAGER_STATE');
  const state = offsetsOf(type, ['HeapManager', 'NumberOfPools', 'PoolNode', 'SpecialHeaps']);
  const node = structures.find('_EX_HEAP_POOL_NODE');
  const heaps = node?.member('Heaps');
  const manager = structures.find('_RTLP_HP_HEAP_MANAGER');
  const globals = manager?.offset('Globals');
  const metadata = manager?.member('MetadataHeaps');
  const keys = offsetsOf(structures.find('_RTLP_HP_HEAP_GLOBALS'), ['HeapKey', 'LfhKey']);
  if (!state || !node || !heaps || globals === undefined || !keys) return undefined;
  const count = metadata?.count ?? 0;
  return {
    state,
    nodeSize: node.size,
    heaps: heaps.offset,
    heapsCount: heaps.count,
    specialCount: type!.member('SpecialHeaps')!.count,
    mostNodes: type!.member('PoolNode')!.count,
    globals: state.HeapManager + globals,
    metadata: {
      at: state.HeapManager + (metadata?.offset ?? 0),
      size: count === 0 ? 0 : (metadata?.size ?? 0) / count,
      count,
    },
    keys,
  };
}
