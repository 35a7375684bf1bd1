/**
 * What each kind of evidence is worth, as the logarithm of the odds that a finding with it is right. Independent pieces add
 * up. These are judged; calibration.ts makes probabilities of what they give.
 */
export const judgedGrounds = {
  /** Odds of a finding about which nothing else is known. */
  bias: -1.5,
  /** Windows itself says so: the bug check is one of special pool or of the verifier. */
  'bug-check-proves': 4,
  /** The bug check names the damaged place. */
  'bug-check-names': 1,
  /** Nothing is damaged by now at the place that it names. */
  'place-whole': -0.5,
  /** Its code says what was done, and a damaged header may have made it say so. */
  'bug-check-tells': 2,
  /** The fault went through a pointer that is no address. */
  'followed-pointer': 0.5,
  /** A register or a word of the stack at the fault points there. */
  mentioned: 0.25,
  /** A bad pointer was loaded from a cell of the damaged place, and stands there still. */
  'loaded-from': 1.5,
  /** The heap went where the damaged header of a chunk leads. */
  'led-astray': 1.5,
  /** Headers before and behind agree about where the damage is. */
  'headers-frame-it': 1,
  /** A header is destroyed, and a block of its page ends right where the damage begins. */
  'begins-at-end': 1,
  /** The damage is one with bytes inside the block before it. */
  'unbroken-from-inside': 2,
  /** The same bytes begin where the block's memory begins. */
  'from-first-byte': 1.5,
  /** The damage ends where the block behind it begins. */
  'ends-at-start': 1.5,
  /** One bit changed back makes the page whole. */
  'one-bit': 2.5,
  /** The byte behind a block was cleared that ends in zeros: a NUL too many does that as well. */
  'zero-behind-zeros': -3,
  /** One bit behind the end of a block was set: a bit map may be too small, or the memory bad. */
  'bit-behind': 0.6,
  /** Only the first byte of a header changed. */
  'off-by-one': 1.5,
  /** A header was destroyed, and nothing tells from which side. */
  'looks-alike': -1.6,
  /** The header that a refused request was judged by is on a damaged page. */
  'header-in-doubt': -1,
  /** The place was found by searching all pool, not from the crash. */
  'found-by-search': -0.5,
  /** What was written stands in a loaded image. */
  'payload-in-image': 1,
  /** The block's tag is a number in the code of a loaded image. */
  'tag-in-code': 0.5,
  /** The verifier's log has the block's allocation and its free. */
  'log-tells': 2.5,
  /** The address is on a page of special pool that is not mapped any more. */
  'freed-page': 1.5,
  /** A free was called with an address of user mode. */
  'user-address': 3,
  /** The header says that the block is free. */
  'header-free': 2,
  /** The fault is near address 0. */
  'null-pointer': 2.5,
  /** Windows recorded another address than the registers give. */
  'registers-differ': -1,
  /** The exception or the address has nothing to do with pool. */
  'other-cause': 3,
  /** All pool in the dump is whole. */
  'pool-healthy': 2.6,
  /** The bad pointer stands where a freed block keeps its link. */
  'value-in-free-block': 1.5,
  /** The allocator followed a pointer that is none. */
  'in-allocator': 1.3,
  /** The block belongs to another driver than the one that used it. */
  'of-another': 1.5,
  /** It does, and the user keeps its address nowhere. */
  'handed-over': 0.5,
  /** Bytes in a block are not what others of the kind have, from its first byte on, or somewhere in it: its owner may have written them. */
  'foreign-from-start': -0.6,
  'foreign-bytes': -0.6,
  /** One tag holds most of a pool, and its blocks are not freed. */
  leak: 2,
  /** The crash is one of code that did not look whether it got memory. */
  'allocation-failed': 1,
  /** A link of the allocator's in a free block is none. */
  'link-overwritten': 2,
  /** A pointer was followed through memory that is a free block. */
  'through-free-block': 1.5,
  /** A check of a linked list refused an entry. */
  'list-refused': 1,
  /** The neighbours of the entry lead to each other. */
  'unlinked-before': 3,
  /** A freed block was given away again, and its first word is still that of before. */
  'given-again': 1,
  /** A driver keeps the address of a block that is not its own. */
  'address-kept': 1,
  /** The tag in a header is not the one that its owner freed it with, and none. */
  'tag-overwritten': 1.5,
} as const;

export type GroundRule = Exclude<keyof typeof judgedGrounds, 'bias'>;

/** How likely a module with one such reason is the culprit. Independent reasons: the chance that not all are wrong. */
export const judgedSuspects = {
  /** The faulting instruction is in the module, and the fault itself is the deed. */
  'did-it': 0.97,
  /** A function of the kernel made the access for it. */
  'called-for-it': 0.9,
  /** It has the request that the machine waited for. */
  'holds-request': 0.85,
  /** The bug check gives its name. */
  named: 0.95,
  /** It freed the block, by the stack. */
  'freed-it': 0.9,
  'freed-first': 0.85,
  /** It allocated the block that was run over, by the verifier's log. */
  'allocated-it': 0.85,
  /** Its code names the block's tag at an allocation. */
  'uses-tag': 0.7,
  /** The same with a tag out of data that can be written, out of a table, or by way of a structure: it may be another at times. */
  'keeps-tag': 0.55,
  /** The number is in its code, and what for is not known. */
  'names-tag': 0.25,
  /** The tag's table names it. */
  'owns-tag': 0.5,
  /** It allocates without a tag, and so is the block. */
  'allocates-untagged': 0.15,
  /** The text of the damage stands in it, and in no other module. */
  'holds-text': 0.75,
  /** And in others too. */
  'shares-text': 0.25,
  /** What was written stands in its image, or in a block with a tag of its own. */
  'holds-copy': 0.6,
  'owns-copy': 0.4,
  /** The damage points into it. */
  'pointed-into': 0.5,
  /** The faulting instruction is its own. */
  faulted: 0.7,
  /** It used a block that belongs to another driver by now. */
  'used-freed': 0.8,
  /** It keeps the address of a block that is not its own. */
  'keeps-address': 0.75,
  /** A block of its own holds the address that was written to. */
  'points-there': 0.5,
  /** It is the nearest driver on the stack of a crash that is not about pool. */
  'nearest-driver': 0.6,
  /** It freed the block, by words of the stack that may be left over. */
  'maybe-freed-it': 0.5,
  /** It runs on the crashed stack, below the kernel's own functions. */
  'on-stack': 0.1,
  /** It was unloaded shortly before. */
  unloaded: 0.1,
} as const;

export type SuspectRule = keyof typeof judgedSuspects;

/** A number for each rule. */
export type Weights = Readonly<Record<string, number>>;

/** The chance that a finding with these rules is right: odds multiply. Each rule counts once. */
export function chanceOfFinding(weights: Weights, rules: Iterable<string>): number {
  let odds = weights['bias']!;
  for (const rule of new Set(rules)) odds += weights[rule]!;
  return 1 / (1 + Math.exp(-odds));
}

/** The chance that a module with these reasons is the culprit: that not all of them are wrong. */
export function chanceOfGuilt(weights: Weights, rules: Iterable<string>): number {
  let innocent = 1;
  for (const rule of new Set(rules)) innocent *= 1 - weights[rule]!;
  return 1 - innocent;
}

/** How sure a finding is judged to be, from 0 to 1. */
export const confidenceOf = (rules: Iterable<GroundRule>, weights: Weights = judgedGrounds): number =>
  said(chanceOfFinding(weights, rules));

/** How likely a module is judged to be the culprit, from the rules that name it. */
export const suspicionOf = (rules: Iterable<SuspectRule>, weights: Weights = judgedSuspects): number =>
  said(chanceOfGuilt(weights, rules));

/** Nothing is certain. */
const [lowest, highest] = [0.02, 0.99];

const said = (chance: number): number => Math.round(Math.min(highest, Math.max(lowest, chance)) * 100) / 100;
