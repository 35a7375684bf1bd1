import { CensusPart } from '@poolscope/engine';
import type { PoolMapData } from './pool-map-data.ts';

/** What somebody looks for. */
export type Query =
  | { readonly kind: 'none' }
  | { readonly kind: 'address'; readonly address: bigint }
  | { readonly kind: 'size'; readonly least: number; readonly most: number }
  | { readonly kind: 'damage' }
  | { readonly kind: 'tags'; readonly text: string; readonly isOwner: boolean };

const addressText = /^(?:0x)?([\da-f]{8})`?([\da-f]{8})$|^(?:0x)?([\da-f]{8})$/i;
const sizeText = /^(?:size[:\s]?\s*)?(?:0x([\da-f]{1,8})|size)(?:\s*-\s*0x([\da-f]{1,8}))?$/i;
const plainSize = /^size[:\s]\s*(?:0x)?([\da-f]{1,8})(?:\s*-\s*(?:0x)?([\da-f]{1,8}))?$/i;

/**
 * Reads what was typed: an address (8 or 16 hexadecimal digits), a size (`0x210`, `size 200-400`, hexadecimal), `damaged`,
 * `owner: text`, or else a tag, with `?` and `*` for any letters, or part of its owner's description.
 */
export function parseQuery(typed: string): Query {
  const text = typed.trim();
  if (text === '') return { kind: 'none' };
  const address = addressText.exec(text);
  if (address !== null) return { kind: 'address', address: addressOf(address) };
  const size = plainSize.exec(text) ?? sizeText.exec(text);
  if (size?.[1] !== undefined) {
    const least = Number.parseInt(size[1], 16);
    return { kind: 'size', least, most: size[2] === undefined ? least : Number.parseInt(size[2], 16) };
  }
  if (/^damaged?$/i.test(text)) return { kind: 'damage' };
  const owner = /^owner[:\s]\s*(.+)$/i.exec(text);
  if (owner !== null) return { kind: 'tags', text: owner[1]!, isOwner: true };
  const tag = /^tag[:\s]\s*(.+)$/i.exec(text);
  return { kind: 'tags', text: tag?.[1] ?? text, isOwner: false };
}

function addressOf([, high, low, short]: RegExpExecArray): bigint {
  if (short === undefined) return BigInt(`0x${high}${low}`);
  const value = BigInt(`0x${short}`);
  // Kernel addresses of x86 are kept with their upper half set.
  return value >> 31n === 1n ? value | 0xffff_ffff_0000_0000n : value;
}

/** Which parts fit a query; undefined: a query for no parts. */
export type PartTest = (part: number) => boolean;

export function partTest(data: PoolMapData, query: Query): PartTest | undefined {
  switch (query.kind) {
    case 'none':
    case 'address':
      return undefined;
    case 'damage':
      return (part) => data.isDamage(part);
    case 'size': {
      const { least, most } = query;
      return (part) =>
        data.partOf(part) <= CensusPart.unknown &&
        data.sizeOf(part) >= least &&
        data.sizeOf(part) <= most &&
        !data.hasFlag(part, 'continued');
    }
    case 'tags': {
      const fits = fittingTags(data, query);
      return (part) => fits[data.tagOf(part)] === 1;
    }
  }
}

/** 1 for every tag that fits: by its letters; where none does, by its owner. */
function fittingTags({ tags }: PoolMapData, { text, isOwner }: Extract<Query, { kind: 'tags' }>): Uint8Array {
  const byTag = isOwner
    ? new Uint8Array(tags.length)
    : Uint8Array.from(tags, (tag) => (fitsTag(text, tag.text) ? 1 : 0));
  if (byTag.includes(1)) return byTag;
  const wanted = text.toLowerCase();
  return Uint8Array.from(tags, ({ owner }) => (owner?.toLowerCase().includes(wanted) === true ? 1 : 0));
}

function fitsTag(pattern: string, tag: string): boolean {
  if (tag === '') return false;
  const parts = Array.from(pattern, (letter) =>
    letter === '*' ? '.*' : letter === '?' ? '.' : letter.replace(/[\\^$.|+()[\]{}]/, '\\$&'),
  );
  return new RegExp(`^${parts.join('')} *$`, 'su').test(tag);
}

/** What a search found, in numbers. */
export interface Found {
  readonly parts: number;
  readonly bytes: number;
}

/** Counts what fits, page after page, in pieces: a million parts take some milliseconds. Tells pages that have such parts. */
export function* countFound(
  data: PoolMapData,
  fits: PartTest,
  tell: (page: number) => void,
): Generator<Found, Found> {
  const { pages } = data.counts;
  let [parts, bytes, looked] = [0, 0, 0];
  for (let page = 0; page < pages; page++) {
    const end = data.endPart(page);
    for (let part = data.firstPart(page); part < end; part++) {
      if (!fits(part)) continue;
      tell(page);
      if (data.hasFlag(part, 'continued')) continue;
      parts++;
      bytes += data.sizeOf(part);
    }
    looked += end - data.firstPart(page) + 1;
    if (looked < partsPerStep) continue;
    looked = 0;
    yield { parts, bytes };
  }
  return { parts, bytes };
}

const partsPerStep = 1 << 16;
