import { type Entry, fixed, type Parameter, subcoded, type Variant, variantOf, varying } from '../entry.ts';
import { access, address, ip, poolBlock, size, value } from '../parameters.ts';
import type { BugCheckFacts, PoolRelation } from '../types.ts';
import { hex } from '../values.ts';

const reporter = address('the heap that reported it, or a part of it');
const where = [reporter, poolBlock('where the damage was found')] as const;
/** Source: the parameters and stacks of four public reports of 0x12, and of one of 0x8. */
const worked = [
  reporter,
  poolBlock('where the VS subsegment should begin: worked out of a header, seldom the damage itself'),
] as const;
const chunk = [reporter, poolBlock('the header of the block, or of its chunk')] as const;

/** Meaning of a shadow byte. */
function shadowMeaning(shadow: number): string {
  if (shadow === 0) return 'all 8 bytes are valid';
  if (shadow < 8) return `only the first ${shadow} of 8 bytes are valid`;
  return shadows[shadow] ?? (shadow < 0x80 ? 'valid under some condition' : 'invalid memory');
}

/** Documented with the sanitizer. */
const shadows: Readonly<Record<number, string>> = {
  0x09: 'pageable memory at raised IRQL',
  0x81: 'before an alloca block',
  0x82: 'between alloca blocks',
  0x83: 'behind an alloca block',
  0x84: 'behind a global variable',
  0x85: 'red zone',
  0x86: 'behind a pool block',
  0x87: 'freed pool',
  0x8a: 'before contiguous memory',
  0x8b: 'behind contiguous memory',
  0x8c: 'a freed block of a lookaside list',
  0x8d: 'before a pool block',
  0xf1: 'before a stack variable',
  0xf2: 'between stack variables',
  0xf3: 'behind a stack variable',
  0xf5: 'a stack variable after the return',
  0xf8: 'a stack variable out of its scope',
};

/** Bits 0 to 7 the shadow byte, bit 8 the access. */
const shadowed: Parameter = {
  ...access(),
  read: (bits) => {
    const shadow = Number(bits & 0xffn);
    return `${(bits & 0x100n) === 0n ? 'read' : 'write'}; shadow ${hex(shadow)}: ${shadowMeaning(shadow)}`;
  },
};

const poolShadows = new Set([0x86, 0x87, 0x8c, 0x8d]);

/** Shadows of stacks and global variables are not about pool; the other ones do not say. */
function shadowRelation(shadow: number): PoolRelation {
  if (poolShadows.has(shadow)) return 'yes';
  return shadow > 0xf0 || (shadow > 0x80 && shadow < 0x85) ? 'no' : 'maybe';
}

function sanitizedAccess({ parameters }: BugCheckFacts): Variant {
  const shadow = Number(parameters[3] & 0xffn);
  const words = [
    address('the memory that was referenced'),
    size('bytes of the access'),
    ip('the instruction that made the access'),
    shadowed,
  ];
  return {
    ...variantOf(words, `The memory is marked ${hex(shadow)}: ${shadowMeaning(shadow)}.`),
    pool: shadowRelation(shadow),
  };
}

/** Checks of the kernel heap, which carries pool since Windows 10 1903, and of the kernel address sanitizer. */
export const heapChecks: readonly Entry[] = [
  subcoded(0x13a, 'yes', 'The kernel heap, which carries pool, found damage or a wrong call.', 1, {
    0x3: ['the header of a block is damaged', ...where],
    0x4: ['the headers of several blocks are damaged', ...where],
    0x5: ['the header of a large allocation is damaged', ...where],
    0x6: ['damage that looks like an overrun', ...where],
    0x7: ['damage that looks like an underrun', ...where],
    0x8: ['a free block was given where only an allocated one may be', ...chunk],
    0x9: ['an argument of the call is not valid', ...where],
    0xa: ['an internal error about the type of the allocation', ...where],
    0xb: ['damage that looks like use of a block after its free', ...where],
    0xc: ['the call names the wrong heap', ...where],
    0xd: ['the free list is damaged: use after free, or an overrun of the neighbour', ...where],
    0xe: ['a list is damaged, but not the free list', ...where],
    0xf: ['the operation, such as a free, is not allowed on a free block', ...where],
    0x10: ['invalid internal state, which an overrun can cause', ...where],
    0x11: ['invalid internal state, which a double free or other damage can cause', ...chunk],
    0x12: [
      'invalid internal state, which use after free or an overrun of the neighbour can cause',
      ...worked,
    ],
    0x13: ['the call names no heap at all', ...where],
    0x14: ['the request is larger than the limit of an allocation', ...where],
    0x15: ['committing the request would exceed the commit limit', ...where],
    0x16: ['an internal error, which a bad address or damage can cause', ...where],
    0x17: [
      'a block on the delayed free list is damaged: use after free, or an overrun of the neighbour',
      ...where,
    ],
  }),
  fixed(
    0x1f1,
    'no',
    'The kernel address sanitizer met an error of its own.',
    value('type of the operation'),
    value('type of the error'),
    value('further information'),
    value('further information'),
  ),
  varying(
    0x1f2,
    'maybe',
    'The kernel address sanitizer caught an access to memory that is not valid.',
    sanitizedAccess,
  ),
];
