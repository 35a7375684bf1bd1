import { pageOf, type Va, wrap64 } from '../../base/index.ts';
import type { ObjectKernel, Sourced } from '../../windows/index.ts';

/** The bug check of a kernel heap that found itself damaged. */
export const heapCorruption = 0x13a;

/** HEAP_FAILURE_TYPE of a VS subsegment whose mark does not fit. */
const vsSubsegmentCorruption = 0x12;

/** What KERNEL_MODE_HEAP_CORRUPTION tells beyond its parameters. */
export interface HeapFailure {
  /** Parameter 1: HEAP_FAILURE_TYPE. */
  readonly code: number;
  /** The heap that reported it; undefined: no signature is where parameter 2 can mean one. */
  readonly heap: FailedHeap | undefined;
  /**
   * Is parameter 3 an address that the allocator worked out of a header, and not one that it met? Such an address is seldom
   * that of the damage.
   */
  readonly isComputed: boolean;
  /** Chunks that the stack shows to be in use when the check failed, by their places; only where parameter 3 is computed. */
  readonly chunks: readonly ChunkOnStack[];
}

/** The heap that parameter 2 means. */
export interface FailedHeap extends Sourced<Va> {
  /** Bytes from the heap to parameter 2. */
  readonly offset: number;
  /** Was its signature read? Otherwise its page is not in the dump, and the low bits of parameter 2 alone tell. */
  readonly isProven: boolean;
}

/** A chunk whose address and whose tree node's address are on the stack. */
export interface ChunkOnStack {
  readonly chunk: Va;
  /** Where on the stack its address is. */
  readonly at: Va;
}

const pageMask = 0xfffn;
const signature = 0xddee_ddee;

/**
 * Places in a heap that reports name: itself; SegContexts[0] up to build 19045 and from 20348 on; LfhContext of the newest
 * builds. Source: ten public reports of 0x13A from builds 19041 to 26100, and the layouts of the public symbols.
 */
const places: readonly (readonly [offset: number, name: string])[] = [
  [0, 'the heap itself'],
  [0x100, 'its SegContexts[0]'],
  [0x140, 'its SegContexts[0]'],
  [0x340, 'its LfhContext'],
];

/** The heap that an address of a report means: that where its signature stands. */
export function heapOfReport(
  kernel: Pick<ObjectKernel, 'target' | 'structures'>,
  at: Va,
): FailedHeap | undefined {
  const type = kernel.structures.find('_SEGMENT_HEAP');
  const signatureAt = type?.offset('Signature') ?? 0x10;
  const known = ['SegContexts', 'LfhContext', 'VsContext'].flatMap((name) => {
    const offset = type?.offset(name);
    return offset === undefined
      ? []
      : [[offset, `its ${name}${name === 'SegContexts' ? '[0]' : ''}`] as const];
  });
  const page = Number(at & pageMask);
  const named = [...known, ...places];
  for (const [offset, name] of [...named, [page, `${page.toString(16)} bytes into it`] as const]) {
    const heap = wrap64(at - BigInt(offset));
    if (kernel.target.readU32(wrap64(heap + BigInt(signatureAt))) === signature)
      return { value: heap, offset, isProven: true, from: `its signature: parameter 2 is ${name}` };
  }
  // Heaps begin on a page: the low bits of the parameter are its place in the heap.
  const place = named.find(([offset]) => offset === page);
  const isAbsent = kernel.target.readU32(wrap64(pageOf(at) + BigInt(signatureAt))) === undefined;
  if (place === undefined || !isAbsent) return undefined;
  const from = `the low bits of parameter 2, as for ${place[1]}; the heap is not in this dump`;
  return { value: pageOf(at), offset: page, isProven: false, from };
}

/** Reads what the parameters mean; undefined: it is another bug check. `sp` is that of the frame that stopped the machine. */
export function readHeapFailure(kernel: ObjectKernel, sp: Va | undefined): HeapFailure | undefined {
  const { bugCheckCode, bugCheckParameters } = kernel.target.dump.header;
  if ((bugCheckCode & 0xfff_ffff) !== heapCorruption) return undefined;
  const [type, reporter, address] = bugCheckParameters;
  const code = Number(BigInt.asUintN(32, type));
  const isComputed = code === vsSubsegmentCorruption && (address & pageMask) === 0n;
  return {
    code,
    heap: heapOfReport(kernel, reporter),
    isComputed,
    chunks: isComputed && sp !== undefined ? chunksOnStack(kernel, address, sp) : [],
  };
}

/** Frames from the bug check up to the allocator's entry take less than that. Source: public stacks, builds 19041 to 26100. */
const stackBytes = 0x400;
/** A chunk's count of pages back to its subsegment has eight bits. */
const farthest = 0xff000n;
/** First chunk of a subsegment, and from a chunk to its tree node. Source: _HEAP_VS_SUBSEGMENT, _HEAP_VS_CHUNK_FREE_HEADER. */
const [firstChunk, nodeOffset] = [0x30n, 8n];
const mostChunks = 8;

/**
 * The allocator takes the page of a chunk, less a count of pages that is in the chunk's header, for the subsegment. If that header
 * was overwritten, the address leads anywhere below. The chunk itself is on the stack with the address of its tree node.
 */
function chunksOnStack(kernel: ObjectKernel, subsegment: Va, sp: Va): ChunkOnStack[] {
  const { pointerSize } = kernel.target;
  const words = new Map<Va, Va>();
  for (let offset = 0; offset < stackBytes; offset += pointerSize) {
    const at = wrap64(sp + BigInt(offset));
    const value = kernel.target.readPointer(at);
    if (value !== undefined && !words.has(value)) words.set(value, at);
  }
  const found: ChunkOnStack[] = [];
  for (const [chunk, at] of words) {
    const pages = pageOf(chunk) - subsegment;
    if ((chunk & 0xfn) !== 0n || pages < 0n || pages > farthest || chunk < subsegment + firstChunk) continue;
    if (words.has(chunk + nodeOffset) && found.length < mostChunks) found.push({ chunk, at });
  }
  return found;
}
