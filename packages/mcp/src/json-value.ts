/** How much of a value is written. */
export interface JsonLimits {
  /** Objects, arrays and single values together. */
  readonly values: number;
  readonly depth: number;
}

const usual: JsonLimits = { values: 20_000, depth: 16 };

/** A value as JSON, and whether all of it is there. */
export interface JsonValue {
  readonly value: unknown;
  readonly isWhole: boolean;
}

/**
 * What a command gives, as JSON: bigints as `0x…`, bytes as two digits each, maps as objects. Values that are in themselves,
 * that are nested too deeply or beyond the limit are left out as null, and `isWhole` says so.
 */
export function jsonValue(data: unknown, limits: JsonLimits = usual): JsonValue {
  const writer = new Writer(limits);
  const value = writer.write(data, 0);
  return { value, isWhole: writer.isWhole };
}

class Writer {
  isWhole = true;
  #left: number;
  readonly #depth: number;
  /** Objects around the current one. */
  readonly #around = new Set<object>();

  constructor({ values, depth }: JsonLimits) {
    this.#left = values;
    this.#depth = depth;
  }

  write(value: unknown, depth: number): unknown {
    if (--this.#left < 0 || depth > this.#depth) return this.#cut();
    if (typeof value === 'bigint')
      return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
    if (typeof value === 'number') return Number.isFinite(value) ? value : null;
    if (typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value !== 'object' || value === null) return null;
    if (this.#around.has(value)) return this.#cut();
    this.#around.add(value);
    try {
      return this.#writeObject(value, depth + 1);
    } finally {
      this.#around.delete(value);
    }
  }

  #writeObject(value: object, depth: number): unknown {
    if (value instanceof Uint8Array) return this.#writeBytes(value);
    if (value instanceof Date) return value.toISOString();
    if (value instanceof Map) return this.#writeEntries(value, depth);
    if (Array.isArray(value) || value instanceof Set || ArrayBuffer.isView(value))
      return this.#writeList(value as Iterable<unknown>, depth);
    return this.#writeEntries(Object.entries(value), depth);
  }

  #writeBytes(bytes: Uint8Array): string {
    const most = Math.max(0, this.#left);
    if (bytes.length > most) this.isWhole = false;
    const taken = bytes.subarray(0, most);
    this.#left -= taken.length;
    return Buffer.from(taken).toString('hex');
  }

  #writeList(list: Iterable<unknown>, depth: number): unknown[] {
    const written: unknown[] = [];
    for (const each of list) {
      if (this.#left <= 0) {
        this.#cut();
        break;
      }
      written.push(this.write(each, depth));
    }
    return written;
  }

  #writeEntries(entries: Iterable<readonly [unknown, unknown]>, depth: number): object {
    const written: [string, unknown][] = [];
    for (const [name, each] of entries) {
      if (typeof each === 'function' || each === undefined) continue;
      if (this.#left <= 0) {
        this.#cut();
        break;
      }
      written.push([
        typeof name === 'bigint' ? `0x${name.toString(16)}` : String(name),
        this.write(each, depth),
      ]);
    }
    return Object.fromEntries(written);
  }

  #cut(): null {
    this.isWhole = false;
    return null;
  }
}
