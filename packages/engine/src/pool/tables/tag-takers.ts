import type { Machine } from '../../cpu/index.ts';

/** What a function does with a tag that it is given. */
export type TagUse = 'allocates' | 'frees' | 'references';

/** A function that takes a tag. */
export interface TagTaker {
  readonly name: RegExp;
  /** Which argument the tag is, counted from 1. */
  readonly argument: number;
  /** The same on x86, where one of 64 bits before it counts twice. */
  readonly argumentX86?: number;
  readonly use: TagUse;
  /** The argument is the address of a structure, and the tag stands there: offsets on 64 and on 32 bits. */
  readonly member?: readonly [wide: number, narrow: number];
}

/**
 * Functions of the kernel and of its helpers for drivers that take a tag, by their documented prototypes; the longer names
 * first. Those of the verifier have the same arguments. Tags of object references look the same and are none of pool.
 */
export const tagTakers: readonly TagTaker[] = [
  { name: /^(?:Verifier)?ExInitialize(?:N?Paged)LookasideList$/, argument: 6, use: 'allocates' },
  { name: /^(?:Verifier)?ExInitializeLookasideListEx$/, argument: 7, use: 'allocates' },
  { name: /^(?:Verifier)?ExFreePool(?:WithTag|2)$/, argument: 2, use: 'frees' },
  {
    name: /^(?:Verifier)?ExAllocatePool(?:WithTag|WithQuotaTag|WithTagPriority|WithTagFromNode|Zero|Uninitialized|QuotaZero|PriorityZero|Ex)$/,
    argument: 3,
    use: 'allocates',
  },
  { name: /^(?:Verifier)?ExAllocatePool[23]$/, argument: 3, argumentX86: 4, use: 'allocates' },
  { name: /^(?:FltAllocatePoolAlignedWithTag)$/, argument: 4, use: 'allocates' },
  { name: /^(?:FltFreePoolAlignedWithTag)$/, argument: 3, use: 'frees' },
  { name: /^FsRtlAllocatePool(?:WithTag|WithQuotaTag)$/, argument: 3, use: 'allocates' },
  {
    name: /^(?:MmAllocateMappingAddress|ExAllocateCacheAwareRundownProtection)$/,
    argument: 2,
    use: 'allocates',
  },
  { name: /^MmFreeMappingAddress$/, argument: 2, use: 'frees' },
  { name: /^NdisInitializeN?PagedLookasideList$/, argument: 6, use: 'allocates' },
  // NET_BUFFER_LIST_POOL_PARAMETERS and NET_BUFFER_POOL_PARAMETERS.
  { name: /^NdisAllocateNetBufferListPool$/, argument: 2, use: 'allocates', member: [8, 8] },
  { name: /^NdisAllocateNetBufferPool$/, argument: 2, use: 'allocates', member: [4, 4] },
  { name: /^NdisFreeMemoryWithTag(?:Priority)?$/, argument: 3, use: 'frees' },
  { name: /^VideoPortAllocatePool$/, argument: 4, use: 'allocates' },
  // StorPortAllocatePool is an inline function around this one.
  { name: /^StorPortExtendedFunction$/, argument: 4, use: 'allocates' },
  { name: /^EngAllocUserMem$/, argument: 2, use: 'allocates' },
  { name: /^WdfMemoryCreate$/, argument: 4, use: 'allocates' },
  { name: /^WdfLookasideListCreate$/, argument: 6, use: 'allocates' },
  // WDF_DRIVER_CONFIG.DriverPoolTag.
  { name: /^WdfDriverCreate$/, argument: 5, use: 'allocates', member: [0x1c, 0x10] },
  { name: /^NdisAllocateMemoryWithTag(?:Priority)?$/, argument: 3, use: 'allocates' },
  { name: /^EngAllocMem$/, argument: 3, use: 'allocates' },
  { name: /^Obf?(?:De)?[Rr]eferenceObjectWithTag$/, argument: 2, use: 'references' },
  { name: /^ObReferenceObjectBy(?:Handle|Pointer)WithTag$/, argument: 5, use: 'references' },
];

/** Places of functions in the table of the kernel-mode driver framework. Source: the framework's public headers, version 1. */
export const frameworkFunctions: ReadonlyMap<number, string> = new Map([
  [116, 'WdfDriverCreate'],
  [192, 'WdfMemoryCreate'],
  [198, 'WdfLookasideListCreate'],
]);

/** Which argument the tag is on this machine, in words of the stack on x86. */
export const argumentOf = ({ argument, argumentX86 }: TagTaker, machine: Machine): number =>
  machine === 'x86' ? (argumentX86 ?? argument) : argument;

/** The name without module; undefined when it is only a distance from something. */
export function bareName(name: string | undefined): string | undefined {
  const bare = name?.slice(name.indexOf('!') + 1);
  return bare === undefined || name?.includes('!') !== true || bare.includes('+') ? undefined : bare;
}

/** What a function with this name, module included, does with a tag; undefined where it takes none. */
export function takerOf(name: string | undefined): TagTaker | undefined {
  const bare = bareName(name)
    ?.replace(/^_?_?imp_/, '')
    .replace(/^_(.*)@\d+$/, '$1');
  return bare === undefined ? undefined : tagTakers.find((taker) => taker.name.test(bare));
}
