import { decodeType } from '../block-type.ts';
import type { PoolFormat } from '../format.ts';
import { isPrintableTag } from '../header.ts';

/** What is known of a type, as bits: one look for each header. */
const wrong = 1;
const freeBlock = 2;
const usedNonpaged = 4;
const usedPaged = 8;
const otherBlock = 16;
const bothPools = usedNonpaged | usedPaged;

/** The shortest chain in the middle of a page that is no accident. */
const convincing = 2;

/**
 * Tests pages of small pool that lie in arrays of 32-bit words, without making anything: what most pages of a pool need.
 * `at` is the index of a page's first word. What it calls whole `examinePage` calls whole too.
 */
export class PageTest {
  readonly units: number;
  /** Words of a unit. */
  readonly step: number;
  readonly sizeShift: number;
  readonly sizeMask: number;
  readonly previousShift: number;
  readonly previousMask: number;
  readonly indexShift: number;
  readonly indexMask: number;
  readonly typeShift: number;
  readonly typeMask: number;
  /** Has the page that was whole a tag with the bits that `look` asked for? */
  hit = false;
  readonly #types: Uint8Array;
  #mask = 0;
  /** No tag has it while the mask is 0. */
  #value = 1;

  constructor({ unit, units, fields, encoding }: PoolFormat) {
    this.units = units;
    this.step = unit / 4;
    ({ shift: this.sizeShift, mask: this.sizeMask } = fields.size);
    ({ shift: this.previousShift, mask: this.previousMask } = fields.previousSize);
    ({ shift: this.indexShift, mask: this.indexMask } = fields.index);
    ({ shift: this.typeShift, mask: this.typeMask } = fields.type);
    this.#types = Uint8Array.from({ length: this.typeMask + 1 }, (_, type) => {
      const { isValid, state, paged } = decodeType(type, encoding);
      if (!isValid) return wrong;
      if (paged !== undefined) return paged ? usedPaged : usedNonpaged;
      return state === 'free' ? freeBlock : otherBlock;
    });
  }

  /** Looks for tags on the way: sets `hit` where a tag has these bits; which tag it is is to be looked at then. */
  look(mask: number, value: number): void {
    this.#mask = mask | 0;
    this.#value = value | 0;
  }

  /** Do headers agree from the first byte of a page to the last, in sizes, types, descriptor and pool? */
  isWhole(words: Uint32Array, at: number): boolean {
    // In variables of its own the loop takes a third of the time.
    const { units, step, sizeShift, sizeMask, previousShift, previousMask, typeShift, typeMask } = this;
    const types = this.#types;
    const [mask, value] = [this.#mask, this.#value];
    const first = words[at]!;
    let unit = 0;
    let previous = 0;
    let seen = 0;
    let differs = 0;
    let named = false;
    let hit = false;
    while (unit < units) {
      const place = at + unit * step;
      const word = words[place]!;
      const size = (word >>> sizeShift) & sizeMask;
      if (((word >>> previousShift) & previousMask) !== previous || size === 0) return false;
      const type = types[(word >>> typeShift) & typeMask]!;
      seen |= type;
      differs |= word ^ first;
      if (type === freeBlock && size > 1 && !this.#hasLinks(words, place + step)) return false;
      const tag = words[place + 1]! | 0;
      if ((tag & mask) === value) hit = true;
      if (!named) named = isPrintableTag(tag);
      previous = size;
      unit += size;
    }
    this.hit = hit;
    const isOneIndex = ((differs >>> this.indexShift) & this.indexMask) === 0;
    return named && unit === units && isOneIndex && (seen & wrong) === 0 && (seen & bothPools) !== bothPools;
  }

  /**
   * Can a page be one of small pool, whole or damaged: is there a first header, a last one, or a chain between? Most of
   * what is none is told here.
   */
  canBePool(words: Uint32Array, at: number): boolean {
    const first = words[at]!;
    if (((first >>> this.previousShift) & this.previousMask) === 0 && this.#isFormed(words, at)) return true;
    let pairs = 0;
    for (let unit = 0; unit < this.units; unit++) {
      const place = at + unit * this.step;
      const size = (words[place]! >>> this.sizeShift) & this.sizeMask;
      const next = unit + size;
      if (size === 0 || next > this.units || !this.#isFormed(words, place)) continue;
      if (next === this.units) return true;
      const behind = at + next * this.step;
      const back = (words[behind]! >>> this.previousShift) & this.previousMask;
      if (back === size && this.#isFormed(words, behind) && ++pairs >= convincing) return true;
    }
    return false;
  }

  /** The type of a page's first block in use, of a page that is whole; 0: it has none. */
  typeOf(words: Uint32Array, at: number): number {
    for (let unit = 0; unit < this.units; ) {
      const word = words[at + unit * this.step]!;
      const type = (word >>> this.typeShift) & this.typeMask;
      if ((this.#types[type]! & bothPools) !== 0) return type;
      unit += (word >>> this.sizeShift) & this.sizeMask;
    }
    return 0;
  }

  /** A size, a type and a tag as the kernel writes them. */
  #isFormed(words: Uint32Array, place: number): boolean {
    const word = words[place]!;
    return (
      ((word >>> this.sizeShift) & this.sizeMask) !== 0 &&
      this.#types[(word >>> this.typeShift) & this.typeMask]! !== wrong &&
      isPrintableTag(words[place + 1]!)
    );
  }

  /** Two links that can be addresses of the kernel; where they lead is not looked at. */
  #hasLinks(words: Uint32Array, place: number): boolean {
    if (this.step === 2) return isNarrowLink(words[place]!) && isNarrowLink(words[place + 1]!);
    return isWideLink(words[place]!, words[place + 1]!) && isWideLink(words[place + 2]!, words[place + 3]!);
  }
}

const isNarrowLink = (word: number): boolean => word >= 0x8000_0000 && (word & 3) === 0;
const isWideLink = (low: number, high: number): boolean => high >= 0xffff_8000 && (low & 7) === 0;
