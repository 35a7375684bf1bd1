import { readU16, readU32, utf8Bytes } from '../base/index.ts';
import { DATASYM32, REFSYM2 } from '../layouts/index.ts';
import type { Dbi } from './dbi.ts';
import { GsiHash } from './gsi-hash.ts';
import { readNumericLeaf } from './numeric-leaf.ts';
import type { Place } from './section-map.ts';
import { isNamed, nameAt, RecordStarts, recordEnd, symbolKind } from './symbol-record.ts';

/** What the program's own names stand for; names are those of the source, without decoration. */
export type GlobalSymbol =
  | ({ readonly kind: 'data'; readonly name: string; readonly type: number } & Place)
  /** Its record is at `record` of the module's symbols. */
  | { readonly kind: 'procedure'; readonly name: string; readonly module: number; readonly record: number }
  | { readonly kind: 'constant'; readonly name: string; readonly type: number; readonly value: bigint }
  | { readonly kind: 'type'; readonly name: string; readonly type: number };

const dataKinds: ReadonlySet<number> = new Set([symbolKind.S_LDATA32, symbolKind.S_GDATA32]);
const procedureKinds: ReadonlySet<number> = new Set([symbolKind.S_PROCREF, symbolKind.S_LPROCREF]);

/** Variables, procedures, constants and names of types, by name through their hash table. */
export class GlobalSymbols {
  readonly #records: Uint8Array;
  readonly #hash: GsiHash | undefined;

  constructor(dbi: Dbi) {
    this.#records = dbi.symbolRecords;
    this.#hash = GsiHash.read(dbi.globalsStream?.bytes() ?? new Uint8Array(0));
  }

  get count(): number {
    return this.#hash?.count ?? 0;
  }

  /** All symbols of a name; `ignoreCase` as for public symbols. */
  *find(name: string, ignoreCase = false): Generator<GlobalSymbol> {
    const wanted = utf8Bytes(name);
    for (const at of this.#hash?.candidates(name) ?? []) {
      const end = recordEnd(this.#records, at);
      const start = end === undefined ? undefined : nameStart(this.#records, at, end);
      if (start === undefined || !isNamed(this.#records, start, end!, wanted, ignoreCase)) continue;
      const found = decode(this.#records, at, end!);
      if (found !== undefined) yield found;
    }
  }

  /** All symbols in the order of the table. */
  *walk(): Generator<GlobalSymbol> {
    const starts = new RecordStarts(this.#records);
    for (let index = 0; index < this.count; index++) {
      const at = this.#hash!.recordAt(index);
      const end = starts.take(at) ? recordEnd(this.#records, at) : undefined;
      const found = end === undefined ? undefined : decode(this.#records, at, end);
      if (found !== undefined) yield found;
    }
  }
}

/** Where a record's name begins; undefined for kinds that are not read, and cut records. */
function nameStart(bytes: Uint8Array, at: number, end: number): number | undefined {
  const kind = readU16(bytes, at + 2);
  const start = isPlaced(kind) ? at + DATASYM32.size : unplacedStart(bytes, at, kind);
  return start === undefined || start > end ? undefined : start;
}

const isPlaced = (kind: number): boolean => dataKinds.has(kind) || procedureKinds.has(kind);

function unplacedStart(bytes: Uint8Array, at: number, kind: number): number | undefined {
  if (kind === symbolKind.S_UDT) return at + 8;
  return kind === symbolKind.S_CONSTANT ? readNumericLeaf(bytes, at + 8)?.end : undefined;
}

function decode(bytes: Uint8Array, at: number, end: number): GlobalSymbol | undefined {
  const start = nameStart(bytes, at, end);
  if (start === undefined) return undefined;
  const name = nameAt(bytes, start, end);
  const kind = readU16(bytes, at + 2);
  const type = readU32(bytes, at + 4);
  if (dataKinds.has(kind))
    return { kind: 'data', name, type, section: readU16(bytes, at + 12), offset: readU32(bytes, at + 8) };
  // Modules are counted from 1 here.
  if (procedureKinds.has(kind) && start === at + REFSYM2.size)
    return { kind: 'procedure', name, module: readU16(bytes, at + 12) - 1, record: readU32(bytes, at + 8) };
  if (kind === symbolKind.S_UDT) return { kind: 'type', name, type };
  return { kind: 'constant', name, type, value: readNumericLeaf(bytes, at + 8)!.value };
}
