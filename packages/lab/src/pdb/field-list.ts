import { ByteWriter } from './byte-writer.ts';
import { fillUp, leaf, numeric, typeRecord } from './code-view.ts';
import type { TypeRecords } from './type-stream.ts';

/** A field of a list, filled up to a multiple of four. */
export type ListedField = Uint8Array;

/** Public access. */
const attributes = 3;
/** Bytes of fields in one record, with room for the link to the next one: lengths have 16 bits. */
const maxBytes = 0xf000;

export const memberField = (name: string, type: number, offset: number): ListedField =>
  field((to) => {
    to.u16(leaf.LF_MEMBER, attributes).u32(type);
    numeric(to, BigInt(offset));
    to.text(name);
  });

export const enumerateField = (name: string, value: number): ListedField =>
  field((to) => {
    to.u16(leaf.LF_ENUMERATE, attributes);
    numeric(to, BigInt(value));
    to.text(name);
  });

function field(fill: (to: ByteWriter) => void): ListedField {
  const out = new ByteWriter();
  fill(out);
  fillUp(out);
  return out.bytes();
}

/** The members of a structure or the values of an enumeration: as many records as they need. */
export class FieldList {
  readonly #fields: readonly ListedField[];

  constructor(fields: readonly ListedField[]) {
    this.#fields = fields;
  }

  /** Index of the first record. Records lead to those before them, so the last part comes first. */
  addTo(types: TypeRecords): number {
    let next: number | undefined;
    for (const part of this.#parts().toReversed()) {
      const continuation = next;
      next = types.add(
        typeRecord(leaf.LF_FIELDLIST, (to) => {
          for (const each of part) to.raw(each);
          if (continuation !== undefined) to.u16(leaf.LF_INDEX, 0).u32(continuation);
        }),
      );
    }
    return next!;
  }

  #parts(): ListedField[][] {
    const parts: ListedField[][] = [[]];
    let size = 0;
    for (const each of this.#fields) {
      if (size + each.length > maxBytes) {
        parts.push([]);
        size = 0;
      }
      parts.at(-1)!.push(each);
      size += each.length;
    }
    return parts;
  }
}
