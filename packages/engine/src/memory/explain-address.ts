import { describeFault, Fault, type FaultKind, type Va } from '../base/index.ts';
import type { AddressBlock, DumpFormat } from '../dump/index.ts';
import { BlockMemory, PagedMemory, type Translation, type VirtualMemory } from '../mmu/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import type { ExplainedEntry } from './explained-entry.ts';
import { findPlaces, type Place } from './places.ts';
import { describeEntries } from './walk-words.ts';

/** A saved block of a small dump near an address. */
export interface NearBlock extends AddressBlock {
  /** Bytes between the address and the block. */
  readonly distance: bigint;
}

/** Why a byte can or cannot be read. */
export interface AddressAnswer {
  readonly address: Va;
  readonly readable: boolean;
  /** Why not. */
  readonly fault: FaultKind | undefined;
  /** The same in words, without the address; undefined when it can be read. */
  readonly reason: string | undefined;
  /** Where the address lies; `none`: it cannot be one of this machine. */
  readonly half: 'user' | 'kernel' | 'none';
  readonly places: readonly Place[];
  /** The way through the page tables, root first; empty where the dump has none. */
  readonly entries: readonly ExplainedEntry[];
  readonly translation: Translation | undefined;
  /** Where the byte is in the dump file. */
  readonly fileOffset: number | undefined;
  /** The block of a small dump that holds it, or those nearest to it. */
  readonly block: AddressBlock | undefined;
  readonly nearest: readonly NearBlock[];
  /** What this kind of dump keeps. */
  readonly keeps: string;
}

/** Everything that the dump tells about one address. */
export function explainAddress(system: CrashedSystem, memory: VirtualMemory, address: Va): AddressAnswer {
  const read = memory.tryRead(address, 1);
  const fault = read instanceof Fault ? read : undefined;
  const translation = memory instanceof PagedMemory ? memory.translate(address) : undefined;
  const blocks = memory instanceof BlockMemory ? memory : undefined;
  return {
    address,
    readable: fault === undefined,
    fault: fault?.kind,
    reason: fault === undefined ? undefined : describeFault(fault),
    half: halfOf(system, address, fault),
    places: findPlaces(system, memory, address),
    entries: translation === undefined ? [] : describeEntries(translation),
    translation,
    fileOffset: fault === undefined ? fileOffsetOf(system, address, translation, blocks) : undefined,
    block: blocks?.findBlock(address),
    nearest: blocks === undefined || fault === undefined ? [] : nearestBlocks(blocks, address),
    keeps: keeps[system.target.dump.format],
  };
}

function halfOf({ target, machine }: CrashedSystem, va: Va, fault: Fault | undefined): AddressAnswer['half'] {
  if (fault?.kind === 'non-canonical') return 'none';
  if (target.pointerSize === 4) return (va & 0x8000_0000n) === 0n ? 'user' : 'kernel';
  // Without page tables nobody tells whether addresses have 48 bits or 57.
  const top = va >> (machine === 'arm64' ? 47n : 56n);
  if (top === 0n) return 'user';
  return top === (machine === 'arm64' ? 0x1_ffffn : 0xffn) ? 'kernel' : 'none';
}

function fileOffsetOf(
  { target }: CrashedSystem,
  va: Va,
  translation: Translation | undefined,
  blocks: BlockMemory | undefined,
): number | undefined {
  if (blocks !== undefined) return blocks.fileOffsetOf(va);
  const offset = translation?.pa === undefined ? -1 : (target.dump.physical?.offsetOf(translation.pa) ?? -1);
  return offset < 0 ? undefined : offset;
}

/** The blocks below and above an address that none holds. */
function nearestBlocks(memory: BlockMemory, va: Va): NearBlock[] {
  let below: NearBlock | undefined;
  for (const { start, end, block } of memory.spans()) {
    if (start > va) return [...(below === undefined ? [] : [below]), { ...block, distance: start - va }];
    below = { ...block, distance: va - end + 1n };
  }
  return below === undefined ? [] : [below];
}

const keeps: Readonly<Record<DumpFormat, string>> = {
  full: 'a complete dump keeps all pages of memory that Windows knows of',
  'bitmap-full':
    'a complete dump keeps all pages of memory that Windows knows of, but for those its writer left out',
  'bitmap-kernel':
    'a kernel dump keeps the pages that the kernel uses: no memory of programs, and no free or standby pages',
  summary:
    'a kernel dump keeps the pages that the kernel uses: no memory of programs, and no free or standby pages',
  range: 'its writer chose which pages this dump keeps',
  triage:
    'a small dump keeps the stack of the thread that crashed, its thread, process and processor, and what drivers asked for',
  header: 'this dump consists of its header alone',
};
