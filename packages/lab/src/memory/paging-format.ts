import type { PagingLevel, Pfn } from '@poolscope/engine/base';

/** What a mapping allows; nothing given means a kernel page that is only read. */
export interface MapOptions {
  readonly writable?: boolean;
  readonly executable?: boolean;
  readonly user?: boolean;
  /** The level whose entry maps the page: PDE for 2 MB (4 MB on x86), PPE for 1 GB. PTE when absent. */
  readonly at?: 'PDE' | 'PPE';
}

/** One level of a radix tree of tables: which address bits choose the entry. */
export interface PagingStep {
  readonly level: PagingLevel;
  readonly shift: number;
  readonly bits: number;
}

/** How a processor's page tables look. The steps go from the root to the PTE. */
export interface PagingFormat {
  readonly name: 'x64' | 'la57' | 'pae' | 'x86' | 'arm64';
  readonly entrySize: 4 | 8;
  readonly steps: readonly PagingStep[];
  /** Root entry of the self-map where Windows always uses the same; elsewhere it is chosen at boot. */
  readonly selfMapSlot?: number;
  /** Entry that points to the next table. */
  table(pfn: Pfn, step: PagingStep, user: boolean): bigint;
  /** Entry that maps a page. */
  leaf(pfn: Pfn, step: PagingStep, options: MapOptions): bigint;
}

const step = (level: PagingLevel, shift: number, bits = 9): PagingStep => ({ level, shift, bits });

const valid = 1n << 0n;
const hardwareWrite = 1n << 1n;
const userAccess = 1n << 2n;
const accessed = 1n << 5n;
const dirty = 1n << 6n;
const largePage = 1n << 7n;
const global = 1n << 8n;
const softwareWrite = 1n << 11n;
const noExecute = 1n << 63n;

const address = (pfn: Pfn): bigint => BigInt(pfn) << 12n;

/** MMPTE_HARDWARE as Windows fills it: 863 for kernel data, 121 for kernel code. */
function intelLeaf(pfn: Pfn, { level }: PagingStep, options: MapOptions, hasNoExecute: boolean): bigint {
  let entry = address(pfn) | valid | accessed;
  if (options.writable) entry |= hardwareWrite | dirty | softwareWrite;
  entry |= options.user ? userAccess : options.writable ? 0n : global;
  if (level !== 'PTE') entry |= largePage;
  return hasNoExecute && !options.executable ? entry | noExecute : entry;
}

function intelTable(pfn: Pfn, user: boolean): bigint {
  const entry = address(pfn) | valid | hardwareWrite | accessed | dirty | softwareWrite;
  return user ? entry | userAccess : entry;
}

/** Page-table pages of Windows 10 carry a working set age and protection in software bits 56..62. */
const tableSoftwareBits = 0x0an << 56n;

const x64Steps = [step('PXE', 39), step('PPE', 30), step('PDE', 21), step('PTE', 12)];

const intel64 = (name: 'x64' | 'la57', steps: readonly PagingStep[]): PagingFormat => ({
  name,
  entrySize: 8,
  steps,
  table: (pfn, _step, user) => intelTable(pfn, user) | tableSoftwareBits,
  leaf: (pfn, at, options) => intelLeaf(pfn, at, options, true),
});

/** Four levels of page tables. */
export const x64Paging = intel64('x64', x64Steps);
/** Five levels of page tables. */
export const la57Paging = intel64('la57', [step('PX5', 48), ...x64Steps]);

/** x86 with physical address extension: the root has four entries, whose write and user bits are reserved. */
export const paePaging: PagingFormat = {
  name: 'pae',
  entrySize: 8,
  steps: [step('PPE', 30, 2), step('PDE', 21), step('PTE', 12)],
  selfMapSlot: 3,
  table: (pfn, { level }, user) => (level === 'PPE' ? address(pfn) | valid : intelTable(pfn, user)),
  leaf: (pfn, at, options) => intelLeaf(pfn, at, options, true),
};

/** Two levels of page tables, without PAE. */
export const x86Paging: PagingFormat = {
  name: 'x86',
  entrySize: 4,
  steps: [step('PDE', 22, 10), step('PTE', 12, 10)],
  selfMapSlot: 0x300,
  table: (pfn, _step, user) => intelTable(pfn, user),
  leaf: (pfn, at, options) => intelLeaf(pfn, at, options, false),
};

const armNotBlock = 1n << 1n;
const armUser = 1n << 6n;
const armReadOnly = 1n << 7n;
const armInnerShareable = 3n << 8n;
const armAccessed = 1n << 10n;
const armPrivilegedNoExecute = 1n << 53n;
const armUserNoExecute = 1n << 54n;

/** arm64 with a 4 KB granule. Source: Arm Architecture Reference Manual, VMSAv8-64 stage 1 descriptors. */
export const arm64Paging: PagingFormat = {
  name: 'arm64',
  entrySize: 8,
  steps: x64Steps,
  table: (pfn) => address(pfn) | valid | armNotBlock | armInnerShareable | armAccessed,
  leaf(pfn, { level }, options) {
    let entry = address(pfn) | valid | armInnerShareable | armAccessed;
    if (level === 'PTE') entry |= armNotBlock;
    if (!options.writable) entry |= armReadOnly;
    if (options.user) entry |= armUser;
    if (!options.executable || options.user) entry |= armPrivilegedNoExecute;
    return !options.executable || !options.user ? entry | armUserNoExecute : entry;
  },
};
