import { Fault, type Va } from '../../base/index.ts';
import type { PageBytes, PoolPage } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { PagePicture, PicturePart } from '../report.ts';
import type { PageDamage } from './damage-span.ts';

/** Bytes of the damage that are shown, and those before it. */
const [mostBytes, lead] = [0x60, 0x10];

/** The blocks of a page with the damage among them. */
export function pagePicture(
  system: CrashedSystem,
  page: PoolPage,
  bytes: PageBytes,
  damage: PageDamage,
): PagePicture {
  return {
    page: system.hex(page.address),
    parts: [...partsOf(page, bytes.bytes.length, damage)].map(({ at, ...part }) => ({
      start: system.hex(at),
      ...part,
    })),
    bytes: shownBytes(system, damage),
  };
}

type Part = Omit<PicturePart, 'start'> & { readonly at: Va };

/** In order, without gaps: what lies over something else comes first. */
function* partsOf(
  { address, blocks }: PoolPage,
  size: number,
  { start, length }: PageDamage,
): Generator<Part> {
  const pageEnd = address + BigInt(size);
  const end = start + BigInt(length) < pageEnd ? start + BigInt(length) : pageEnd;
  const own: Part[] = blocks.map((block) => ({
    at: block.address,
    length: block.size,
    what: block.state === 'allocated' ? 'allocated' : 'free',
    tag: block.state === 'allocated' ? block.tag : null,
  }));
  const damage: Part = { at: start, length: Number(end - start), what: 'damage', tag: null };
  const around = own.flatMap((part) => cut(part, start, end));
  let at = address;
  for (const part of [...around, damage].sort((a, b) => (a.at < b.at ? -1 : 1))) {
    if (part.at > at) yield { at, length: Number(part.at - at), what: 'lost', tag: null };
    if (part.at < at) continue;
    yield part;
    at = part.at + BigInt(part.length);
  }
  if (at < pageEnd) yield { at, length: Number(pageEnd - at), what: 'lost', tag: null };
}

/** What of a part lies outside of the damage. */
function cut(part: Part, start: Va, end: Va): Part[] {
  const partEnd = part.at + BigInt(part.length);
  if (partEnd <= start || part.at >= end) return [part];
  const before = part.at < start ? [{ ...part, length: Number(start - part.at) }] : [];
  const after = partEnd > end ? [{ ...part, at: end, length: Number(partEnd - end) }] : [];
  return [...before, ...after];
}

function shownBytes(system: CrashedSystem, { start, length }: PageDamage): PagePicture['bytes'] {
  const at = (start - BigInt(lead)) & ~0xfn;
  const wanted = Math.min(Number(start - at) + length, mostBytes);
  const read = system.memory.tryRead(at, (wanted + 0xf) & ~0xf);
  const bytes = read instanceof Fault ? read.got : read;
  if (bytes.length === 0) return null;
  return { at: system.hex(at), hex: [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('') };
}
