import type { Va } from '../base/index.ts';
import { addressMappedBy, PagedMemory, type VirtualMemory } from '../mmu/index.ts';
import { ImageProblem, MappedImage, readImageHeaders } from '../pe/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import { type Module, systemRegions } from '../windows/index.ts';
import { pteBase } from './mapped-pages.ts';
import { regionName } from './region-names.ts';

/** What memory is used for, in a word. */
export type PlaceKind =
  | 'module'
  | 'unloaded-module'
  | 'stack'
  | 'structure'
  | 'page-tables'
  | 'shared-data'
  | 'region'
  | 'user';

/** Something that an address belongs to. */
export interface Place {
  readonly kind: PlaceKind;
  /** One word for it, of a region Microsoft's: `Module`, `Stack`, `PagedPool`. */
  readonly usage: string;
  /** `module nt, section .text, at nt!KeBugCheckEx+0x10`. */
  readonly what: string;
  /** How that is known. */
  readonly from: string;
  /** The whole of it; `end` is exclusive. */
  readonly start: Va;
  readonly end: Va;
}

/** What the dump tells about whom an address belongs to, the narrowest first; empty when it tells nothing. */
export function findPlaces(system: CrashedSystem, memory: VirtualMemory, va: Va): Place[] {
  const places = [
    ...modulePlaces(system, memory, va),
    ...pageTables(system, memory, va),
    ...elsewhere(system),
  ];
  return places
    .filter(({ start, end }) => va >= start && va < end)
    .sort((a, b) => Number(a.end - a.start) - Number(b.end - b.start));
}

/** The same of all addresses, in their order. */
export function allPlaces(system: CrashedSystem, memory: VirtualMemory): Place[] {
  const places = [...allModules(system), ...pageTables(system, memory), ...elsewhere(system)];
  return places.sort((a, b) => (a.start === b.start ? compare(b.end, a.end) : compare(a.start, b.start)));
}

const compare = (a: Va, b: Va): number => (a < b ? -1 : a > b ? 1 : 0);

const elsewhere = (system: CrashedSystem): Place[] => [
  ...structures(system),
  ...stacks(system),
  ...sharedData(system),
  ...regions(system),
];

const allModules = (system: CrashedSystem): Place[] => [
  ...system.modules.map((module): Place => {
    const { name, base: start, size } = module;
    const end = start + BigInt(size);
    return { kind: 'module', usage: 'Module', what: `module ${name}`, from: listOf(module), start, end };
  }),
  ...unloadedPlaces(system),
];

const listOf = ({ from }: Module): string => (from === 'PsLoadedModuleList' ? `nt!${from}` : `the ${from}`);

const unloadedPlaces = ({ unloadedModules }: CrashedSystem): Place[] =>
  unloadedModules.map(({ name, start, end }) => ({
    kind: 'unloaded-module',
    usage: 'UnloadedModule',
    what: `where ${name} was before it was unloaded`,
    from: 'the list of unloaded drivers',
    start,
    end,
  }));

function modulePlaces(system: CrashedSystem, memory: VirtualMemory, va: Va): Place[] {
  const module = system.modules.find(({ base, size }) => va >= base && va < base + BigInt(size));
  if (module !== undefined) {
    const { base, size, name } = module;
    const section = sectionOf(new MappedImage(memory, base, size), Number(va - base));
    const at = system.symbols.nameOf(va) ?? name;
    return [
      {
        kind: 'module',
        usage: 'Module',
        what: `module ${name}${section}, at ${at}`,
        from: listOf(module),
        start: base,
        end: base + BigInt(size),
      },
    ];
  }
  return unloadedPlaces(system);
}

function sectionOf(image: MappedImage, rva: number): string {
  const headers = readImageHeaders(image);
  if (headers instanceof ImageProblem) return '';
  if (rva < headers.sizeOfHeaders) return ', its headers';
  const section = headers.sections.find((each) => rva >= each.rva && rva < each.rva + each.size);
  return section === undefined ? '' : `, section ${section.name}`;
}

function structures({ data, thread, process, processors }: CrashedSystem): Place[] {
  const sizes = data?.value;
  const from = 'the debugger data block';
  const place = (usage: string, what: string, start: Va | undefined, size: number | undefined): Place[] =>
    start === undefined || size === undefined
      ? []
      : [{ kind: 'structure', usage, what, from, start, end: start + BigInt(size) }];
  const inPcr = sizes?.offset('OffsetPcrContainedPrcb');
  const eprocess = sizes?.offset('SizeEProcess');
  return [
    ...place('Thread', 'ETHREAD of the thread that crashed', thread?.address, sizes?.offset('SizeEThread')),
    ...place('Process', 'EPROCESS of the process that crashed', process?.address, eprocess),
    ...processors.flatMap(({ prcb, number }) => {
      const pcr = inPcr === undefined ? undefined : prcb - BigInt(inPcr);
      const of = `of processor ${number?.value ?? '?'}`;
      return [
        ...place('Prcb', `PRCB ${of}`, prcb, sizes?.offset('SizePrcb')),
        ...place('Pcr', `PCR ${of}`, pcr, sizes?.offset('SizePcr')),
      ];
    }),
  ];
}

/** DPC and interrupt stacks of x64 and arm64 have six pages. */
const interruptStack = 0x6000n;

function stacks({ thread, processors, target }: CrashedSystem): Place[] {
  const place = (what: string, from: string, start: Va | undefined, end: Va | undefined): Place[] =>
    start === undefined || end === undefined || start >= end
      ? []
      : [{ kind: 'stack', usage: 'Stack', what, from, start, end }];
  const saved = target.dump.triage?.stack;
  const savedEnd = saved === undefined ? undefined : saved.va + BigInt(saved.size);
  return [
    ...place('kernel stack of the thread that crashed', 'its KTHREAD', thread?.stackLimit, thread?.stackBase),
    ...place('stack that the dump saved', 'the sections of the dump', saved?.va, savedEnd),
    ...processors.flatMap(({ number, dpcStack, isrStack }) => {
      const of = `of processor ${number?.value ?? '?'}, if it has 24 KB`;
      const below = (base: Va | undefined) => (base === undefined ? undefined : base - interruptStack);
      return [
        ...place(`DPC stack ${of}`, 'its PRCB', below(dpcStack), dpcStack),
        ...place(`interrupt stack ${of}`, 'its PRCB', below(isrStack), isrStack),
      ];
    }),
  ];
}

/** The map that Windows keeps of its own tables. */
function pageTables(system: CrashedSystem, memory: VirtualMemory, va?: Va): Place[] {
  const { physical } = system.target.dump;
  if (!(memory instanceof PagedMemory) || physical === undefined) return [];
  const base = pteBase(system, memory, physical);
  if (base === undefined) return [];
  const mapped = va === undefined ? undefined : addressMappedBy(memory.setup, base, va);
  if (va !== undefined && mapped === undefined) return [];
  const bits = system.target.pointerSize === 4 ? 32 : memory.setup.levels === 5 ? 57 : 48;
  const entrySize = bits === 32 && memory.setup.pae !== true ? 4n : 8n;
  const end = base + (1n << BigInt(bits - 12)) * entrySize;
  const what = mapped === undefined ? 'page tables' : `page tables: the PTE of ${system.addressText(mapped)}`;
  const from = 'the self-map of the page tables';
  return [{ kind: 'page-tables', usage: 'PageTables', what, from, start: base, end }];
}

/** Fixed in all builds. Source: the public ntddk.h, KI_USER_SHARED_DATA. */
function sharedData({ machine }: CrashedSystem): Place[] {
  const start = machine === 'x86' ? 0xffff_ffff_ffdf_0000n : 0xffff_f780_0000_0000n;
  const what = 'KUSER_SHARED_DATA, as the kernel sees it';
  const from = 'its address, the same in every build';
  return [{ kind: 'shared-data', usage: 'SharedUserData', what, from, start, end: start + 0x1000n }];
}

/** Regions that the dump tells of, and the addresses of programs. */
function regions(system: CrashedSystem): Place[] {
  const found = systemRegions(system).map(
    ({ usage, from, start, end }): Place => ({
      kind: 'region',
      usage,
      what: regionName(usage),
      from,
      start,
      end,
    }),
  );
  const variable = system.data?.value.address('MmHighestUserAddress');
  const highest = variable === undefined ? undefined : system.target.readPointer(variable);
  if (highest === undefined || highest === 0n) return found;
  const what = 'user addresses of the current process';
  const end = highest + 1n;
  return [
    ...found,
    { kind: 'user', usage: 'UserRange', what, from: 'nt!MmHighestUserAddress', start: 0n, end },
  ];
}
