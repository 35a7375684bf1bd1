import { readU16, readU32 } from '../base/index.ts';
import { MODI, SC, StructView } from '../layouts/index.ts';
import type { Dbi } from './dbi.ts';
import type { Place } from './section-map.ts';
import { nameAt } from './symbol-record.ts';

/** One compiled file or import of the program. */
export interface PdbModule {
  readonly name: string;
  /** The object file or library that it came in. */
  readonly objectFile: string;
  /** Number of its stream; undefined when it has no symbols. */
  readonly stream: number | undefined;
  /** Bytes of the symbols, and of the line tables behind them. */
  readonly symbolBytes: number;
  readonly oldLineBytes: number;
  readonly lineBytes: number;
}

const none = 0xffff;
const maxModules = 0x10000;

/** The modules in their order; a record that is cut ends the list. */
export function readModules(dbi: Dbi): PdbModule[] {
  const bytes = dbi.moduleRecords;
  const modules: PdbModule[] = [];
  for (let at = 0; at + MODI.size <= bytes.length && modules.length < maxModules; ) {
    const view = new StructView(MODI, bytes, at);
    const nameEnd = bytes.indexOf(0, at + MODI.size);
    const objectEnd = nameEnd < 0 ? -1 : bytes.indexOf(0, nameEnd + 1);
    if (objectEnd < 0) break;
    const stream = view.get('sn');
    modules.push({
      name: nameAt(bytes, at + MODI.size, nameEnd),
      objectFile: nameAt(bytes, nameEnd + 1, objectEnd),
      stream: stream === none ? undefined : stream,
      symbolBytes: view.get('cbSyms'),
      oldLineBytes: view.get('cbLines'),
      lineBytes: view.get('cbC13Lines'),
    });
    at = (objectEnd + 4) & ~3;
  }
  return modules;
}

const versions: Readonly<Record<number, number>> = { [0xf12e_ba2d]: SC.size, [0xf131_51e4]: SC.size + 4 };

/** Which module each part of a section came from: ascending by section and offset, as the linker writes them. */
export class SectionContributions {
  readonly #bytes: Uint8Array;
  readonly #step: number;
  readonly #count: number;

  /** Parts of an unknown version are none. */
  constructor(dbi: Dbi) {
    const bytes = dbi.sectionContributions;
    const step = bytes.length < 4 ? undefined : versions[readU32(bytes, 0)];
    this.#bytes = bytes.subarray(4);
    this.#step = step ?? SC.size;
    this.#count = step === undefined ? 0 : Math.floor(this.#bytes.length / step);
  }

  /** Index of the module that a place came from. */
  moduleAt({ section, offset }: Place): number | undefined {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = middle * this.#step;
      const order = readU16(this.#bytes, at) - section || readU32(this.#bytes, at + 4) - offset;
      if (order <= 0) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return undefined;
    const at = (low - 1) * this.#step;
    const inside =
      readU16(this.#bytes, at) === section &&
      offset - readU32(this.#bytes, at + 4) < readU32(this.#bytes, at + 8);
    return inside ? readU16(this.#bytes, at + 16) : undefined;
  }
}
