/** Pieces of a map of so many pages, with about 17 blocks on each, of 400 tags; the same every time. */
export function* madeUpPool(pages) {
  let seed = 7;
  const random = () => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const letter = (code) => String.fromCharCode(97 + (code % 26));
  const tags = Array.from({ length: 400 }, (_, index) => ({
    text: `${letter(index)}${letter(index >> 3)}${letter(index * 7)}${letter(index * 3)}`,
    owner: undefined,
  }));
  const perPiece = 8192;
  for (let first = 0; first < pages; first += perPiece) {
    const count = Math.min(perPiece, pages - first);
    const piece = emptyPiece(count);
    for (let index = 0; index < count; index++) {
      piece.pages.number[index] = 0xf_ffff_a800_0000 + first + index;
      piece.pages.pool[index] = first < pages / 2 ? 0 : 2;
      addBlocks(piece, index, random);
    }
    yield { pages: piece.pages, parts: packed(piece.parts), tags: first === 0 ? tags : [] };
  }
}

const emptyPiece = (count) => ({
  pages: {
    number: new Float64Array(count),
    pool: new Uint8Array(count),
    what: new Uint8Array(count),
    used: new Uint8Array(count),
    damaged: new Uint8Array(count),
    parts: new Uint16Array(count),
  },
  parts: { offset: [], size: [], tag: [], kind: [] },
});

/** One block in four is free, or freed and kept. */
function addBlocks({ pages, parts }, index, random) {
  let used = 0;
  for (let at = 0; at < 0x1000; ) {
    const size = Math.min(0x1000 - at, 16 * (1 + Math.floor(random() * random() * 60)));
    const kind = random() < 0.25 ? (random() < 0.3 ? 2 : 1) : 0;
    parts.offset.push(at);
    parts.size.push(size);
    parts.tag.push(1 + Math.floor(random() * random() * 399));
    parts.kind.push(kind);
    pages.parts[index]++;
    if (kind === 0) used += size;
    at += size;
  }
  pages.used[index] = Math.round((used / 0x1000) * 255);
}

const packed = ({ offset, size, tag, kind }) => ({
  offset: Uint16Array.from(offset),
  size: Uint32Array.from(size),
  tag: Uint16Array.from(tag),
  kind: Uint8Array.from(kind),
});
