import { readU16, readU32 } from '../base/index.ts';
import { basicType } from './basic-type.ts';
import { walkFields } from './field-list.ts';
import { nameAt } from './symbol-record.ts';
import { forwardReference, leaf } from './type-leaf.ts';
import type { TypeStream } from './type-stream.ts';

/** An enumeration and the names of its values. */
export interface Enumeration {
  readonly name: string;
  /** In the form of the profiles: `i32`. */
  readonly type: string;
  readonly values: readonly { readonly name: string; readonly value: bigint }[];
}

const maxValues = 100_000;

/** Enumerations by name, out of a stream of types. Names are collected at the first question. */
export class EnumerationTypes {
  readonly #types: TypeStream;
  #byName: ReadonlyMap<string, number> | undefined;

  constructor(types: TypeStream) {
    this.#types = types;
  }

  names(): Iterable<string> {
    return this.#index().keys();
  }

  find(name: string): Enumeration | undefined {
    const index = this.#index().get(name);
    return index === undefined ? undefined : this.at(index);
  }

  /** The enumeration at an index; undefined for any other type, and for one that is only declared. */
  at(index: number): Enumeration | undefined {
    const record = this.#types.record(index);
    if (record === undefined || record.leaf !== leaf.LF_ENUM || record.bytes.length < 12) return undefined;
    const { bytes } = record;
    const type = basicType(readU32(bytes, 4));
    if ((readU16(bytes, 2) & forwardReference) !== 0 || type === undefined) return undefined;
    const values: { name: string; value: bigint }[] = [];
    for (const field of walkFields(this.#types, readU32(bytes, 8))) {
      if (values.length >= maxValues) break;
      if (field.kind === 'value') values.push({ name: field.name, value: field.value });
    }
    return { name: nameAt(bytes, 12, bytes.length), type, values };
  }

  #index(): ReadonlyMap<string, number> {
    if (this.#byName !== undefined) return this.#byName;
    const names = new Map<string, number>();
    for (let index = this.#types.first; index < this.#types.end; index++) {
      const record = this.#types.leafOf(index) === leaf.LF_ENUM ? this.#types.record(index)! : undefined;
      if (record === undefined || record.bytes.length < 12) continue;
      const name = nameAt(record.bytes, 12, record.bytes.length);
      const isForward = (readU16(record.bytes, 2) & forwardReference) !== 0;
      if (!isForward && !names.has(name)) names.set(name, index);
    }
    this.#byName = names;
    return names;
  }
}
