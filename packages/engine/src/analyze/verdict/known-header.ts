import { readU32, readU64 } from '../../base/index.ts';
import {
  decodeType,
  type ExpectedHeader,
  fieldOf,
  isPrintableTag,
  type PageBytes,
  type PoolBlock,
  type PoolFormat,
} from '../../pool/index.ts';
import { isPrintable } from './payload.ts';

/** What the other blocks of a page tell of a header there. */
export interface HeaderKnowledge {
  /** As stored: of the page. */
  readonly tags: ReadonlySet<number>;
  /** Of the machine. */
  readonly others: ReadonlySet<number>;
  readonly types: readonly number[];
  /** What the last 8 bytes of a header of x64 are, by its address; undefined: nobody knows. */
  readonly last: ((at: bigint) => bigint) | undefined;
}

/** Fewest headers that have to agree about their last bytes. */
const fewestAgreeing = 3;

/** `tags`: of other pages. */
export function headerKnowledge(
  page: PageBytes,
  blocks: readonly PoolBlock[],
  format: PoolFormat,
  tags: Iterable<number> = [],
): HeaderKnowledge {
  return {
    tags: new Set(blocks.map(({ tagValue }) => tagValue)),
    others: new Set(tags),
    types: blocks.filter(({ state }) => state === 'allocated').map(({ type }) => type),
    last: format.unit === 16 ? lastBytes(page, blocks) : undefined,
  };
}

/**
 * The last 8 bytes of headers that no process pays for: from Windows 8 on the header's address, XOR-ed with a number of the
 * machine's; before that nothing of use, which may be zero in all of them.
 */
function lastBytes(
  { address, bytes }: PageBytes,
  blocks: readonly PoolBlock[],
): HeaderKnowledge['last'] | undefined {
  const words = blocks
    .filter(({ quota }) => !quota)
    .map(({ address: at }) => ({ at, word: readU64(bytes, Number(at - address) + 8) }));
  const key = agreed(
    words.map(({ at, word }) => word ^ at),
    0.5,
  );
  if (key !== undefined) return (at) => key ^ at;
  const plain = agreed(
    words.map(({ word }) => word),
    1,
  );
  return plain === undefined ? undefined : () => plain;
}

/** The value of most, if they are such a share of all. */
function agreed(values: readonly bigint[], share: number): bigint | undefined {
  const counts = new Map<bigint, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [best] = [...counts].sort((a, b) => b[1] - a[1]);
  if (best === undefined || best[1] < fewestAgreeing) return undefined;
  return best[1] >= values.length * share ? best[0] : undefined;
}

/** What a header was, bit by bit: only the bits of the masks are known. */
export interface KnownHeader {
  readonly values: Uint8Array;
  readonly masks: Uint8Array;
}

/** What a header was, by its neighbours and by the other headers of its page. */
export function knownHeader(
  { address, bytes }: PageBytes,
  at: number,
  format: PoolFormat,
  expected: ExpectedHeader | undefined,
  knowledge: HeaderKnowledge,
): KnownHeader {
  const known: KnownHeader = { values: new Uint8Array(format.unit), masks: new Uint8Array(format.unit) };
  const found = readU32(bytes, at);
  for (const [name, value] of [
    ['previousSize', units(expected?.previousSize, format)],
    ['size', units(expected?.size, format)],
    ['index', expected?.index],
    ['type', typeOf(fieldOf(found, format, 'type'), knowledge.types, format)],
  ] as const)
    if (value !== undefined) learn(known, format.fields[name], value);
  learnTag(known, readU32(bytes, at + 4), knowledge);
  if (knowledge.last !== undefined && !isCharged(known, format)) {
    const last = knowledge.last(address + BigInt(at));
    for (let byte = 0; byte < 8; byte++) {
      known.values[8 + byte] = Number((last >> BigInt(8 * byte)) & 0xffn);
      known.masks[8 + byte] = 0xff;
    }
  }
  return known;
}

const units = (size: number | undefined, { unit }: PoolFormat): number | undefined =>
  size === undefined ? undefined : size / unit;

function learn({ values, masks }: KnownHeader, field: { shift: number; mask: number }, value: number): void {
  const [word, mask] = [(value & field.mask) << field.shift, field.mask << field.shift];
  for (let byte = 0; byte < 4; byte++) {
    values[byte] = values[byte]! | ((word >>> (8 * byte)) & 0xff);
    masks[byte] = masks[byte]! | ((mask >>> (8 * byte)) & 0xff);
  }
}

/** A type that the kernel writes in that pool is its own; another one was that of most blocks. */
function typeOf(found: number, types: readonly number[], { encoding }: PoolFormat): number | undefined {
  const { isValid, paged } = decodeType(found, encoding);
  const isOfPool = (type: number): boolean => decodeType(type, encoding).paged === paged;
  if (isValid && (paged === undefined || types.length === 0 || types.some(isOfPool))) return found;
  const counts = types.map((type) => ({ type, count: types.filter((each) => each === type).length }));
  return counts.sort((a, b) => b.count - a.count)[0]?.type;
}

const quotaBit = 0x08;

const isCharged = ({ values }: KnownHeader, { fields }: PoolFormat): boolean =>
  ((readU32(values, 0) >>> fields.type.shift) & quotaBit) !== 0;

/** Fewest characters of a tag that have to be there still; of one that the page does not have, among all of the machine. */
const [fewestAlike, fewestOfOthers] = [2, 3];

/** A tag that a block of the machine has, whole or in part; of another one what no tag has was changed. */
function learnTag({ values, masks }: KnownHeader, found: number, { tags, others }: HeaderKnowledge): void {
  const was = onlyLike(found, tags, fewestAlike) ?? onlyLike(found, others, fewestOfOthers);
  for (let byte = 0; byte < 4; byte++) {
    const value = (found >>> (8 * byte)) & 0xff;
    if (was !== undefined) values[4 + byte] = (was >>> (8 * byte)) & 0xff;
    else if (!isPrintableTag(found) && !isPrintableTag(0x2020_2020 ^ ((value ^ 0x20) << (8 * byte))))
      values[4 + byte] = ~value & 0xff;
    else continue;
    masks[4 + byte] = 0xff;
  }
}

/** The tag that has more characters in common with one than all others. */
function onlyLike(found: number, tags: Iterable<number>, fewest: number): number | undefined {
  let [best, most, count]: [number | undefined, number, number] = [undefined, fewest - 1, 0];
  for (const tag of tags) {
    const alike = bytesAlike(tag, found);
    if (alike < most) continue;
    [best, most, count] = alike > most ? [tag, alike, 1] : [best, most, count + 1];
  }
  return count === 1 ? best : undefined;
}

const bytesAlike = (a: number, b: number): number =>
  [0, 8, 16, 24].filter((shift) => ((a >>> shift) & 0xff) === ((b >>> shift) & 0xff)).length;

/** Which bytes of a header are not what they were; offsets into it, the end exclusive. */
export interface HeaderChange {
  readonly first: number;
  readonly end: number;
  /** Bits of the first four bytes that differ from what is known of them. */
  readonly bits: number;
}

/** Undefined: nothing that is known differs. */
export function headerChange(
  bytes: Uint8Array,
  at: number,
  { values, masks }: KnownHeader,
): HeaderChange | undefined {
  const changed: number[] = [];
  let bits = 0;
  for (let byte = 0; byte < values.length; byte++) {
    const differing = (bytes[at + byte]! ^ values[byte]!) & masks[byte]!;
    if (differing === 0) continue;
    changed.push(byte);
    if (byte < 4) bits |= differing << (8 * byte);
  }
  const [first] = changed;
  return first === undefined ? undefined : { first, end: changed.at(-1)! + 1, bits: bits >>> 0 };
}

/** Is a byte of a header what it was, as far as all of it is known? */
export const isUnchanged = (
  bytes: Uint8Array,
  at: number,
  { values, masks }: KnownHeader,
  byte: number,
): boolean => masks[byte] === 0xff && bytes[at + byte] === values[byte];

/** Behind the last byte of which it is known what it was: a change that reaches there may go on. */
export const knownEnd = ({ masks }: KnownHeader, length: number): number => {
  const last = masks.findLastIndex((mask) => mask !== 0);
  return last < 0 ? length : last + 1;
};

/** Offsets of the tag in a header. */
export const tagAt = 4;
const tagEnd = 8;

/** Letters behind a change that are the rest of a tag. */
const fewestOfTag = 2;

/** Does a change reach as far as a header is known, and not to its end? What is behind may have been written with it. */
export function isToUnknown(
  bytes: Uint8Array,
  { at, known, length }: { readonly at: number; readonly known: KnownHeader; readonly length: number },
  end: number,
): boolean {
  if (end < knownEnd(known, length) || end === length) return false;
  const rest = end < tagEnd ? bytes.subarray(at + end, at + tagEnd) : [];
  return rest.length < fewestOfTag || !rest.every(isPrintable);
}
