import { ByteWriter, joined } from './byte-writer.ts';
import { writeHashTable } from './hash-table.ts';
import { writeMsf } from './msf-writer.ts';
import { type PublicSpec, publicRecord } from './symbol-records.ts';

export interface SectionSpec {
  readonly rva: number;
  readonly size: number;
}

export interface ModuleSpec {
  readonly name: string;
  /** Of `ModuleWriter`; none: the module has no stream. */
  readonly symbols?: Uint8Array;
  readonly lines?: Uint8Array;
  readonly contributions?: readonly { section: number; offset: number; size: number }[];
}

export interface PdbSpec {
  readonly pageSize?: number;
  readonly guid?: Uint8Array;
  readonly signature?: number;
  /** Of the symbols; that of the file is one more. */
  readonly age?: number;
  readonly machine?: number;
  /** 2: stripped. */
  readonly flags?: number;
  readonly features?: readonly number[];
  readonly sections?: readonly SectionSpec[];
  readonly originalSections?: readonly SectionSpec[];
  readonly omapToSource?: readonly (readonly [from: number, to: number])[];
  readonly omapFromSource?: readonly (readonly [from: number, to: number])[];
  readonly publics?: readonly PublicSpec[];
  /** Records with the names under which they are hashed. */
  readonly globals?: readonly { readonly name: string; readonly record: Uint8Array }[];
  readonly modules?: readonly ModuleSpec[];
  /** Version 2 of the contributions has a word more in each. */
  readonly contributionsVersion?: 1 | 2;
  readonly thunks?: {
    readonly section: number;
    readonly offset: number;
    readonly count: number;
    readonly size: number;
  };
  readonly types?: Uint8Array;
  readonly items?: Uint8Array;
  /** Texts of the stream `/names`: the first stands at 1, each is followed by a NUL. */
  readonly names?: readonly string[];
  readonly fpo?: Uint8Array;
  readonly newFpo?: Uint8Array;
}

const none = 0xffff;
export const testGuid = Uint8Array.from({ length: 16 }, (_, index) => 0x10 + index);

/** Offsets of texts in the stream `/names`. */
export function nameOffsets(names: readonly string[]): number[] {
  let at = 1;
  return names.map((name) => {
    const own = at;
    at += Buffer.byteLength(name) + 1;
    return own;
  });
}

/** A program database with everything that is in the description, and nothing else. */
export function writePdb(spec: PdbSpec): Uint8Array {
  const streams: (Uint8Array | undefined)[] = [new Uint8Array(0), undefined, undefined, undefined, undefined];
  const add = (bytes: Uint8Array | undefined): number =>
    bytes === undefined ? none : streams.push(bytes) - 1;
  const { names } = spec;
  const namesStream = add(names === undefined ? undefined : writeNames(names));
  streams[1] = writeInfo(spec, namesStream);
  streams[2] = spec.types;
  streams[4] = spec.items;
  streams[3] = writeDbi(spec, add);
  return writeMsf(streams, spec.pageSize ?? 512);
}

function writeInfo(spec: PdbSpec, namesStream: number): Uint8Array {
  const out = new ByteWriter().u32(20000404, spec.signature ?? 0x5eed, (spec.age ?? 1) + 1);
  out.raw(spec.guid ?? testGuid);
  const named = namesStream === none ? [] : ['/names'];
  const texts = named.map((name) => `${name}\0`).join('');
  out.u32(texts.length).raw(Buffer.from(texts));
  // Count, capacity, words of the present and of the deleted, pairs; one word is not used.
  out.u32(named.length, 8, 1, named.length, 0);
  if (named.length > 0) out.u32(0, namesStream);
  return out
    .u32(0)
    .u32(...(spec.features ?? [20140508]))
    .bytes();
}

function writeNames(names: readonly string[]): Uint8Array {
  const texts = Buffer.from(`\0${names.map((name) => `${name}\0`).join('')}`);
  return new ByteWriter().u32(0xeffe_effe, 1, texts.length).raw(texts).u32(0, 0).bytes();
}

function writeDbi(spec: PdbSpec, add: (bytes: Uint8Array | undefined) => number): Uint8Array {
  const records = writeSymbols(spec, add);
  const modules = writeModules(spec.modules ?? [], add);
  const contributions = writeContributions(spec);
  const debug = writeDebugHeader(spec, add);
  return new ByteWriter()
    .u32(0xffff_ffff, 19990903, spec.age ?? 1)
    .u16(records.globals, 0x8e00, records.publics, 0, records.records, 0)
    .u32(modules.length, contributions.length, 0, 0, 0, 0, debug.length, 0)
    .u16(spec.flags ?? 0, spec.machine ?? 0x8664)
    .u32(0)
    .raw(modules)
    .raw(contributions)
    .raw(debug)
    .bytes();
}

interface SymbolStreams {
  readonly records: number;
  readonly publics: number;
  readonly globals: number;
}

function writeSymbols(spec: PdbSpec, add: (bytes: Uint8Array | undefined) => number): SymbolStreams {
  const publics = spec.publics ?? [];
  const globals = spec.globals ?? [];
  const all = [...publics.map((symbol) => ({ name: symbol.name, record: publicRecord(symbol) })), ...globals];
  let at = 0;
  const placed = all.map(({ name, record }) => {
    const own = { name, at };
    at += record.length;
    return own;
  });
  const own = placed.slice(0, publics.length);
  const map = publics
    .map((symbol, index) => ({ ...symbol, at: own[index]!.at }))
    .sort((a, b) => a.section - b.section || a.offset - b.offset);
  const hash = writeHashTable(own);
  const { thunks } = spec;
  const stream = new ByteWriter()
    .u32(hash.length, map.length * 4, thunks?.count ?? 0, thunks?.size ?? 0)
    .u16(thunks?.section ?? 0, 0)
    .u32(thunks?.offset ?? 0, 0)
    .raw(hash)
    .u32(...map.map((symbol) => symbol.at));
  return {
    records: add(joined(all.map(({ record }) => record))),
    publics: add(stream.bytes()),
    globals: add(writeHashTable(placed.slice(publics.length))),
  };
}

function writeModules(
  modules: readonly ModuleSpec[],
  add: (bytes: Uint8Array | undefined) => number,
): Uint8Array {
  const out = new ByteWriter();
  for (const { name, symbols, lines = new Uint8Array(0) } of modules) {
    const stream = add(symbols === undefined ? undefined : joined([symbols, lines]));
    out
      .u32(0, 0, 0, 0, 0, 0, 0, 0)
      .u16(0, stream)
      .u32(symbols?.length ?? 0, 0, lines.length);
    out.u16(0, 0).u32(0, 0, 0).text(name).text(name).align(4);
  }
  return out.bytes();
}

function writeContributions({ modules = [], contributionsVersion = 1 }: PdbSpec): Uint8Array {
  const all = modules.flatMap(({ contributions = [] }, module) =>
    contributions.map((each) => ({ ...each, module })),
  );
  all.sort((a, b) => a.section - b.section || a.offset - b.offset);
  const out = new ByteWriter().u32(contributionsVersion === 1 ? 0xf12e_ba2d : 0xf131_51e4);
  for (const { section, offset, size, module } of all) {
    out.u16(section, 0).u32(offset, size, 0x6000_0020).u16(module, 0).u32(0, 0);
    if (contributionsVersion === 2) out.u32(0);
  }
  return out.bytes();
}

function writeDebugHeader(spec: PdbSpec, add: (bytes: Uint8Array | undefined) => number): Uint8Array {
  const sections = (list: readonly SectionSpec[] | undefined) =>
    list === undefined ? none : add(joined(list.map(writeSection)));
  const moved = (list: PdbSpec['omapToSource']) =>
    list === undefined ? none : add(new ByteWriter().u32(...list.flat()).bytes());
  const slots = [
    add(spec.fpo),
    none,
    none,
    moved(spec.omapToSource),
    moved(spec.omapFromSource),
    sections(spec.sections),
    none,
    none,
    none,
    add(spec.newFpo),
    sections(spec.originalSections),
  ];
  return new ByteWriter().u16(...slots).bytes();
}

const writeSection = ({ rva, size }: SectionSpec): Uint8Array =>
  new ByteWriter()
    .raw(Buffer.from('.text\0\0\0'))
    .u32(size, rva, size, 0x400, 0, 0)
    .u16(0, 0)
    .u32(0x6000_0020)
    .bytes();
