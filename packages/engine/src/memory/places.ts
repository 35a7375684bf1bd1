import type { Va } from '../base/index.ts';
import { addressMappedBy, PagedMemory, type VirtualMemory } from '../mmu/index.ts';
import { ImageProblem, MappedImage, readImageHeaders } from '../pe/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import type { DebuggerData } from '../windows/index.ts';
import { pteBase } from './mapped-pages.ts';

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
    ...structures(system),
    ...stacks(system),
    ...pageTables(system, memory, va),
    ...sharedData(system),
    ...regions(system),
  ];
  return places
    .filter(({ start, end }) => va >= start && va < end)
    .sort((a, b) => Number(a.end - a.start) - Number(b.end - b.start));
}

function modulePlaces(system: CrashedSystem, memory: VirtualMemory, va: Va): Place[] {
  const module = system.modules.find(({ base, size }) => va >= base && va < base + BigInt(size));
  if (module !== undefined) {
    const { base, size, name, from } = module;
    const section = sectionOf(new MappedImage(memory, base, size), Number(va - base));
    const at = system.symbols.nameOf(va) ?? name;
    return [
      {
        kind: 'module',
        what: `module ${name}${section}, at ${at}`,
        from: from === 'PsLoadedModuleList' ? `nt!${from}` : `the ${from}`,
        start: base,
        end: base + BigInt(size),
      },
    ];
  }
  return system.unloadedModules.map(({ name, start, end }) => ({
    kind: 'unloaded-module',
    what: `where ${name} was before it was unloaded`,
    from: 'the list of unloaded drivers',
    start,
    end,
  }));
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
  const place = (what: string, start: Va | undefined, size: number | undefined): Place[] =>
    start === undefined || size === undefined
      ? []
      : [{ kind: 'structure', what, from: 'the debugger data block', start, end: start + BigInt(size) }];
  return [
    ...place('ETHREAD of the thread that crashed', thread?.address, sizes?.offset('SizeEThread')),
    ...place('EPROCESS of the process that crashed', process?.address, sizes?.offset('SizeEProcess')),
    ...processors.flatMap(({ prcb, number }) =>
      place(`PRCB of processor ${number?.value ?? '?'}`, prcb, sizes?.offset('SizePrcb')),
    ),
  ];
}

/** DPC and interrupt stacks of x64 and arm64 have six pages. */
const interruptStack = 0x6000n;

function stacks({ thread, processors, target }: CrashedSystem): Place[] {
  const place = (what: string, from: string, start: Va | undefined, end: Va | undefined): Place[] =>
    start === undefined || end === undefined || start >= end
      ? []
      : [{ kind: 'stack', what, from, start, end }];
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
function pageTables(system: CrashedSystem, memory: VirtualMemory, va: Va): Place[] {
  const { physical } = system.target.dump;
  if (!(memory instanceof PagedMemory) || physical === undefined) return [];
  const base = pteBase(system, memory, physical);
  const mapped = base === undefined ? undefined : addressMappedBy(memory.setup, base, va);
  if (base === undefined || mapped === undefined) return [];
  const bits = system.target.pointerSize === 4 ? 32 : memory.setup.levels === 5 ? 57 : 48;
  const entrySize = bits === 32 && memory.setup.pae !== true ? 4n : 8n;
  const end = base + (1n << BigInt(bits - 12)) * entrySize;
  const what = `page tables: the PTE of ${system.addressText(mapped)}`;
  return [{ kind: 'page-tables', what, from: 'the self-map of the page tables', start: base, end }];
}

/** Fixed in all builds. Source: the public ntddk.h, KI_USER_SHARED_DATA. */
function sharedData({ machine }: CrashedSystem): Place[] {
  const start = machine === 'x86' ? 0xffff_ffff_ffdf_0000n : 0xffff_f780_0000_0000n;
  const what = 'KUSER_SHARED_DATA, as the kernel sees it';
  return [
    { kind: 'shared-data', what, from: 'its address, the same in every build', start, end: start + 0x1000n },
  ];
}

type VariableName = Parameters<DebuggerData['address']>[0];

const regionVariables: readonly (readonly [what: string, start: VariableName, end: VariableName])[] = [
  ['nonpaged pool', 'MmNonPagedPoolStart', 'MmNonPagedPoolEnd'],
  ['paged pool', 'MmPagedPoolStart', 'MmPagedPoolEnd'],
  ['system cache', 'MmSystemCacheStart', 'MmSystemCacheEnd'],
  ['system PTEs', 'MmSystemPtesStart', 'MmSystemPtesEnd'],
];

/** Regions by variables of nt; newer kernels leave most of them at 0. */
function regions({ data, target }: CrashedSystem): Place[] {
  const valueOf = (name: VariableName): Va | undefined => {
    const variable = data?.value.address(name);
    const value = variable === undefined ? undefined : target.readPointer(variable);
    return value === 0n ? undefined : value;
  };
  const found = regionVariables.flatMap(([what, from, to]): Place[] => {
    const [start, end] = [valueOf(from), valueOf(to)];
    if (start === undefined || end === undefined || end <= start) return [];
    return [{ kind: 'region', what, from: `nt!${from} and nt!${to}`, start, end: end + 1n }];
  });
  const highest = valueOf('MmHighestUserAddress');
  if (highest === undefined) return found;
  const what = 'user addresses of the current process';
  return [...found, { kind: 'user', what, from: 'nt!MmHighestUserAddress', start: 0n, end: highest + 1n }];
}
