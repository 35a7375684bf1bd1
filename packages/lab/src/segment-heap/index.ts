/**
 * The kernel pool of Windows 10 1903 to 21H2 and Server 2022 (x64) as segment heaps in the memory of a machine. Source of the
 * structures: the tables of each build; of the rules: published research, named where they are used; what is assumed says so.
 *
 * `HeapPool` (heap-pool.ts) is the pool as drivers call it. It writes POOL_HEADERs and chooses who serves a request:
 *
 * | who | what | file |
 * |---|---|---|
 * | LfhHeap | blocks of one size each, up to 512 bytes, once a size is asked for often | lfh/ |
 * | DynamicLookasides | freed blocks of 512 to 3968 bytes for the next who asks | dynamic-lookasides.ts |
 * | VsHeap | chunks of any size, up to 128 KB, in subsegments (VsSubsegments) with a tree of free ones (VsFreeChunks) | vs-heap.ts |
 * | Segments | ranges of pages (PageDescriptors) in segments of 1 and 16 MB; also the pages of the two above | segments.ts |
 * | LargeBlocks | allocations that no segment has room for | large-blocks.ts |
 *
 * `FreePath` is the way back. All share `HeapParts`: memory, trace, places of the build's structures, keys, trees. Every
 * decision reads the machine's memory, so that damage has the consequences that it has in Windows; a check that fails throws a
 * `PoolBugCheck`, an access that fails becomes a `PoolFault`, both with the functions of nt that were at work (`trace.enter`
 * and `trace.leave` around the work of each). What the lab has to know of blocks that were destroyed is kept beside it
 * (HeapLedger, VsShadow, Segments.known), never read by the algorithms, and told by `truth()`.
 */
export { HeapPool } from './heap-pool.ts';
export type { HeapKeys, HeapPoolOptions, HeapRegions } from './heap-pool-options.ts';
export type { HeapTruth, TrueHeap, TrueRange } from './heap-truth.ts';
