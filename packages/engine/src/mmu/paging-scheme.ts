import type { Pa, PagingLevel } from '../base/index.ts';
import type { PagingSetup } from './paging-setup.ts';

/** One level of page tables. */
export interface Level {
  readonly name: PagingLevel;
  /** Lowest bit of this level's index in an address: one entry spans 2^shift bytes. */
  readonly shift: number;
  /** Entries in a table. */
  readonly count: number;
  /** Can an entry above the last level map a large page? */
  readonly mapsLargePages: boolean;
  /** Do entries of this level restrict access? */
  readonly hasRights: boolean;
}

/** The shape of one machine's page tables. */
export interface PagingScheme {
  /** Root first. */
  readonly levels: readonly Level[];
  readonly entrySize: 4 | 8;
  /** Significant bits of an address; the bits above repeat the highest of them. */
  readonly addressBits: 32 | 48 | 57;
  /** Physical address bits 32 and up in an entry's upper half. */
  readonly frameHigh: number;
  /** The root table's alignment, and the width of the address that the base register holds. */
  readonly rootAlignment: number;
  readonly rootBits: number;
  /** Descriptors as arm64 defines them; otherwise entries as x86 does. */
  readonly isArm: boolean;
}

const levelOf = (name: PagingLevel, shift: number, mapsLargePages = false, count = 512): Level => ({
  name,
  shift,
  count,
  mapsLargePages,
  hasRights: true,
});

const fourLevels = [
  levelOf('PXE', 39),
  levelOf('PPE', 30, true),
  levelOf('PDE', 21, true),
  levelOf('PTE', 12),
];

const x64: PagingScheme = {
  levels: fourLevels,
  entrySize: 8,
  addressBits: 48,
  frameHigh: 0xf_ffff,
  rootAlignment: 0x1000,
  rootBits: 52,
  isArm: false,
};

const la57: PagingScheme = { ...x64, levels: [levelOf('PX5', 48), ...fourLevels], addressBits: 57 };

/** 4 KB granule. Windows gives both halves 47 bits (TCR_EL1.T0SZ = T1SZ = 17) and one root page: TTBR1 = TTBR0 + 0x800. */
const arm64: PagingScheme = { ...x64, frameHigh: 0xffff, rootBits: 48, isArm: true };

const pae: PagingScheme = {
  ...x64,
  levels: [
    { ...levelOf('PPE', 30, false, 4), hasRights: false },
    levelOf('PDE', 21, true),
    levelOf('PTE', 12),
  ],
  addressBits: 32,
  rootAlignment: 0x20,
  rootBits: 32,
};

const x86: PagingScheme = {
  ...x64,
  levels: [levelOf('PDE', 22, true, 1024), levelOf('PTE', 12, false, 1024)],
  entrySize: 4,
  addressBits: 32,
  frameHigh: 0,
  rootBits: 32,
};

export function schemeOf(setup: PagingSetup): PagingScheme {
  if (setup.machine === 'arm64') return arm64;
  if (setup.machine === 'x86') return setup.pae === true ? pae : x86;
  return setup.levels === 5 ? la57 : x64;
}

/** Physical address of the root table. */
export function rootOf(setup: PagingSetup): Pa {
  const scheme = schemeOf(setup);
  const base = setup.directoryTableBase % 2 ** scheme.rootBits;
  return base - (base % scheme.rootAlignment);
}

/** Index of an address, given as its upper and lower half, in a table of `level`. */
export const indexOf = (level: Level, high: number, low: number): number =>
  (level.shift < 32 ? (low >>> level.shift) | (high << (32 - level.shift)) : high >>> (level.shift - 32)) &
  (level.count - 1);

/** Are the bits above the significant ones equal to the highest of them? 32-bit addresses may also stand as they are. */
export function isTranslatable(scheme: PagingScheme, high: number, low: number): boolean {
  if (scheme.addressBits === 32) return high === 0 || (high === 0xffff_ffff && low >>> 31 === 1);
  const top = (high | 0) >> (scheme.addressBits - 33);
  return top === 0 || top === -1;
}
