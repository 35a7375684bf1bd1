import { IMAGE_SECTION_HEADER, StructView } from '../layouts/index.ts';
import type { Dbi } from './dbi.ts';
import { Omap } from './omap.ts';

/** A place in the program as symbols name it: a section, counted from 1, and an offset in it. */
export interface Place {
  readonly section: number;
  readonly offset: number;
}

const maxRva = 0xffff_ffff;

interface Section {
  readonly rva: number;
  /** Bytes in memory. */
  readonly size: number;
}

/**
 * Places of symbols <-> RVAs of the image, over the tables of moved code where the image was reordered: then symbols are
 * placed in the sections as they were before.
 */
export class SectionMap {
  readonly #sections: readonly Section[];
  readonly #toSource: Omap | undefined;
  readonly #fromSource: Omap | undefined;

  constructor(dbi: Dbi) {
    const original = dbi.debugStream('originalSectionHeaders');
    const headers = dbi.debugStream('sectionHeaders');
    const toSource = dbi.debugStream('omapToSource');
    const fromSource = dbi.debugStream('omapFromSource');
    // Without the headers before the move the tables say nothing about sections.
    const moved =
      original !== undefined && original.size > 0 && (toSource?.size ?? 0) > 0 && (fromSource?.size ?? 0) > 0;
    this.#sections = readSections((moved ? original : headers)?.bytes() ?? new Uint8Array(0));
    this.#toSource = moved ? new Omap(toSource!.bytes()) : undefined;
    this.#fromSource = moved ? new Omap(fromSource!.bytes()) : undefined;
  }

  /** Was the image reordered after linking? Offsets then do not equal differences of addresses. */
  get isReordered(): boolean {
    return this.#toSource !== undefined;
  }

  get sectionCount(): number {
    return this.#sections.length;
  }

  /** RVA in the image; undefined for a section that does not exist (absolute symbols), or removed code. */
  rvaOf({ section, offset }: Place): number | undefined {
    const rva = this.#sections[section - 1]?.rva;
    if (rva === undefined || rva + offset > maxRva) return undefined;
    return this.#fromSource === undefined ? rva + offset : this.#fromSource.translate(rva + offset);
  }

  /** Place of an RVA in the image as the symbols name it. */
  placeOf(rva: number): Place | undefined {
    const source = this.#toSource === undefined ? rva : this.#toSource.translate(rva);
    if (source === undefined) return undefined;
    const index = this.#sections.findIndex(
      (section) => source >= section.rva && source < section.rva + section.size,
    );
    return index < 0 ? undefined : { section: index + 1, offset: source - this.#sections[index]!.rva };
  }
}

function readSections(bytes: Uint8Array): Section[] {
  const sections: Section[] = [];
  for (let at = 0; at + IMAGE_SECTION_HEADER.size <= bytes.length; at += IMAGE_SECTION_HEADER.size) {
    const view = new StructView(IMAGE_SECTION_HEADER, bytes, at);
    const size = Math.max(view.get('VirtualSize'), view.get('SizeOfRawData'));
    sections.push({ rva: view.get('VirtualAddress'), size });
  }
  return sections;
}
