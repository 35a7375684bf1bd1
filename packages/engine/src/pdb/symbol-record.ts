import { readU16, utf8Text } from '../base/index.ts';

/** Kinds of symbol records that are read. Source: microsoft-pdb, cvinfo.h. */
export const symbolKind = {
  S_END: 0x0006,
  S_THUNK32: 0x1102,
  S_BLOCK32: 0x1103,
  S_LABEL32: 0x1105,
  S_CONSTANT: 0x1107,
  S_UDT: 0x1108,
  S_LDATA32: 0x110c,
  S_GDATA32: 0x110d,
  S_PUB32: 0x110e,
  S_LPROC32: 0x110f,
  S_GPROC32: 0x1110,
  S_PROCREF: 0x1125,
  S_DATAREF: 0x1126,
  S_LPROCREF: 0x1127,
  S_TRAMPOLINE: 0x112c,
  S_SEPCODE: 0x1132,
  S_LPROC32_ID: 0x1146,
  S_GPROC32_ID: 0x1147,
  S_INLINESITE: 0x114d,
  S_INLINESITE_END: 0x114e,
  S_PROC_ID_END: 0x114f,
  S_INLINESITE2: 0x115d,
} as const;

/** Compilers cut names at this length; a longer one is damage. */
const maxName = 0x1000;

/** NUL-terminated UTF-8 text from `at`, not beyond `end`. */
export function nameAt(bytes: Uint8Array, at: number, end: number): string {
  const limit = Math.min(end, at + maxName);
  let stop = at;
  let ascii = true;
  for (; stop < limit && bytes[stop] !== 0; stop++) ascii &&= bytes[stop]! < 0x80;
  return ascii ? asciiText(bytes, at, stop) : utf8Text(bytes.subarray(at, stop));
}

/** Names are short and nearly all ASCII: this beats a TextDecoder several times. */
function asciiText(bytes: Uint8Array, at: number, stop: number): string {
  let text = '';
  for (let index = at; index < stop; index++) text += String.fromCharCode(bytes[index]!);
  return text;
}

/** Is the NUL-terminated text at `at` this one? `ignoreCase` is about the letters of ASCII. */
export function isNamed(
  bytes: Uint8Array,
  at: number,
  end: number,
  wanted: Uint8Array,
  ignoreCase: boolean,
): boolean {
  const stop = at + wanted.length;
  if (stop > end || (stop < end && bytes[stop] !== 0)) return false;
  for (let index = 0; index < wanted.length; index++) {
    const [a, b] = [bytes[at + index]!, wanted[index]!];
    if (a !== b && !(ignoreCase && lower(a) === lower(b))) return false;
  }
  return true;
}

const lower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);

/** End of the record at `at`, exclusive; undefined when it reaches over the bytes. */
export function recordEnd(bytes: Uint8Array, at: number): number | undefined {
  if (at + 4 > bytes.length) return undefined;
  const end = at + 2 + readU16(bytes, at);
  return end > bytes.length || end < at + 4 ? undefined : end;
}

/**
 * Where records begin, when they are walked from the first on. Tables that lead into the middle of records, or to one
 * many times, would make a small file endless. A record whose length is impossible ends the walk.
 */
export class RecordStarts {
  readonly #free: Uint8Array;

  constructor(bytes: Uint8Array) {
    const free = new Uint8Array((bytes.length >>> 5) + 1);
    let at = 0;
    for (let end = recordEnd(bytes, at); end !== undefined; end = recordEnd(bytes, at)) {
      if (at % 4 !== 0) break;
      free[at >>> 5]! |= 1 << ((at >>> 2) & 7);
      at = end;
    }
    this.#free = free;
  }

  /** Does a record begin at `at`? The second time it is asked for it does not. */
  take(at: number): boolean {
    const bit = 1 << ((at >>> 2) & 7);
    const byte = this.#free[at >>> 5];
    if (at % 4 !== 0 || byte === undefined || (byte & bit) === 0) return false;
    this.#free[at >>> 5] = byte & ~bit;
    return true;
  }
}
