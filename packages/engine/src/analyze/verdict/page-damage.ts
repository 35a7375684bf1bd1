import { readU32, type Va } from '../../base/index.ts';
import type {
  BitError,
  ExpectedHeader,
  PageBytes,
  PoolBlock,
  PoolFormat,
  PoolPage,
  UnexplainedExtent,
} from '../../pool/index.ts';
import type { DamageFacts } from '../report.ts';
import { billingKey, type HeaderChange, headerChange } from './header-change.ts';
import { type Payload, payloadAt } from './payload.ts';
import { elementsBefore, elementsBehind } from './repeats.ts';
import type { GroundRule } from './weights.ts';

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
  readonly rules: readonly GroundRule[];
}

/** Bytes around an offset of the page that stand elsewhere too: undefined where none do. */
export type FindCopied = (at: number) => Payload | undefined;

/** Reads the damage of a page: one for each place where its headers stop making sense, and for each broken free block. */
export function readDamage(
  page: PoolPage,
  bytes: PageBytes,
  format: PoolFormat,
  copied: FindCopied = () => undefined,
): PageDamage[] {
  const reader = new DamageReader(page, bytes, format, copied);
  const extents = page.unexplained.filter(({ reason }) => reason === 'damaged');
  return [...extents.map((extent) => reader.extent(extent)), ...reader.freedBlocks()];
}

/** Is it a bit that was clear before? */
const isSet = (error: BitError | undefined): boolean =>
  error !== undefined && (error.found & ~error.expected) !== 0;

class DamageReader {
  readonly #page: PoolPage;
  readonly #bytes: Uint8Array;
  readonly #format: PoolFormat;
  readonly #copied: FindCopied;
  readonly #key: bigint | undefined;

  constructor(page: PoolPage, read: PageBytes, format: PoolFormat, copied: FindCopied) {
    this.#page = page;
    this.#bytes = read.bytes;
    this.#key = billingKey(read, page.blocks, format);
    this.#format = format;
    this.#copied = copied;
  }

  extent(extent: UnexplainedExtent): PageDamage {
    const page = this.#page;
    const { blocks, expected } = page;
    const at = this.#offset(extent.start);
    const header = expected.find(({ at: place }) => place === extent.start);
    const before = blocks.find(({ address, size }) => address + BigInt(size) === extent.start);
    const own = blocks.find(({ address }) => address === extent.start);
    const victim = { at: extent.start, size: header?.size, block: own };
    const change =
      header === undefined
        ? undefined
        : headerChange(this.#bytes, at, this.#format, header, this.#billed(extent.start));
    const bit = this.#bitError(extent.start, header, change);
    // What looks the same in the header of a whole block does not belong to it.
    const lowest = before === undefined ? 0 : this.#offset(before.address) + this.#format.unit;
    const payload =
      payloadAt(this.#bytes, at, lowest) ??
      this.#unlike(at, before === undefined ? undefined : lowest, victim);
    const rules: readonly GroundRule[] = header === undefined ? [] : ['headers-frame-it'];
    const isContinued = payload !== undefined && payload.start < at;
    if (bit !== undefined && !isContinued) {
      // One bit too many of a bit map looks the same as one that flipped by itself.
      const isBehind =
        before?.state === 'allocated' && bit.start === extent.start && isSet(page.bitErrors[0]);
      return isBehind
        ? { ...bit, shape: 'overrun', block: before, victim, rules: [...rules, 'bit-behind'] }
        : { ...bit, victim, rules: [...rules, 'one-bit'] };
    }
    if (change !== undefined && change.first > 0 && payload === undefined)
      return { ...this.#span('stray', at + change.first, at + change.end), victim, rules };
    return { ...this.#written(at, before, change, payload, rules), victim };
  }

  /** What the end of a header was that no process pays for. */
  #billed(at: Va): bigint | undefined {
    return this.#key === undefined ? undefined : at ^ this.#key;
  }

  /** Data that is no run: elements of an array that go on, or what stands elsewhere too. */
  #unlike(at: number, body: number | undefined, { size }: PageDamage['victim']): Payload | undefined {
    const behind = body === undefined ? undefined : elementsBehind(this.#bytes, body, at);
    if (behind !== undefined) return behind;
    const own = at + this.#format.unit;
    const end = size === undefined ? this.#bytes.length : Math.min(this.#bytes.length, at + size);
    const ahead = elementsBefore(this.#bytes.subarray(0, end), body ?? 0, own);
    if (ahead !== undefined && ahead.start <= at) return ahead;
    const copied = this.#copied(at);
    return copied === undefined ? undefined : { ...copied, start: Math.max(body ?? 0, copied.start) };
  }

  /** A header that was hit from its first byte on: by the block before it, or by its own from behind. */
  #written(
    at: number,
    before: PoolBlock | undefined,
    change: HeaderChange | undefined,
    payload: Payload | undefined,
    known: readonly GroundRule[],
  ): Omit<PageDamage, 'victim'> {
    const { unit } = this.#format;
    const body = before === undefined ? undefined : this.#offset(before.address) + unit;
    const start = payload?.start ?? at;
    const end = payload?.end ?? at + (change?.end ?? unit);
    const isUnder = payload !== undefined && end === at + unit && start < at && start !== body;
    if (isUnder) {
      const rules: GroundRule[] = [...known, 'ends-at-start'];
      return { ...this.#span('underrun', start, at, payload, start), rules, block: undefined };
    }
    const isOutOf = before !== undefined && before.state === 'allocated';
    const rules: GroundRule[] = [...known];
    if (isOutOf) rules.push('begins-at-end');
    if (isOutOf && payload !== undefined && start < at) rules.push('unbroken-from-inside');
    if (isOutOf && payload !== undefined && start === body) rules.push('from-first-byte');
    if (isOutOf && payload === undefined && change?.first === 0 && change.end === 1) rules.push('off-by-one');
    return {
      ...this.#span(isOutOf ? 'overrun' : 'stray', at, end, payload, start),
      rules,
      block: isOutOf ? before : undefined,
    };
  }

  /** Free blocks whose header is whole and whose links are not. */
  freedBlocks(): PageDamage[] {
    const { problems, blocks } = this.#page;
    const links = problems.filter(({ rule }) => rule === 'free-link');
    return blocks.flatMap((block) => {
      const end = block.address + BigInt(block.size);
      const link = links.find(({ at }) => at > block.address && at < end);
      return link === undefined ? [] : [this.#freedBlock(block, link.at)];
    });
  }

  #freedBlock(block: PoolBlock, link: Va): PageDamage {
    const [head, at] = [this.#offset(block.address), this.#offset(link)];
    const body = head + this.#format.unit;
    const payload = payloadAt(this.#bytes, at, body);
    const start = payload?.start ?? at;
    const end = Math.min(head + block.size, payload?.end ?? at + this.#format.unit / 2);
    const victim = { at: block.address, size: block.size, block };
    return { ...this.#span('freed-block', start, end, payload), victim, block, rules: ['header-free'] };
  }

  #bitError(
    at: Va,
    header: ExpectedHeader | undefined,
    change: HeaderChange | undefined,
  ): Omit<PageDamage, 'victim'> | undefined {
    const { bitErrors, problems, unexplained } = this.#page;
    const [error] = bitErrors;
    if (bitErrors.length !== 1 || error === undefined || error.at !== at) return undefined;
    if (unexplained.length > 1 || problems.length > 2 || (change?.bits ?? 0) !== 2 ** error.bit)
      return undefined;
    const byte = this.#offset(header?.at ?? at) + (error.bit >> 3);
    return { ...this.#span('bit', byte, byte + 1), pattern: 'bit' };
  }

  #span(
    shape: DamageShape,
    start: number,
    end: number,
    payload?: Payload,
    payloadStart = start,
  ): Omit<PageDamage, 'victim'> {
    const { address } = this.#page;
    return {
      shape,
      block: undefined,
      start: address + BigInt(start),
      length: end - start,
      pattern:
        payload === undefined || payload.pattern === 'mixed' ? this.#wordsIn(start, end) : payload.pattern,
      payloadStart: address + BigInt(payloadStart),
      text: payload?.text,
      isWide: payload?.isWide ?? false,
      rules: [],
    };
  }

  /** Are the words there addresses of the kernel, or zero? */
  #wordsIn(start: number, end: number): 'pointers' | 'mixed' {
    const size = this.#format.unit / 2;
    let pointers = 0;
    for (let at = Math.ceil(start / size) * size; at + size <= end; at += size) {
      const high = readU32(this.#bytes, at + size - 4);
      const isKernel = size === 8 ? high >= 0xffff_8000 && high < 0xffff_ffff : high >= 0x8000_0000;
      if (isKernel) pointers++;
      else if (high !== 0 || readU32(this.#bytes, at) !== 0) return 'mixed';
    }
    return pointers > 0 ? 'pointers' : 'mixed';
  }

  #offset(va: Va): number {
    return Number(va - this.#page.address);
  }
}
