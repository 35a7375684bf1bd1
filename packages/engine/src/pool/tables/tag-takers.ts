/** What a function does with a tag that it is given. */
export type TagUse = 'allocates' | 'frees' | 'references';

/** A function that takes a tag. */
export interface TagTaker {
  readonly name: RegExp;
  /** Which argument the tag is, counted from 1. */
  readonly argument: number;
  readonly use: TagUse;
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
    name: /^(?:Verifier)?ExAllocatePool(?:WithTag|WithQuotaTag|WithTagPriority|WithTagFromNode|Zero|Uninitialized|QuotaZero|PriorityZero|2|3|Ex)$/,
    argument: 3,
    use: 'allocates',
  },
  { name: /^(?:FltAllocatePoolAlignedWithTag)$/, argument: 4, use: 'allocates' },
  { name: /^(?:FltFreePoolAlignedWithTag)$/, argument: 3, use: 'frees' },
  { name: /^NdisAllocateMemoryWithTag(?:Priority)?$/, argument: 3, use: 'allocates' },
  { name: /^EngAllocMem$/, argument: 3, use: 'allocates' },
  { name: /^Obf?(?:De)?[Rr]eferenceObjectWithTag$/, argument: 2, use: 'references' },
  { name: /^ObReferenceObjectBy(?:Handle|Pointer)WithTag$/, argument: 5, use: 'references' },
];
