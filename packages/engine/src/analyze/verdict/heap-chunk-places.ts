import { pageOf, type Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import {
  describePool,
  heapCorruption,
  isKernelAddress,
  isPlaced,
  poolKind,
  VsCode,
} from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { Ground } from './finding.ts';
import { provenHeaps } from './proven-heaps.ts';
import type { Scene } from './scene.ts';
import { showFault } from './show.ts';

/** Bytes of the stack behind the fault, from the function that failed up to the allocator's entry. */
const stackBytes = 0x400;
/** HEAP_FAILURE_TYPE of a subsegment whose mark does not fit, at an address that was worked out of a chunk's header. */
const wrongSubsegment = 0x12n;
const chunkHeader = 0x10;
/** Bytes at the start of a chunk that the heap reads: its header, and of a free one the node of the tree. */
const headerAndNode = 0x20n;
const chunkAlignment = 0x10n;

/**
 * Chunks that a heap was about to use when it went astray: it takes the page of a chunk, less a count of pages in the chunk's
 * header, for the subsegment, and what is as far behind or before it as its sizes say for its neighbours. Where it failed is one of
 * these, which the header of the chunk leads to and its place does not.
 */
export const chunkPlaces = (scene: Scene): { readonly va: Va; readonly grounds: readonly Ground[] }[] =>
  [...astrayChunks(scene), ...astrayNeighbours(scene)].map((astray) => ({
    va: astray.chunk,
    grounds: [astrayGround(scene, astray)],
  }));

/** What the heap took for a chunk, and where it went by its header. */
interface AstrayChunk {
  readonly chunk: Va;
  /** What it took for the subsegment, or for the chunk next to it. */
  readonly to: Va;
  readonly as: 'the subsegment of' | 'the chunk behind' | 'the chunk in front of';
}

/** Chunks of another subsegment; `alignment`: that of chunks, or 1 for whatever an address that was freed makes of one. */
export function astrayChunks(scene: Scene, alignment = chunkAlignment): AstrayChunk[] {
  const { system } = scene;
  const subsegment = failedAt(scene);
  const code = codeOf(system);
  if (subsegment === undefined || code === undefined) return [];
  return heldAddresses(scene, alignment)
    .filter(
      (chunk) => subsegmentBy(system, code, chunk) === subsegment && isAstray(system, chunk, subsegment),
    )
    .map((chunk) => ({ chunk, to: subsegment, as: 'the subsegment of' }));
}

/** Chunks on damaged pages whose sizes lead to where the heap could not read. */
function astrayNeighbours(scene: Scene): AstrayChunk[] {
  const { system, fault } = scene;
  const code = codeOf(system);
  const address = fault?.address;
  if (code === undefined || address === undefined || !isKernelAddress(system, address)) return [];
  return heldAddresses(scene, chunkAlignment).flatMap((chunk) =>
    neighboursBy(system, code, chunk)
      .filter(({ to }) => address >= to && address < to + headerAndNode)
      .filter(() => isOnDamage(system, chunk)),
  );
}

/** Where the sizes in the header of a chunk say that its neighbours are. */
function neighboursBy({ target }: CrashedSystem, code: VsCode, chunk: Va): AstrayChunk[] {
  const bytes = target.readBytes(chunk, chunkHeader);
  if (bytes === undefined) return [];
  const { size, previousSize } = code.decode(bytes, 0, chunk);
  return [
    { chunk, to: chunk + BigInt(size), as: 'the chunk behind' },
    { chunk, to: chunk - BigInt(previousSize), as: 'the chunk in front of' },
  ];
}

/** Is a place in what no header of its page explains? */
function isOnDamage(system: CrashedSystem, chunk: Va): boolean {
  const report = runToEnd(describePool(system, chunk));
  if (report.kind !== 'segment-heap' || report.page.range?.kind !== 'vs') return false;
  return report.page.unexplained.some(({ start, end }) => chunk >= start && chunk < end);
}

/** How headers of chunks are encoded, where that is sure. */
function codeOf(system: CrashedSystem): VsCode | undefined {
  if (poolKind(system).kind !== 'segment-heap') return undefined;
  const heaps = provenHeaps(system);
  if (typeof heaps === 'string' || !isPlaced(heaps.keys.heapKey)) return undefined;
  return new VsCode(heaps.keys.heapKey.value);
}

/** The page that the heap took for a subsegment. */
function failedAt({ system, fault }: Scene): Va | undefined {
  const [code, , at] = system.target.dump.header.bugCheckParameters;
  if (system.bugCheck.baseCode === heapCorruption)
    return code === wrongSubsegment && pageOf(at) === at ? at : undefined;
  const address = fault?.address;
  return address === undefined || !isKernelAddress(system, address) ? undefined : pageOf(address);
}

/** Where the header of a chunk says that its subsegment is. */
function subsegmentBy({ target }: CrashedSystem, code: VsCode, chunk: Va): Va | undefined {
  const bytes = target.readBytes(chunk, chunkHeader);
  if (bytes === undefined) return undefined;
  return pageOf(chunk) - BigInt(code.pageOffset(bytes[8]!, Number(chunk & 0xffn))) * 0x1000n;
}

/** Is an address in small chunks, whose subsegment is another one? */
function isAstray(system: CrashedSystem, chunk: Va, subsegment: Va): boolean {
  const report = runToEnd(describePool(system, chunk));
  const range = report.kind === 'segment-heap' ? report.page.range : undefined;
  return range?.kind === 'vs' && range.start !== subsegment;
}

/** Words of the registers and of the stack where the chunk in use is. */
export function heldAddresses({ system, fault, frames }: Scene, alignment: bigint): Va[] {
  const held = new Set<Va>();
  const registers = fault?.registers ?? system.start?.registers;
  const add = (value: Va | undefined): void => {
    if (value !== undefined && value % alignment === 0n && isKernelAddress(system, value)) held.add(value);
  };
  for (const [, value] of registers?.entries() ?? []) add(value);
  const sp = fault?.registers?.sp ?? frames[0]?.sp;
  if (sp === undefined) return [...held];
  for (let offset = 0; offset < stackBytes; offset += 8) add(system.target.readPointer(sp + BigInt(offset)));
  return [...held].filter((va) => system.symbols.locate(va) === undefined);
}

export function astrayGround(scene: Scene, { chunk, to, as }: AstrayChunk): Ground {
  const { shortText: text, bugCheck } = scene.system;
  const where = bugCheck.baseCode === heapCorruption ? '.bugcheck' : showFault(scene, scene.fault?.ip ?? 0n);
  return {
    rule: 'led-astray',
    claim: `The heap took ${text(to)} for ${as} the chunk at ${text(chunk)}: the header of that leads there, and it is none of its.`,
    command: `${where}; dq ${text(chunk)} L2; !pool ${text(chunk)}`,
  };
}
