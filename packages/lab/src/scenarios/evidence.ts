import { pageOf, pageSize, readU32, readU64, type Va } from '@poolscope/engine/base';
import { asciiBytes, utf16Bytes } from '../bytes/integers.ts';
import { savedStackSize } from '../dump/saved-stack.ts';
import type { DumpContents } from '../dump-contents.ts';
import type { BuiltImage } from '../image/built-image.ts';
import type { Machine } from '../machine/machine.ts';
import type { ScenarioBlock, ScenarioDamage, ScenarioVictim } from '../machine/scenario-truth.ts';
import { StructureTable } from '../machine/structure-table.ts';

const unit = 16;
const page = BigInt(pageSize);
/** Bits of the first word of a header in special pool. */
const specialSize = 0x1fff;

/** What of a machine's memory shows something, as far as a dump holds it. Machines that run are x64. */
export class Evidence {
  readonly #machine: Machine;
  readonly #contents: DumpContents;

  constructor(machine: Machine, contents: DumpContents) {
    this.#machine = machine;
    this.#contents = contents;
  }

  /** Do header, neighbour or table tell where the block begins and ends? */
  showsBlock(block: ScenarioBlock): boolean {
    if (hasHeader(block)) return this.showsVictim(block) || this.#showsBigBlock(block);
    if (block.allocator !== 'special') return this.#showsBigBlock(block);
    return this.#specialHeader(block) !== undefined || this.#logOf(block).length > 0;
  }

  /**
   * Is the tag that its owner gave there too? Whoever gets a block writes another one, and special pool takes the header away
   * with the page. A refused free tells both tags, that of the block and that of the caller.
   */
  showsTag(block: ScenarioBlock): boolean {
    const { code, parameters } = this.#machine.bugCheck;
    const isCallers = code === badPoolCaller && parameters[0] === wrongTag;
    if (isCallers && parameters.slice(2).some((tag) => hasTag(tagBytes(tag), block.tag))) return true;
    const isBig = block.allocator !== 'special' && !hasHeader(block);
    if (isBig || (block.allocator === 'vs' && this.#showsBigBlock(block))) return this.#showsBigBlock(block);
    const header =
      block.allocator === 'special' ? this.#specialHeader(block) : this.#read(block.address, unit);
    return header !== undefined && hasTag(header, block.tag);
  }

  /** By its own header, or by that of the block behind it; a heap's own structures tell where all of its blocks are. */
  showsVictim({ address, size }: Pick<ScenarioVictim, 'address' | 'size'>): boolean {
    const header = this.#read(address, unit);
    if (header === undefined) return false;
    if (header[2]! * unit === size) return true;
    if (this.#hasHeaps) return this.#showsHeap && this.#contents.holds(address, size);
    const end = address + BigInt(size);
    if (end % page === 0n) return this.#contents.holds(address, size);
    return this.#read(end, unit)?.[0] === size / unit;
  }

  get #hasHeaps(): boolean {
    return this.#machine.images.symbols.has('nt!RtlpHpHeapGlobals');
  }

  /** The keys, without which no structure of a heap can be read. */
  get #showsHeap(): boolean {
    return this.#contents.holds(this.#machine.images.address('nt!RtlpHpHeapGlobals'), unit);
  }

  /** Are the changed bytes there, and as they were written? A text may be of two bytes a letter. */
  showsDamage({ start, length, text }: ScenarioDamage): boolean {
    const bytes = this.#read(start, length);
    if (bytes === undefined || text === undefined) return bytes !== undefined;
    return (
      indexOf(
        bytes.filter((byte) => byte !== 0),
        asciiBytes(text),
      ) >= 0
    );
  }

  /** Is the address of a free known: from the bug check, or from the stack or registers that led to it? */
  showsAddress(address: Va): boolean {
    const { bugCheck, stack, truth } = this.#machine;
    if (bugCheck.parameters.includes(address)) return true;
    const registers = [truth.registers, truth.fault?.registers ?? {}];
    if (registers.some((set) => Object.values(set).includes(address))) return true;
    const saved = this.#read(stack.pointer, savedStackSize(this.#machine));
    return saved !== undefined && wordsOf(saved).includes(address);
  }

  /** Can a free of something that is no block be told from what is at its address? */
  showsPlace(address: Va): boolean {
    return this.#contents.holds(address, 1) || this.#machine.space.pfnOf(address) === undefined;
  }

  /** Counts by tag, which tell of leaks: all of them, as a leak is a tag that has more than all others. */
  get showsTracker(): boolean {
    const { images, architecture, profile } = this.#machine;
    const [table, count] = ['nt!PoolTrackTable', 'nt!PoolTrackTableSize'].map((name) =>
      this.#read(images.address(name), 8),
    );
    const entry = new StructureTable(architecture, profile.build).size('_POOL_TRACKER_TABLE');
    if (table === undefined || count === undefined || entry === undefined) return false;
    return this.#contents.holds(readU64(table, 0), Number(readU64(count, 0)) * entry);
  }

  /** Is the pool there, so that it can be called whole? Its first descriptor stands for it. */
  get showsPool(): boolean {
    return this.showsTracker;
  }

  /** Do the code and texts of one image only name the tag? */
  tagLeadsTo(image: BuiltImage, tag: string): boolean {
    if (tag === 'None' || tag === 'Free') return false;
    return this.#onlyIn(image, asciiBytes(tag));
  }

  /** Is the damage something that one image only has: its text, or addresses in it? */
  damageLeadsTo(image: BuiltImage, damage: ScenarioDamage): boolean {
    const bytes = this.#read(damage.start, damage.length);
    if (bytes === undefined) return false;
    if (wordsOf(bytes).some((word) => isIn(image, word))) return true;
    const { text = '' } = damage;
    return text.length >= 4 && [asciiBytes(text), utf16Bytes(text)].some((form) => this.#onlyIn(image, form));
  }

  /**
   * The only image that has a variable which points into the block, without those that alone name the tag that it has now: its
   * owner knows its own block. Where several point there, none of them is more likely than the others.
   */
  strangerPointsTo(block: ScenarioBlock): BuiltImage | undefined {
    const end = block.address + BigInt(block.size);
    const owner = this.ownerOf(block);
    const pointing = this.#machine.images.list
      .map(({ image }) => image)
      .filter((image) => {
        if (image === owner) return false;
        const bytes = this.#read(image.spec.base, image.size);
        return bytes !== undefined && hasWordIn(bytes, block.address, end);
      });
    return pointing.length === 1 ? pointing[0] : undefined;
  }

  /** The only image that names the tag which the block has now. */
  ownerOf(block: ScenarioBlock): BuiltImage | undefined {
    const tag = this.#tagOf(block);
    if (tag === undefined) return undefined;
    return this.#machine.images.list.find(({ image }) => this.#onlyIn(image, tag))?.image;
  }

  /** The tag that the header of the block has now. */
  #tagOf(block: ScenarioBlock): Uint8Array | undefined {
    const header =
      block.allocator === 'special' ? this.#specialHeader(block) : this.#read(block.address, unit);
    return header?.slice(4, 8).map((byte, index) => (index === 3 ? byte & 0x7f : byte));
  }

  /** Does the bug check name a place in the image? */
  bugCheckLeadsTo(image: BuiltImage): boolean {
    const { bugCheck, truth } = this.#machine;
    const places = [...bugCheck.parameters, truth.fault?.ip ?? 0n];
    return places.some((place) => isIn(image, place));
  }

  /** Is the newest driver on the stack this one? The stack is in every dump that has memory at all. */
  stackLeadsTo(image: BuiltImage): boolean {
    const { stack, truth } = this.#machine;
    if (!this.#contents.holds(stack.pointer, savedStackSize(this.#machine))) return false;
    const newest = truth.frames
      .map((frame) => frame.function?.split('!')[0])
      .find((module) => module !== undefined && module !== 'nt' && module !== 'hal');
    return newest === image.spec.module;
  }

  /** Does the verifier's log tell of the block? */
  showsLog(block: ScenarioBlock): boolean {
    return this.#logOf(block).length > 0;
  }

  /** Are the image's code and data there, so that its tags can be found in it? */
  showsImage({ spec, size }: BuiltImage): boolean {
    return this.#contents.holds(spec.base, size);
  }

  /** Does the verifier's log of the block lead to the image? */
  logLeadsTo(image: BuiltImage, block: ScenarioBlock): boolean {
    return this.#logOf(block).some((record) => wordsOf(record).some((word) => isIn(image, word)));
  }

  /** Records of the verifier's log of allocations and frees: their first member is the address. */
  #logOf({ address, allocator }: ScenarioBlock): Uint8Array[] {
    const { images, architecture, profile } = this.#machine;
    const given = hasHeader({ allocator }) ? address + BigInt(unit) : address;
    const [base, count] = ['nt!VfPoolTraces', 'nt!VfPoolTracesLength'].map((name) => {
      const variable = images.symbols.get(name);
      return variable === undefined ? undefined : this.#read(variable, 8);
    });
    if (base === undefined || count === undefined || readU64(base, 0) === 0n) return [];
    const size = new StructureTable(architecture, profile.build).size('_VF_POOL_TRACE');
    if (size === undefined) return [];
    const ring = this.#read(readU64(base, 0), readU32(count, 0) * size);
    if (ring === undefined) return [];
    const records: Uint8Array[] = [];
    for (let at = 0; at < ring.length; at += size)
      if (readU64(ring, at) === given) records.push(ring.subarray(at, at + size));
    return records;
  }

  #read(va: Va, length: number): Uint8Array | undefined {
    return this.#contents.holds(va, length) ? this.#machine.space.read(va, length) : undefined;
  }

  /** The header of special pool is at one end of the page, the block at the other. */
  #specialHeader({ address, size }: ScenarioBlock): Uint8Array | undefined {
    const start = pageOf(address);
    return [start, start + page - BigInt(unit)]
      .map((at) => this.#read(at, unit))
      .find((header) => header !== undefined && (readU32(header, 0) & specialSize) === size);
  }

  /** The entry of the table, of which the address is the first member. */
  #showsBigBlock({ address }: ScenarioBlock): boolean {
    const { images } = this.#machine;
    const pointer = this.#read(images.address('nt!PoolBigPageTable'), 8);
    const count = this.#read(images.address('nt!PoolBigPageTableSize'), 8);
    if (pointer === undefined || count === undefined) return false;
    const entries = this.#read(readU64(pointer, 0), Number(readU64(count, 0)) * bigEntry);
    return entries !== undefined && wordsOf(entries).some((word) => (word & ~1n) === address);
  }

  /** Is the byte sequence in an image that the dump holds, and in no other driver? */
  #onlyIn(image: BuiltImage, wanted: Uint8Array): boolean {
    const { list } = this.#machine.images;
    const at = indexOf(mappedOnce(image), wanted);
    return (
      at >= 0 &&
      this.#contents.holds(image.spec.base + BigInt(at), wanted.length) &&
      list.every(({ image: each }) => each === image || indexOf(mappedOnce(each), wanted) < 0)
    );
  }
}

/** Small blocks, which begin with a POOL_HEADER; a chunk of a segment heap may have none. */
const hasHeader = ({ allocator }: Pick<ScenarioBlock, 'allocator'>): boolean =>
  allocator === 'classic' || allocator === 'vs' || allocator === 'lfh';

const [badPoolCaller, wrongTag] = [0xc2, 0xan];

/** Where a header has its tag. */
const tagBytes = (tag: bigint): Uint8Array =>
  Uint8Array.of(0, 0, 0, 0, ...[0n, 8n, 16n, 24n].map((shift) => Number((tag >> shift) & 0xffn)));

/** Bytes of an entry that are sure to be there in all builds. */
const bigEntry = 0x18;

const isIn = (image: BuiltImage, va: Va): boolean =>
  va >= image.spec.base && va < image.spec.base + BigInt(image.size);

/** The tag of a free block is what its last owner left. */
const hasTag = (header: Uint8Array, tag: string): boolean =>
  tag === 'Free' || (readU32(header, 4) & 0x7fff_ffff) === readU32(asciiBytes(tag.padEnd(4)), 0);

function wordsOf(bytes: Uint8Array): Va[] {
  return Array.from({ length: bytes.length >> 3 }, (_, index) => readU64(bytes, 8 * index));
}

/** Is one of the words an address from `start` up to `end`? */
function hasWordIn(bytes: Uint8Array, start: Va, end: Va): boolean {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [lowest, highest] = [Number(start >> 32n), Number((end - 1n) >> 32n)];
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    const upper = words.getUint32(at + 4, true);
    if (upper < lowest || upper > highest) continue;
    const word = words.getBigUint64(at, true);
    if (word >= start && word < end) return true;
  }
  return false;
}

/** Images as they are mapped: each is searched for many texts. */
const mapped = new WeakMap<BuiltImage, Uint8Array>();

function mappedOnce(image: BuiltImage): Uint8Array {
  const bytes = mapped.get(image) ?? image.mappedBytes();
  mapped.set(image, bytes);
  return bytes;
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  if (wanted.length === 0) return 0;
  const last = bytes.length - wanted.length;
  for (let at = bytes.indexOf(wanted[0]!); at >= 0 && at <= last; at = bytes.indexOf(wanted[0]!, at + 1)) {
    let same = 1;
    while (same < wanted.length && bytes[at + same] === wanted[same]) same++;
    if (same === wanted.length) return at;
  }
  return -1;
}
