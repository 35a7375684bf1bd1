import { readU16, readU32 } from '../base/index.ts';
import { MODI, SC, StructView } from '../layouts/index.ts';
import type { Dbi } from './dbi.ts';
import { keyOf, mostAtOnePlace, PlaceIndex, placeKey } from './place-index.ts';
import type { Place } from './section-map.ts';
import { nameAt } from './symbol-record.ts';

const none = 0xffff;
const maxModules = 0x10000;

/** One compiled file or import of the program. */
export class PdbModule {
  /** Number of its stream; undefined when it has no symbols. */
  readonly stream: number | undefined;
  /** Bytes of the symbols, and of the line tables behind them. */
  readonly symbolBytes: number;
  readonly oldLineBytes: number;
  readonly lineBytes: number;
  readonly #bytes: Uint8Array;
  readonly #nameAt: number;

  /** `at`: where its record begins. */
  constructor(bytes: Uint8Array, at: number) {
    const view = new StructView(MODI, bytes, at);
    const stream = view.get('sn');
    this.stream = stream === none ? undefined : stream;
    this.symbolBytes = view.get('cbSyms');
    this.oldLineBytes = view.get('cbLines');
    this.lineBytes = view.get('cbC13Lines');
    this.#bytes = bytes;
    this.#nameAt = at + MODI.size;
  }

  get name(): string {
    return nameAt(this.#bytes, this.#nameAt, this.#bytes.length);
  }
}

/** The modules in their order; a record that is cut ends the list. */
export function readModules(dbi: Dbi): PdbModule[] {
  const bytes = dbi.moduleRecords;
  const modules: PdbModule[] = [];
  for (let at = 0; at + MODI.size <= bytes.length && modules.length < maxModules; ) {
    const nameEnd = bytes.indexOf(0, at + MODI.size);
    const objectEnd = nameEnd < 0 ? -1 : bytes.indexOf(0, nameEnd + 1);
    if (objectEnd < 0) break;
    modules.push(new PdbModule(bytes, at));
    at = (objectEnd + 4) & ~3;
  }
  return modules;
}

const versions: Readonly<Record<number, number>> = { [0xf12e_ba2d]: SC.size, [0xf131_51e4]: SC.size + 4 };

/** Which module each part of a section came from. Linkers write them ascending by section and offset. */
export class SectionContributions {
  readonly #bytes: Uint8Array;
  readonly #step: number;
  readonly #byPlace: PlaceIndex;

  /** Parts of an unknown version are none. */
  constructor(dbi: Dbi) {
    const bytes = dbi.sectionContributions;
    const step = bytes.length < 4 ? undefined : versions[readU32(bytes, 0)];
    this.#bytes = bytes.subarray(4);
    this.#step = step ?? SC.size;
    this.#byPlace = this.#sort(step === undefined ? 0 : Math.floor(this.#bytes.length / step));
  }

  /** Index of the module that a place came from. */
  moduleAt(place: Place): number | undefined {
    const { keys, values } = this.#byPlace;
    const key = keyOf(place);
    const first = this.#byPlace.firstOfNearest(key);
    for (let at = first; at >= 0 && keys[at]! <= key && at < first + mostAtOnePlace; at++) {
      const record = values[at]!;
      if (key - keys[at]! < readU32(this.#bytes, record + 8)) return readU16(this.#bytes, record + 16);
    }
    return undefined;
  }

  #sort(count: number): PlaceIndex {
    const keys = new Float64Array(count);
    const values = new Uint32Array(count);
    for (let index = 0; index < count; index++) {
      const at = index * this.#step;
      keys[index] = placeKey(readU16(this.#bytes, at), readU32(this.#bytes, at + 4));
      values[index] = at;
    }
    return new PlaceIndex(keys, values);
  }
}
