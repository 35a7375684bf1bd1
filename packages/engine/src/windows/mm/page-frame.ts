import { DebuggerError, type Pfn, type Va } from '../../base/index.ts';
import { MemberReader } from '../member-reader.ts';
import { addressTextOf, type ObjectKernel, unreadable } from '../objects/index.ts';

/** Where a page is. Source: public MMLISTS enumeration; the same from NT 4 on. */
export type PageLocation =
  | 'Zeroed'
  | 'Free'
  | 'Standby'
  | 'Modified'
  | 'ModifiedNoWrite'
  | 'Bad'
  | 'Active'
  | 'Transition';

const locations: readonly PageLocation[] = [
  ...(['Zeroed', 'Free', 'Standby', 'Modified', 'ModifiedNoWrite', 'Bad', 'Active', 'Transition'] as const),
];

/** MI_PFN_CACHE_ATTRIBUTE. */
const cacheAttributes = ['NonCached', 'Cached', 'WriteComb', 'NotMapped'] as const;

/** An entry of the page frame database. Undefined: not in the dump, or where the build keeps it is not known. */
export interface PageFrame {
  readonly pfn: Pfn;
  /** Of the entry. */
  readonly address: Va;
  readonly flink: bigint | undefined;
  /** Of a page in use how often it is mapped; of one in a list the page before. */
  readonly shareCount: bigint | undefined;
  /** The PTE that maps it, or its prototype PTE. */
  readonly pteAddress: Va | undefined;
  readonly referenceCount: number | undefined;
  /** Up to Windows 7: entries in use of a page table. */
  readonly usedEntries: number | undefined;
  readonly cacheAttribute: string | undefined;
  readonly color: number | undefined;
  readonly priority: number | undefined;
  /** What goes back into the PTE when the page leaves. */
  readonly originalPte: bigint | undefined;
  /** The page that holds the PTE. */
  readonly containingPage: bigint | undefined;
  readonly location: PageLocation | undefined;
  /** What is set of: Modified, Shared, ReadInProgress, WriteInProgress, InPageError, ParityError, RemovalRequested. */
  readonly marks: readonly string[];
  /** Names of those above whose bytes are not in the dump. */
  readonly missing: readonly string[];
  /** Names of those above whose place in this build is not known. */
  readonly unknown: readonly string[];
}

/** The structures that it is read from. */
export const pageFrameStructures = ['_MMPFN'] as const;

/** No machine has more than 52 bits of physical addresses. */
const maxPfn = 2 ** 40;

/** Newest names first: flags moved from u3.e1 to u3.e3 in 14393. */
const markPaths: readonly (readonly [name: string, ...paths: string[]])[] = [
  ['Modified', 'u3.e1.Modified'],
  ['Shared', 'u4.PrototypePte', 'u3.e1.PrototypePte'],
  ['ReadInProgress', 'u3.e1.ReadInProgress'],
  ['WriteInProgress', 'u3.e1.WriteInProgress'],
  ['InPageError', 'u3.e3.InPageError', 'u3.e1.InPageError'],
  ['ParityError', 'u3.e3.ParityError', 'u3.e1.ParityError'],
  ['RemovalRequested', 'u3.e3.RemovalRequested', 'u3.e1.RemovalRequested'],
];

/**
 * Where the page frame database begins: the value of nt!MmPfnDatabase, which the debugger data block names. Throws
 * MEMORY_UNREADABLE.
 */
export function pfnDatabase({ data, symbols, target }: ObjectKernel): Va {
  const variable = data?.value.address('MmPfnDatabase') ?? symbols.findAddress('nt!MmPfnDatabase');
  const value = variable === undefined ? undefined : target.readPointer(variable);
  if (value !== undefined && value !== 0n) return value;
  const why =
    variable === undefined
      ? 'this dump has no debugger data block'
      : `nt!MmPfnDatabase at ${addressTextOf({ target }, variable)}: ${target.whyUnreadable(variable) ?? 'it is null'}`;
  throw new DebuggerError('MEMORY_UNREADABLE', `where the page frame database is, is not known: ${why}`);
}

/** Reads the entry of a page. Throws TYPES_UNKNOWN or MEMORY_UNREADABLE. */
export function readPageFrame(kernel: ObjectKernel, pfn: Pfn): PageFrame {
  const { structures } = kernel;
  const type = structures.find('_MMPFN');
  if (type === undefined) throw structures.unknown('_MMPFN');
  if (pfn >= maxPfn) throw new DebuggerError('COMMAND_USAGE', 'a page frame number has 40 bits at most');
  const address = pfnDatabase(kernel) + BigInt(pfn) * BigInt(type.size);
  const read = new MemberReader(structures.at('_MMPFN', address));
  const pteAddress = read.pointer('pteAddress', 'PteAddress');
  if (pteAddress === undefined && read.missing.length > 0)
    throw unreadable(kernel, `entry of page ${pfn.toString(16)} in the PFN database`, address);
  const location = read.number('location', 'u3.e1.PageLocation');
  const cache = read.number('cacheAttribute', 'u3.e1.CacheAttribute');
  const values = {
    flink: read.bigint('flink', 'u1.Flink'),
    shareCount: read.bigint('shareCount', 'u2.ShareCount', 'u2.Blink'),
    pteAddress,
    referenceCount: read.number('referenceCount', 'u3.e2.ReferenceCount', 'u3.ReferenceCount'),
    usedEntries: read.number('usedEntries', 'UsedPageTableEntries'),
    cacheAttribute: cache === undefined ? undefined : cacheAttributes[cache],
    color: read.number('color', 'u4.PageColor'),
    priority: read.number('priority', 'u3.e3.Priority', 'u3.e1.Priority'),
    originalPte: read.bigint('originalPte', 'OriginalPte.u.Long'),
    containingPage: read.bigint('containingPage', 'u4.PteFrame'),
    location: location === undefined ? undefined : locations[location],
  };
  const marks = markPaths.flatMap(([name, ...paths]) =>
    read.flag('marks', ...paths) === true ? [name] : [],
  );
  const absent = Object.entries(values).filter(
    ([name, value]) => value === undefined && !read.missing.includes(name),
  );
  return { pfn, address, ...values, marks, missing: read.missing, unknown: absent.map(([name]) => name) };
}
