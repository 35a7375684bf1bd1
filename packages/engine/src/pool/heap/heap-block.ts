import type { Va } from '../../base/index.ts';
import type { PoolHeader } from '../header.ts';
import type { PageVerdict, UnexplainedExtent } from '../page.ts';
import type { Placed } from '../placed.ts';

/**
 * What a heap of the pool is for. The first four are EX_HEAP_TYPE 0 to 3: executable and not executable nonpaged pool, paged
 * pool, paged pool for prototype PTEs. `session`: paged pool of a session; `metadata`: what the heap manager keeps for itself.
 */
export type HeapRole = 'nonpaged' | 'nonpaged-nx' | 'paged' | 'prototype' | 'session' | 'metadata';

/** One _SEGMENT_HEAP. */
export interface PoolHeap {
  readonly address: Va;
  /** Undefined: it was found without the table that tells. */
  readonly role: HeapRole | undefined;
  /** Does it serve special pool? Undefined where the role is. */
  readonly isSpecial: boolean | undefined;
  /** NUMA node; undefined for special, session and metadata heaps, and where the role is not known. */
  readonly node: number | undefined;
  /** Is its memory paged? By its role, else by the kind of its locks; undefined where neither tells. */
  readonly isPaged: boolean | undefined;
  /** Of its signature: `missing` where the page is not in the dump. */
  readonly signature: 'right' | 'wrong' | 'missing';
  /** How it was found, as half a sentence. */
  readonly from: string;
}

/** What heap structures are encoded with; a text says, as half a sentence, why a key is not known. */
export interface HeapKeys {
  readonly heapKey: Placed<bigint>;
  readonly lfhKey: Placed<bigint>;
  /** Why the key that the state of the pool leads to was not taken, as half a sentence; absent: it was, or it is not in the dump. */
  readonly refused?: string;
}

/**
 * How the structures of the segment heap are laid out, told by their members.
 * - `a`: builds 17763 to 19045
 * - `b`: 20348 to 22631: SegContexts further back
 * - `c`: 26100 at first: callbacks encoded in the heap, LFH buckets reached in another way
 * - `d`: later updates of 26100 and 26200: VS contexts with slots by processor
 */
export type HeapFamily = 'a' | 'b' | 'c' | 'd';

/**
 * What a range of units of a segment is used for. `range`: one allocation; `header`: the segment's own first units;
 * `unknown`: its descriptors make no sense or are not in the dump; `large`: an allocation outside all segments.
 */
export type HeapRangeKind = 'vs' | 'lfh' | 'range' | 'free' | 'header' | 'unknown' | 'large';

/** A segment: a piece of memory, aligned to its size, that one of a heap's two segment contexts divides into units. */
export interface HeapSegment {
  readonly address: Va;
  /** Bytes. */
  readonly size: number;
  readonly heap: PoolHeap;
  /** 0 or 1: which of SegContexts. */
  readonly context: number;
  /** Of that _HEAP_SEG_CONTEXT. */
  readonly contextAddress: Va;
  /** A unit has 2 ** unitShift bytes. */
  readonly unitShift: number;
  /** Index of the first descriptor that describes a range. */
  readonly firstIndex: number;
  /** How it is known to be one, as half a sentence. */
  readonly from: string;
}

/** The range of pages that an address is in. */
export interface HeapRange {
  readonly kind: HeapRangeKind;
  /** Of its memory: a subsegment's header where it has one. */
  readonly start: Va;
  /** Exclusive. */
  readonly end: Va;
  readonly heap: PoolHeap;
  /** Undefined for large allocations. */
  readonly segment: HeapSegment | undefined;
  /** Of the first _HEAP_PAGE_RANGE_DESCRIPTOR, or of the _HEAP_LARGE_ALLOC_DATA; undefined where neither is in the dump. */
  readonly descriptor: Va | undefined;
  /** Index of the first descriptor in its segment. */
  readonly index: number | undefined;
  /** RangeFlags of the first descriptor. */
  readonly flags: number | undefined;
  /** Units that the first descriptor counts. */
  readonly unitCount: number | undefined;
  /** Pages of it that have memory, as the descriptor counts them. */
  readonly committedPages: number | undefined;
  /** Bytes at its end that nobody asked for, where it is one allocation. */
  readonly unusedBytes: number | undefined;
  /** What its descriptors have wrong. */
  readonly problems: readonly HeapProblem[];
}

/** The part of the heap that a block comes from. */
export type HeapAllocator = 'vs' | 'lfh' | 'segment' | 'large';

/**
 * - `allocated`, `free`: as the heap says
 * - `cached`: freed, and kept for the next allocation of its size in a dynamic lookaside list or in a list of delayed frees;
 *   to the heap it is allocated
 * - `unknown`: what would tell is not in the dump, or damaged
 */
export type HeapBlockState = 'allocated' | 'free' | 'cached' | 'unknown';

/** One allocation, or one free piece, as a list of a page's blocks has it. */
export interface HeapBlock {
  /** Of the POOL_HEADER; of the chunk header of a free VS chunk; of the data where a block has no POOL_HEADER. */
  readonly address: Va;
  /** Bytes that the heap gives to it from `address` on, header included. */
  readonly size: number;
  readonly allocator: HeapAllocator;
  readonly state: HeapBlockState;
  /** Four characters; undefined where no header or table tells, and for free VS chunks. */
  readonly tag: string | undefined;
  /** As stored. */
  readonly tagValue: number | undefined;
  /** The header at `address`; undefined where the block has none, or its bytes are missing. */
  readonly header: PoolHeader | undefined;
  /** Where the user's bytes begin; undefined for free VS chunks. */
  readonly data: Va | undefined;
  /** The VS chunk, decoded; undefined for other allocators. */
  readonly chunk: VsChunk | undefined;
  /** Index of the LFH slot. */
  readonly slot: number | undefined;
  /** Bytes that were asked for, where unused bytes are recorded. */
  readonly requested: number | undefined;
  /** For `cached`: where it is kept, as half a sentence. */
  readonly cachedIn: string | undefined;
}

/** A _HEAP_VS_CHUNK_HEADER without its encoding; sizes in bytes. */
export interface VsChunk {
  readonly address: Va;
  /** Header included. */
  readonly size: number;
  /** Of the chunk before it; 0 for the first of a subsegment. */
  readonly previousSize: number;
  /** As decoded: 1 in use, 0 free, anything else is damage. */
  readonly allocated: number;
  /** Pages that would have to be committed before its use. */
  readonly memoryCost: number;
  /** Pages from the subsegment to the chunk; undefined for a free chunk, which has none. */
  readonly pageOffset: number | undefined;
  /** Is a count of unused bytes at its end? */
  readonly hasUnusedBytes: boolean;
  /** The encoded 64 bits as they are in memory. */
  readonly stored: bigint;
}

/**
 * What is wrong. `segment-` a page segment, `descriptor-` its descriptors, `vs-` a VS subsegment, its chunks and the tree of
 * free ones, `lfh-` an LFH subsegment, `large-` a large allocation, `header-` a POOL_HEADER, `list-` a list.
 * - `segment-signature`: it does not decode to a segment context
 * - `descriptor-flags`: a combination that the kernel does not write
 * - `descriptor-signature`: an allocated range without its mark
 * - `descriptor-size`: a range of no units, or past the segment's end
 * - `descriptor-offset`: a later unit that does not lead back to the first
 * - `vs-signature`: of a subsegment: it does not fit its size
 * - `vs-range`: the subsegment has more bytes than the range it is in
 * - `vs-size-zero`, `vs-size-past-end`: a size that no chunk has there
 * - `vs-size`: what follows says that the chunk has another size
 * - `vs-previous-size`: a chunk does not name the size of the one before it
 * - `vs-header`: there is no chunk header where both neighbours say that one is
 * - `vs-no-header`: there is none where the chunk before ends, and nothing behind it makes sense again
 * - `vs-allocated`: neither free nor in use
 * - `vs-page-offset`: does not lead from the chunk to its subsegment
 * - `vs-links`: a free chunk whose links are no addresses of others
 * - `vs-tree-link`: a child in the tree of free chunks that does not name its parent, or is no address of a node
 * - `vs-tree-node`: a node that is not in a free chunk
 * - `vs-tree-order`: a node on the wrong side of its parent
 * - `vs-tree-missing`: a free chunk that the tree does not have
 * - `vs-delayed`: a link of the list of delayed frees that is no address of a chunk or its data
 * - `list-link`: a link that does not lead back
 * - `list-cycle`: a list that runs in a circle
 * - `lfh-offsets`: block size and first block that no subsegment has
 * - `lfh-bitmap`: bits that no block has, or that a count contradicts
 * - `lfh-count`: counts of blocks that cannot be
 * - `lfh-owner`: an owner that is none of this heap
 * - `lookaside`: a link of a lookaside list that leads to no block
 * - `lookaside-size`: a block on a lookaside list of another size
 * - `lookaside-count`: a lookaside list that does not have as many blocks as it counts
 * - `large-tree`, `large-size`, `large-table`: a node that does not fit, a size that cannot be, another than in the big-page table
 * - `header-size`, `header-previous-size`, `header-type`, `header-tag`: of a POOL_HEADER: what this block cannot have
 * - `header-aligned`: the two headers of a cache-aligned block do not agree
 * - `header-quota`: what stands for the process that pays is none
 */
export type HeapRule =
  | 'segment-signature'
  | 'descriptor-flags'
  | 'descriptor-signature'
  | 'descriptor-size'
  | 'descriptor-offset'
  | 'vs-signature'
  | 'vs-range'
  | 'vs-size-zero'
  | 'vs-size-past-end'
  | 'vs-size'
  | 'vs-previous-size'
  | 'vs-header'
  | 'vs-no-header'
  | 'vs-allocated'
  | 'vs-page-offset'
  | 'vs-links'
  | 'vs-tree-link'
  | 'vs-tree-node'
  | 'vs-tree-order'
  | 'vs-tree-missing'
  | 'vs-delayed'
  | 'list-link'
  | 'list-cycle'
  | 'lfh-offsets'
  | 'lfh-bitmap'
  | 'lfh-count'
  | 'lfh-owner'
  | 'lookaside'
  | 'lookaside-size'
  | 'lookaside-count'
  | 'large-tree'
  | 'large-size'
  | 'large-table'
  | 'header-size'
  | 'header-previous-size'
  | 'header-type'
  | 'header-tag'
  | 'header-aligned'
  | 'header-quota';

/** A rule of the segment heap that does not hold. */
export interface HeapProblem {
  readonly rule: HeapRule;
  /** Of the header, link or field that is wrong. */
  readonly at: Va;
  /** What is there and what should be, where both are single values: bytes of sizes, numbers as decoded, addresses. */
  readonly found?: bigint;
  readonly expected?: bigint;
}

/** Bytes that no header explains: overwritten, or only not in the dump. */
export type HeapExtent = UnexplainedExtent;

/** What a damaged chunk header was, as far as its neighbours tell. */
export interface ExpectedChunk {
  readonly at: Va;
  /** Bytes. */
  readonly previousSize: number | undefined;
  readonly size: number | undefined;
  /** What is there, decoded; undefined where its bytes are missing. */
  readonly found: VsChunk | undefined;
}

/** One bit of a header that would make the page whole if it were the other way. */
export interface HeapBitError {
  /** Of the header. */
  readonly at: Va;
  /** Counted from the header's first; the encoding changes which bits are set but not which are wrong. */
  readonly bit: number;
  /** Name of the field that the bit is in. */
  readonly field: string;
  /** The field's value decoded, as it is and as it should be: sizes in bytes. */
  readonly found: number;
  readonly expected: number;
}

/** A page of a heap: what begins in it, and what reaches into it from before. */
export interface HeapPage {
  readonly address: Va;
  /** `unrecognized`: it is in no range whose blocks can be told; `why` says what is missing. */
  readonly verdict: PageVerdict;
  readonly why: string | undefined;
  /** Undefined: no segment or large allocation of a known heap has it. */
  readonly range: HeapRange | undefined;
  /** By address; the first may begin before the page. */
  readonly blocks: readonly HeapBlock[];
  readonly problems: readonly HeapProblem[];
  readonly unexplained: readonly HeapExtent[];
  readonly expected: readonly ExpectedChunk[];
  readonly bitErrors: readonly HeapBitError[];
  /** Is every byte of it that is there zero? */
  readonly isZeroed: boolean;
  /** How the heap key is known, of a page whose range is not: then its blocks are the chunks that decode with it, and no more. */
  readonly keyFrom?: string;
}
