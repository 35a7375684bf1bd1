import { ByteWriter, record } from './byte-writer.ts';

/** Records of a stream of types or items; `add` gives the index of each. */
export class TypeWriter {
  readonly #records: Uint8Array[] = [];

  get next(): number {
    return 0x1000 + this.#records.length;
  }

  add(bytes: Uint8Array): number {
    this.#records.push(bytes);
    return this.next - 1;
  }

  fieldList(fill: (to: ByteWriter) => void): number {
    return this.add(record(0x1203, fill));
  }

  /** LF_STRUCTURE (0x1505) or LF_CLASS (0x1504). */
  structure(name: string, fields: number, size: number, { isForward = false, kind = 0x1505 } = {}): number {
    return this.add(
      record(kind, (to) =>
        to
          .u16(0, isForward ? 0x80 : 0)
          .u32(fields, 0, 0)
          .raw(number(size))
          .text(name),
      ),
    );
  }

  union(name: string, fields: number, size: number): number {
    return this.add(record(0x1506, (to) => to.u16(0, 0).u32(fields).raw(number(size)).text(name)));
  }

  enumeration(name: string, fields: number, type = 0x74): number {
    return this.add(record(0x1507, (to) => to.u16(0, 0).u32(type, fields).text(name)));
  }

  pointer(to64: number): number {
    return this.add(record(0x1002, (to) => to.u32(to64, 0x1000c)));
  }

  array(element: number, size: number): number {
    return this.add(record(0x1503, (to) => to.u32(element, 0x23).raw(number(size)).text('')));
  }

  bitField(type: number, width: number, position: number): number {
    return this.add(record(0x1205, (to) => to.u32(type).u8(width, position)));
  }

  /** LF_FUNC_ID in a stream of items; `scope` is an item's text. */
  functionId(name: string, scope = 0): number {
    return this.add(record(0x1601, (to) => to.u32(scope, 0).text(name)));
  }

  textId(text: string): number {
    return this.add(record(0x1605, (to) => to.u32(0).text(text)));
  }

  stream(): Uint8Array {
    const length = this.#records.reduce((sum, each) => sum + each.length, 0);
    const out = new ByteWriter().u32(20040203, 56, 0x1000, this.next, length).u16(0xffff, 0xffff);
    out.u32(4, 0x3ffff, 0, 0, 0, 0, 0, 0);
    for (const each of this.#records) out.raw(each);
    return out.bytes();
  }
}

/** A number inside a record: small ones stand for themselves. */
export function number(value: number): Uint8Array {
  const out = new ByteWriter();
  if (value >= 0 && value < 0x8000) return out.u16(value).bytes();
  return value < 0 ? out.u16(0x8003).u32(value).bytes() : out.u16(0x8004).u32(value).bytes();
}

/** Fields of a list; each is filled up to four bytes with marks that say how far the next is. */
export const field = {
  member: (to: ByteWriter, name: string, type: number, offset: number) =>
    pad(to.u16(0x150d, 3).u32(type).raw(number(offset)).text(name)),
  base: (to: ByteWriter, type: number, offset: number) =>
    pad(to.u16(0x1400, 3).u32(type).raw(number(offset))),
  value: (to: ByteWriter, name: string, value: number) =>
    pad(to.u16(0x1502, 3).raw(number(value)).text(name)),
  more: (to: ByteWriter, list: number) => to.u16(0x1404, 0).u32(list),
};

function pad(to: ByteWriter): ByteWriter {
  for (let left = (4 - (to.length % 4)) % 4; left > 0; left--) to.u8(0xf0 | left);
  return to;
}
