import { type Pa, type Va, wrap64 } from '../base/index.ts';
import { noRights, type Rights } from './hardware-entry.ts';
import { type PagingScheme, schemeOf } from './paging-scheme.ts';
import type { PagingSetup } from './paging-setup.ts';

/** Where Windows keeps the fields of an entry that is not valid. */
export interface SoftwareFormat {
  readonly scheme: PagingScheme;
  readonly protectionAt: number;
  /** Protection of a prototype entry; undefined where the format has none or the build is unknown. */
  readonly prototypeProtectionAt: number | undefined;
  /** Number of the page file; undefined when the build is unknown. */
  readonly pageFileAt: number | undefined;
  /** Since 17134 (as updated against L1TF) bit 4, SwizzleBit, tells whether the invalid-PTE mask was left alone. */
  readonly swizzles: boolean;
  /** Upper half of the invalid-PTE mask where it is known. */
  readonly mask: number | undefined;
  /** Upper half of the physical addresses that can exist in this dump, as a mask. */
  readonly presentHigh: number;
  /** Non-PAE prototype addresses are whole from Vista on; before, they are relative to nt!MmProtopte_Base. */
  readonly hasWholePrototypes: boolean;
}

/** What an entry that is not valid says. */
export interface SoftwareEntry {
  readonly state: 'transition' | 'prototype' | 'paged-out' | 'demand-zero' | 'not-present';
  /** Page in transition. */
  readonly pa?: Pa;
  readonly pageFile?: { readonly number: number; readonly offset: bigint };
  /** Address of the prototype PTE; absent where the entry sends Windows to the VAD. */
  readonly prototype?: Va;
  readonly rights: Rights;
}

/** `limit`: page frames that the dump describes. */
export function softwareFormatOf(setup: PagingSetup, limit: number): SoftwareFormat {
  const scheme = schemeOf(setup);
  const { build } = setup;
  const isX86 = !scheme.isArm && scheme.entrySize === 4;
  const isNew = build !== undefined && build >= 17134;
  const byBuild = (before: number, since: number) =>
    build === undefined ? undefined : isNew ? since : before;
  return {
    scheme,
    protectionAt: scheme.isArm ? 1 : 5,
    prototypeProtectionAt: scheme.isArm ? 1 : isX86 ? undefined : byBuild(11, 5),
    pageFileAt: scheme.isArm ? 6 : isX86 ? 1 : byBuild(1, 12),
    swizzles: isNew && !scheme.isArm && !isX86,
    mask:
      setup.invalidPteMask === undefined ? undefined : Number((setup.invalidPteMask >> 32n) & 0xffff_ffffn),
    presentHigh: presentHigh(limit),
    hasWholePrototypes: !isX86 || (build !== undefined && build >= 6000),
  };
}

/** The mask lies above all memory, and no processor has fewer than 36 address bits. */
const presentHigh = (limit: number): number =>
  2 ** Math.min(20, Math.max(3, Math.ceil(Math.log2(Math.max(1, limit))) - 20)) - 1;

/** Decodes an entry whose bit 0 is clear. */
export function decodeSoftwareEntry(format: SoftwareFormat, low: number, high: number): SoftwareEntry {
  if ((low & 0x400) !== 0) return decodePrototype(format, low, high);
  if ((low & 0x800) !== 0) return decodeTransition(format, low, high);
  const protection = (low >>> format.protectionAt) & 0x1f;
  // Protection 0: zero, or a link of a free list. 0x10 (MM_DECOMMIT): given back.
  if (protection === 0 || protection === 0x10) return { state: 'not-present', rights: noRights };
  const rights = rightsOfProtection(protection);
  const offset = format.scheme.entrySize === 4 ? low >>> 12 : unswizzle(format, low, high);
  const number = format.pageFileAt === undefined ? undefined : (low >>> format.pageFileAt) & 0xf;
  if ((number ?? 0) === 0 && (offset === 0 || isLoneMask(format, low, offset)))
    return { state: 'demand-zero', rights };
  if (number === undefined) return { state: 'paged-out', rights };
  return { state: 'paged-out', pageFile: { number, offset: BigInt(offset) }, rights };
}

function decodeTransition(format: SoftwareFormat, low: number, high: number): SoftwareEntry {
  // No build uses bits 52..63: with them set this is no transition entry, and its frame number means nothing.
  if (high >>> 20 !== 0) return { state: 'not-present', rights: noRights };
  const isUnknown = isSwizzled(format, low) && format.mask === undefined;
  const upper = isUnknown ? high & format.presentHigh : unswizzle(format, low, high);
  const pa = upper * 2 ** 32 + ((low & 0xffff_f000) >>> 0);
  return { state: 'transition', pa, rights: rightsOfProtection((low >>> format.protectionAt) & 0x1f) };
}

function decodePrototype(format: SoftwareFormat, low: number, high: number): SoftwareEntry {
  const at = format.prototypeProtectionAt;
  const protection = at === undefined ? 0 : (low >>> at) & 0x1f;
  const prototype = prototypeAddress(format, low, high);
  const rights = rightsOfProtection(protection);
  return prototype === undefined ? { state: 'prototype', rights } : { state: 'prototype', prototype, rights };
}

/** A prototype PTE is aligned and in kernel space; all ones stand for "look at the VAD". */
function prototypeAddress(format: SoftwareFormat, low: number, high: number): Va | undefined {
  const { entrySize, addressBits } = format.scheme;
  if (entrySize === 4) return format.hasWholePrototypes ? prototypeAddress32(low) : undefined;
  if (high === 0xffff_ffff) return undefined;
  // Where the mask may be in the address, following it would read somebody else's bytes as the entry.
  if (isSwizzled(format, low) && format.mask === undefined && (high & maskableHigh) !== 0) return undefined;
  const upper = unswizzle(format, low, high);
  const aligned = addressBits === 32 ? (upper & 7) === 0 : (low & 0x7_0000) === 0;
  if (!aligned || upper >>> 31 === 0) return undefined;
  const address = addressBits === 32 ? BigInt(upper | 0) : (BigInt(upper | 0) << 16n) | BigInt(low >>> 16);
  return wrap64(address);
}

/** Bits 1..8 are address bits 2..9, bits 11..31 are 10..30, and bit 31 is set (types of Vista and 7). */
function prototypeAddress32(low: number): Va | undefined {
  if (low >>> 12 === 0xf_ffff) return undefined;
  return wrap64(BigInt(0x8000_0000 | ((low >>> 1) & 0x7fff_fc00) | ((low << 1) & 0x3fc)));
}

/** Bits 35 to 47 of an entry, in its upper half: where Windows' mask against L1TF is. */
const maskableHigh = 0xfff8;

const isSwizzled = (format: SoftwareFormat, low: number): boolean => format.swizzles && (low & 0x10) === 0;

const unswizzle = (format: SoftwareFormat, low: number, high: number): number =>
  isSwizzled(format, low) ? (high & ~(format.mask ?? 0)) >>> 0 : high;

/** An offset of one bit between 35 and 47 of the entry is the unknown mask over nothing. */
const isLoneMask = (format: SoftwareFormat, low: number, offset: number): boolean =>
  isSwizzled(format, low) &&
  format.mask === undefined &&
  offset >= 8 &&
  offset <= 0x8000 &&
  (offset & (offset - 1)) === 0;

/** MM protection: the low three bits; 5 and 7 (copy on write) are not written through. User access is the caller's. */
function rightsOfProtection(protection: number): Rights {
  const access = protection & 7;
  return {
    writable: access === 4 || access === 6,
    user: true,
    executable: access === 2 || access === 3 || access >= 6,
  };
}

/** Windows' five protection bits of an entry that is not valid; undefined where this build's place of them is not known. */
export function protectionOf(setup: PagingSetup, entry: bigint): number | undefined {
  const low = Number(entry & 0xffff_ffffn);
  if ((low & 1) !== 0) return undefined;
  const format = softwareFormatOf(setup, 0);
  const at = (low & 0x400) === 0 ? format.protectionAt : format.prototypeProtectionAt;
  return at === undefined ? undefined : (low >>> at) & 0x1f;
}

/** Subsection addresses without the Prototype bit, inside prototype PTEs since 22621. */
export const isSubsection = (low: number, high: number): boolean =>
  (low & 0xf) === 0 && high >>> 15 === 0x1_ffff;
