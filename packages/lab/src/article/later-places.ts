import type { Pfn, Va } from '@poolscope/engine/base';
import type { ImageSpec } from '../image/image-spec.ts';
import { load, moveFrom } from '../image/x64-code.ts';
import { compare, xor } from '../image/x64-data.ts';
import { atSymbol } from '../image/x64-operands.ts';
import type { BootedKernel } from '../machine/kernel-boot.ts';
import type { PoolSpans } from '../machine/machine-pool.ts';
import type { PageRun } from '../memory/page-source.ts';
import { type KernelPool, PoolType, type RegionSpan } from '../pool/index.ts';
import type { MachinePlaces } from '../run/index.ts';
import { arrangeFunctions } from './arrange.ts';
import { laterKernel, part2, part3 } from './facts.ts';
import { laterKernelFunctions } from './later-kernel.ts';
import type { Anchor, Settlement } from './settled-function.ts';

const { functions } = laterKernel;
type Known = keyof typeof functions;

const calling = (name: Known, calls: string, returnsAt: number): [string, Settlement] => [
  name,
  { at: functions[name], anchors: [{ calls, returnsAt }] },
];
/** What was in rdx and r11 is not known; here they get the verifier's record of the first driver, and nothing. */
const sanityChecks: readonly Anchor[] = [
  {
    label: 'header',
    at: 0xe8,
    lead: [
      moveFrom('rdx', atSymbol('ViTargetDriversAvl', 0x10)),
      load('rdx', 'rdx', 0x10),
      xor('r11', 'r11', 4),
      compare('rcx', 0),
    ],
  },
];

/** Functions of every running kernel whose calls come back where the article's stacks show it. */
const settlements: Readonly<Record<string, Settlement>> = {
  ...Object.fromEntries([
    calling('KiPageFault', 'MmAccessFault', 0x16e),
    calling('KiSystemServiceCopyEnd', '*', 0x13),
    calling('MmAccessFault', 'MiSystemFault', 0x55b),
    // By nt!IofCallDriver, which jumps on.
    calling('IopXxxControlFile', 'IofCallDriver', 0x7e5),
    calling('NtDeviceIoControlFile', 'IopXxxControlFile', 0x56),
    calling('IovCallDriver', '*', 0xba),
    calling('VerifierExFreePoolWithTag', 'ExFreePoolSanityChecks', 0x3c),
  ]),
  ExFreePoolSanityChecks: { at: functions.ExFreePoolSanityChecks, anchors: sanityChecks },
};

function arrangeKernel(nt: ImageSpec): ImageSpec {
  const own = new Set(laterKernelFunctions.map(({ name }) => name));
  const usual = nt.functions.filter(({ name }) => !own.has(name));
  return {
    ...nt,
    linkOrder: [],
    functions: arrangeFunctions([...usual, ...laterKernelFunctions], settlements),
  };
}

interface Plan {
  /** As much RAM as the page numbers of the article need. */
  readonly memoryPages: number;
  readonly highMemory?: PageRun;
  readonly kernelBase: Va;
  readonly driverBase: Va;
  /** The stack pointer when the service is called. */
  readonly serviceStack: Va;
  readonly user: { readonly ip: Va; readonly sp: Va };
}

/** From there to the end of the trap frame: arguments, and the trap frame itself. */
const aboveService = 0x70n + 0x190n;
const span = (start: Va, pages: number): RegionSpan => ({ start, pages });
const plainPools: PoolSpans = { nonPaged: span(0xffff_fa80_0190_0000n, 0x300) };
const verifiedPools: PoolSpans = {
  nonPagedNx: span(0xffff_fa80_0330_0000n, 0x280),
  nonPaged: span(0xffff_fa80_0358_0000n, 0xe80),
};

const placesOf = ({
  memoryPages,
  highMemory,
  kernelBase,
  driverBase,
  serviceStack,
  user,
}: Plan): MachinePlaces => ({
  build: 9200,
  memoryPages,
  ...(highMemory && { highMemory }),
  kernelImage: kernelBase,
  halImage: kernelBase - 0x6_c000n,
  stackTop: serviceStack + aboveService,
  user,
  pools: plainPools,
  arrange: ([nt, ...others]) => [
    arrangeKernel(nt!),
    ...others.map((each) => (each.module === 'myfault' ? { ...each, base: driverBase } : each)),
  ],
});

interface Entries {
  readonly pxe: bigint;
  readonly ppe: bigint;
  readonly pde: bigint;
}

/** Gives an address tables in certain pages of memory, as far as the article shows them. */
function plantTables({ system }: BootedKernel, va: Va, { pxe, ppe, pde }: Entries): void {
  const levels = [
    ['PXE', pxe],
    ['PPE', ppe],
    ['PDE', pde],
  ] as const;
  for (const [level, entry] of levels) if (entry !== 0n) system.tables.plant(va, entry, level);
}

/** Numbers of the pages that they are in. */
const pagesOf = ({ pxe, ppe, pde }: Entries): Pfn[] =>
  [pxe, ppe, pde].filter((entry) => entry !== 0n).map((entry) => Number(entry >> 12n));

/** A block with its size in pool; the address is what its owner had. */
interface ReturnedBlock {
  readonly address: Va;
  readonly size: number;
  readonly tag: string;
  /** POOL_TYPE. */
  readonly type: number;
}

/**
 * A block that somebody had and gave back, on a page with others: what asks for that size on the same processor next gets it.
 */
export function returnBlock(
  pool: KernelPool,
  { address, size, tag, type }: ReturnedBlock,
  processor: number,
): void {
  const page = address & ~0xfffn;
  const before = Number(address & 0xfffn) - 0x10;
  pool.adoptPage(type, page, [
    { tag: 'MmCa', size: before },
    { tag, size },
    { tag: 'MmCa', size: 0x1000 - before - size },
  ]);
  pool.free(address, tag, { processor, irql: 0 });
}

const placesOf3 = placesOf({ ...part3, memoryPages: 0x2b00 });

/** The machine of part 2. */
export const secondPlaces: MachinePlaces = {
  ...placesOf({ ...part2, memoryPages: 0x2000, highMemory: { basePage: 0x1_a000, pageCount: 0x800 } }),
  keptPages: pagesOf(part2.entries),
  prepare: (kernel) => plantTables(kernel, part2.guard, part2.entries),
};

/** The machine of part 3: a debugger was attached. */
export const thirdPlaces: MachinePlaces = {
  ...placesOf3,
  stopsAt: 'nt!DbgBreakPointWithStatus',
  // The article's registers show no resume flag at the page fault.
  hasHypervisor: true,
  pools: verifiedPools,
  keptPages: pagesOf(part3.entries),
  prepare: (kernel) => plantTables(kernel, part3.header, part3.entries),
  preparePool: (pool) => returnBlock(pool, { ...part3.file, type: PoolType.NonPagedPoolNx }, 0),
  prepareLoad: ({ world }) => {
    const next = world.nonPagedPool.allocate(0);
    world.nonPagedPool.skip(Number(part3.registers.rdx - next));
  },
};

/** The same before special pool was on. */
export const thirdPlainPlaces: MachinePlaces = placesOf3;
