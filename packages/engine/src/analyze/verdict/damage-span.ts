import { readU32, type Va } from '../../base/index.ts';
import type { PageBytes, PoolBlock, PoolFormat, PoolPage } from '../../pool/index.ts';
import type { DamageFacts } from '../report.ts';
import type { Payload } from './payload.ts';
import type { GroundRule } from './weights.ts';

/** Rules that speak of what stands on a page. */
export type DamageRule = Extract<
  GroundRule,
  | 'headers-frame-it'
  | 'begins-at-end'
  | 'unbroken-from-inside'
  | 'from-first-byte'
  | 'ends-at-start'
  | 'one-bit'
  | 'zero-behind-zeros'
  | 'bit-behind'
  | 'off-by-one'
  | 'looks-alike'
  | 'header-free'
>;

/**
 * What the damage of a page looks like.
 * - `overrun`: `block` was written past its end
 * - `underrun`: `block`, whose header may be lost, was written before its start
 * - `bit`: one bit of a header changed
 * - `freed-block`: the links of a free block were overwritten, and not its header
 * - `stray`: bytes in the middle of a header or of memory that no neighbour reaches
 */
export type DamageShape = 'overrun' | 'underrun' | 'bit' | 'freed-block' | 'stray';

/** One piece of damage on a page of small blocks. */
export interface PageDamage {
  readonly shape: DamageShape;
  /** That wrote, or was written after it was freed. */
  readonly block: PoolBlock | undefined;
  /** Where the header is that was hit, what its block's size was by its neighbours, and what is still known of it. */
  readonly victim: {
    readonly at: Va;
    readonly size: number | undefined;
    readonly block: PoolBlock | undefined;
    /** Of the allocator's own header in front of that, where it has one. */
    readonly front?: Va;
  };
  readonly start: Va;
  /** Bytes. */
  readonly length: number;
  readonly pattern: NonNullable<DamageFacts['pattern']>;
  /** Where the same bytes begin: before `start` where they begin in the block. */
  readonly payloadStart: Va;
  readonly text: string | undefined;
  /** Has the text two bytes a character? */
  readonly isWide: boolean;
  readonly rules: readonly DamageRule[];
  /** Is the block that was hit on a list of free ones? */
  readonly isListed: boolean;
}

/** Bytes around an offset of the page that stand elsewhere too: undefined where none do. */
export type FindCopied = (at: number) => Payload | undefined;

/** A page of small blocks, and what is known of its headers and bytes. */
export interface DamagedPage {
  readonly page: PoolPage;
  readonly read: PageBytes;
  readonly format: PoolFormat;
  /** Of other pages, as stored. */
  readonly tags: Iterable<number>;
  readonly copied: FindCopied;
  /** Headers of blocks that a list of free ones leads to. */
  readonly listed: ReadonlySet<Va>;
}

export const offsetIn = ({ page }: DamagedPage, va: Va): number => Number(va - page.address);

/** A piece of damage of a shape between two offsets of its page. */
export function spanOf(
  damaged: DamagedPage,
  shape: DamageShape,
  [start, end]: readonly [number, number],
  payload?: Payload,
): Omit<PageDamage, 'victim'> {
  const { address } = damaged.page;
  const isMixed = payload === undefined || payload.pattern === 'mixed';
  const payloadStart = payload === undefined ? start : Math.min(start, payload.start);
  return {
    shape,
    block: undefined,
    start: address + BigInt(start),
    length: end - start,
    pattern: isMixed ? wordsIn(damaged, start, end) : payload.pattern,
    payloadStart: address + BigInt(payloadStart),
    text: payload?.text,
    isWide: payload?.isWide ?? false,
    rules: [],
    isListed: false,
  };
}

/** Are the words there addresses of the kernel, or zero? */
function wordsIn({ read: { bytes }, format }: DamagedPage, start: number, end: number): 'pointers' | 'mixed' {
  const size = format.unit / 2;
  let pointers = 0;
  for (let at = Math.ceil(start / size) * size; at + size <= end; at += size) {
    const high = readU32(bytes, at + size - 4);
    const isKernel = size === 8 ? high >= 0xffff_8000 && high < 0xffff_ffff : high >= 0x8000_0000;
    if (isKernel) pointers++;
    else if (high !== 0 || readU32(bytes, at) !== 0) return 'mixed';
  }
  return pointers > 0 ? 'pointers' : 'mixed';
}

/** Can the word there be an address of the kernel's? */
export const isKernelWord = (bytes: Uint8Array, at: number, size: number): boolean =>
  readU32(bytes, at + size - 4) >= (size === 8 ? 0xffff_8000 : 0x8000_0000);

/** The same of a value. */
export const isKernelValue = (value: bigint, size: number): boolean =>
  size === 8 ? value >= 0xffff_8000_0000_0000n : (value & 0x8000_0000n) !== 0n;
