import type { Va } from '@poolscope/engine/base';
import type { DumpContents } from '../dump-contents.ts';
import type { Machine } from '../machine/machine.ts';
import type { ScenarioDamage } from '../machine/scenario-truth.ts';
import type { TrueBlock } from '../pool/index.ts';

const headerBytes = 16;
/** Bytes on one side of an edge that have to be alike for it to be seen. */
const alike = 8;
/** Fewer bytes than these stand twice by chance. */
const shortestCopy = 16;
/** Fewer blocks than these have a byte in common by chance. */
const fewestKindred = 6;

/**
 * Do the bytes of a dump show where damage begins and ends? In a header they do, because its neighbours tell what it was, and
 * at the ends of a block. Amid the data of a block they do where data of one kind (text, one byte repeated) meets data that
 * has none of it, where all of the bytes stand in a block elsewhere that ends with them, as in the buffer that they were copied
 * from, or where all other blocks with the tag have a byte in common that is spoilt on one side of the edge only. Else no
 * reader can tell the bytes that were written from those that were there: nothing marks them. A copy that ends amid a block
 * tells nothing: it may be cut, or be another text that begins alike.
 */
export function showsExtent(machine: Machine, contents: DumpContents, damage: ScenarioDamage): boolean {
  const blocks = machine.truth.pool?.blocks ?? machine.kernelPool?.blocks();
  if (blocks === undefined || damage.length <= 1) return true;
  const end = damage.start + BigInt(damage.length);
  const known = [...blocks, ...ownBlock(machine)];
  const first = blockAt(known, damage.start);
  const last = blockAt(known, end - 1n);
  const stated = endByVerifier(machine);
  const isFrame = (block: Bounds | undefined, at: Va): boolean =>
    block === undefined ||
    at === stated ||
    at <= block.header + BigInt(headerBytes) ||
    at === block.header + BigInt(block.size);
  const edges = new Edges(machine, contents, blocks, damage);
  return (
    (isFrame(first, damage.start) || edges.isSeen(damage.start, first!)) &&
    (isFrame(last, end) || edges.isSeen(end, last!))
  );
}

/** The block of the story: a pool that was stopped amid a free may have none there. */
function ownBlock({ truth }: Machine): Bounds[] {
  const block = truth.scenario?.block;
  const size = block?.size ?? null;
  return block === undefined || size === null ? [] : [{ header: block.address, size, tag: undefined }];
}

const [verifierViolation, writtenBehind] = [0xc4, 0x51n];

/** Where the bytes end that the verifier has charged a driver for: its bug check states the block and their number. */
function endByVerifier({ bugCheck }: Machine): Va | undefined {
  const [subcode, block = 0n, , charged = 0n] = bugCheck.parameters;
  return bugCheck.code === verifierViolation && subcode === writtenBehind ? block + charged : undefined;
}

/** What of a block its edges are told by. */
type Bounds = Pick<TrueBlock, 'header' | 'size' | 'tag'>;

const blockAt = (blocks: readonly Bounds[], va: Va): Bounds | undefined =>
  blocks.find(({ header, size }) => va >= header && va < header + BigInt(size));

class Edges {
  readonly #machine: Machine;
  readonly #contents: DumpContents;
  readonly #blocks: readonly TrueBlock[];
  readonly #damage: ScenarioDamage;

  constructor(
    machine: Machine,
    contents: DumpContents,
    blocks: readonly TrueBlock[],
    damage: ScenarioDamage,
  ) {
    this.#machine = machine;
    this.#contents = contents;
    this.#blocks = blocks;
    this.#damage = damage;
  }

  isSeen(at: Va, block: Bounds): boolean {
    const { start, pattern } = this.#damage;
    // A text ends with its NUL.
    const isClosed = at !== start && pattern === 'text' && this.#read(at - 1n, 1)?.[0] === 0;
    return isClosed || this.#meets(at, block) || this.#differsInKind(at, block) || this.#isWholeElsewhere(at);
  }

  /** Is one side all of one kind, and nothing of the other side? */
  #meets(at: Va, { header, size }: Bounds): boolean {
    const [before, behind] = [at - header - BigInt(headerBytes), header + BigInt(size) - at].map((room) =>
      Math.min(alike, Number(room)),
    );
    const left = this.#read(at - BigInt(before!), before!);
    const right = this.#read(at, behind!);
    if (left === undefined || right === undefined) return true;
    return isApart(left.toReversed(), right) || isApart(right, left.toReversed());
  }

  /** Has a byte next to the edge the value that it has in all kindred, and the one on the damage's side another? */
  #differsInKind(at: Va, { header, tag }: Bounds): boolean {
    const isStart = at === this.#damage.start;
    const [inside, outside] = isStart ? [at, at - 1n] : [at - 1n, at];
    const kindred = this.#blocks.filter(
      (each) => each.tag === tag && each.header !== header && each.state === 'allocated',
    );
    const common = (place: Va): number | undefined => {
      const offset = place - header;
      const values = kindred
        .filter(({ size }) => offset < BigInt(size))
        .flatMap((each) => this.#read(each.header + offset, 1)?.[0] ?? []);
      return values.length >= fewestKindred && new Set(values).size === 1 ? values[0] : undefined;
    };
    const [wanted, kept] = [common(inside), common(outside)];
    return (
      wanted !== undefined &&
      kept !== undefined &&
      this.#read(inside, 1)?.[0] !== wanted &&
      this.#read(outside, 1)?.[0] === kept
    );
  }

  /** Do the damaged bytes stand in a buffer that ends with them, and go on differently there? */
  #isWholeElsewhere(at: Va): boolean {
    const { start, length } = this.#damage;
    const wanted = length < shortestCopy ? undefined : this.#read(start, length);
    const isStart = at === start;
    const beyond = this.#read(isStart ? at - 1n : at, 1)?.[0];
    return (
      wanted !== undefined &&
      this.#blocks.some((block) => {
        const { header, size } = block;
        if (start >= header && start < header + BigInt(size)) return false;
        const bytes = this.#read(header, size);
        const found = bytes === undefined ? -1 : lastIndexOf(bytes, wanted);
        const isBuffer = found >= 0 && size - (found + length) < headerBytes;
        return isBuffer && bytes![isStart ? found - 1 : found + length] !== beyond;
      })
    );
  }

  #read(va: Va, length: number): Uint8Array | undefined {
    return this.#contents.holds(va, length) ? this.#machine.space.read(va, length) : undefined;
  }
}

const isText = (byte: number): boolean =>
  byte === 9 || byte === 10 || byte === 13 || (byte >= 0x20 && byte < 0x7f);

/**
 * Are the bytes on one side of an edge all of a kind, and those on the other side none of it? Each side begins at the edge. Among
 * bytes without order a third are letters by chance, so that one of them does not tell where a text ends.
 */
const isApart = ([...bytes]: Uint8Array, [...others]: Uint8Array): boolean =>
  bytes.length > 0 &&
  others.length > 0 &&
  ((bytes.every(isText) && !others.some(isText)) ||
    (bytes.every((byte) => byte === bytes[0]) && others[0] !== bytes[0]));

function lastIndexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  for (let at = bytes.length - wanted.length; at >= 0; at--)
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  return -1;
}
