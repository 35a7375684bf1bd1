import { MODI, NewDBIHdr, SC } from '@poolscope/engine/layouts';
import { concatBytes } from '../bytes/integers.ts';
import { structBytes } from '../bytes/struct-writer.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Contribution, LinkedModule } from './image-modules.ts';
import type { LinkedSection } from './link-order.ts';
import { TextTable } from './text-table.ts';

/** Numbers of streams; undefined: there is none. */
export interface ProgramStreams {
  readonly globals: number;
  readonly publics: number;
  readonly records: number;
  /** Of the symbols of each module. */
  readonly modules: readonly number[];
  readonly fpo: number | undefined;
  readonly omapToSource: number | undefined;
  readonly omapFromSource: number | undefined;
  readonly sectionHeaders: number;
  readonly newFpo: number | undefined;
  readonly originalSectionHeaders: number | undefined;
}

export interface ProgramFacts {
  readonly age: number;
  /** IMAGE_FILE_MACHINE_*. */
  readonly machine: number;
  readonly modules: readonly LinkedModule[];
  readonly sections: readonly LinkedSection[];
}

const none = 0xffff;
const version = 19990903;
const contributionsVersion = 0xf12e_ba2d;
/** Linker 14.0, in the form that has a bit of its own. */
const linkerVersion = 0x8e00;

/** Stream 3: modules, sections, and the numbers of the streams of symbols. Source: microsoft-pdb, dbi.h. */
export function dbiStream(
  { age, machine, modules, sections }: ProgramFacts,
  streams: ProgramStreams,
): Uint8Array {
  const moduleInfo = concatBytes(
    modules.map((module, index) => moduleRecord(module, index, streams.modules[index]!)),
  );
  const contributions = sectionContributions(modules);
  const map = sectionMap(sections);
  const sources = sourceInfo(modules);
  const editAndContinue = new TextTable().bytes();
  const debugHeader = optionalHeader(streams);
  const header = structBytes(NewDBIHdr, {
    verSignature: 0xffff_ffff,
    verHdr: version,
    age,
    snGSSyms: streams.globals,
    usVerAll: linkerVersion,
    snPSSyms: streams.publics,
    snSymRecs: streams.records,
    cbGpModi: moduleInfo.length,
    cbSC: contributions.length,
    cbSecMap: map.length,
    cbFileInfo: sources.length,
    cbDbgHdr: debugHeader.length,
    cbECInfo: editAndContinue.length,
    wMachine: machine,
  });
  return concatBytes([header, moduleInfo, contributions, map, sources, editAndContinue, debugHeader]);
}

/** The stream of a module's symbols: records, lines, and a list of references to global symbols, which is empty. */
export const moduleStream = ({ symbols, lines }: LinkedModule): Uint8Array =>
  new ByteWriter().raw(symbols).raw(lines).u32(0).bytes();

function moduleRecord(module: LinkedModule, index: number, stream: number): Uint8Array {
  const first = module.contributions[0];
  const fixed = structBytes(MODI, {
    isect: first?.place.section ?? none,
    off: first?.place.offset ?? 0,
    cb: first?.size ?? 0xffff_ffff,
    dwCharacteristics: first?.flags ?? 0,
    imod: index,
    sn: stream,
    cbSyms: module.symbols.length,
    cbC13Lines: module.lines.length,
    ifileMac: module.files.length,
  });
  return new ByteWriter().raw(fixed).text(module.name).text(module.name).align(4).bytes();
}

function sectionContributions(modules: readonly LinkedModule[]): Uint8Array {
  const all = modules.flatMap(({ contributions }, imod) => contributions.map((each) => ({ ...each, imod })));
  all.sort((a, b) => a.place.section - b.place.section || a.place.offset - b.place.offset);
  return new ByteWriter()
    .u32(contributionsVersion)
    .raw(concatBytes(all.map(contributionRecord)))
    .bytes();
}

const contributionRecord = ({
  place,
  size,
  flags,
  imod,
}: Contribution & { readonly imod: number }): Uint8Array =>
  structBytes(SC, { isect: place.section, off: place.offset, cb: size, dwCharacteristics: flags, imod });

/** Flags of the section map: rights, a flat section of 32 bits, a selector, an absolute address. */
const mapFlags = { read: 1, write: 2, execute: 4, wide: 8, selector: 0x100, absolute: 0x200 } as const;

/** One entry a section, and one for absolute addresses. Source: LLVM's DbiStream page (OMFSegMapDesc). */
function sectionMap(sections: readonly LinkedSection[]): Uint8Array {
  const out = new ByteWriter().u16(sections.length + 1, sections.length + 1);
  const entry = (flags: number, frame: number, size: number) =>
    out.u16(flags, 0, 0, frame, none, none).u32(0, size);
  for (const [index, { flags, size }] of sections.entries()) {
    const rights =
      ((flags & 0x4000_0000) !== 0 ? mapFlags.read : 0) |
      ((flags & 0x8000_0000) !== 0 ? mapFlags.write : 0) |
      ((flags & 0x2000_0000) !== 0 ? mapFlags.execute : 0);
    entry(rights | mapFlags.wide | mapFlags.selector, index + 1, size);
  }
  entry(mapFlags.wide | mapFlags.absolute, sections.length + 1, 0xffff_ffff);
  return out.bytes();
}

/** Source files of each module: counts, then offsets of their names, then the names. */
function sourceInfo(modules: readonly LinkedModule[]): Uint8Array {
  const files = modules.flatMap((module) => module.files);
  const names = new ByteWriter();
  const offsets = new Map<string, number>();
  for (const file of new Set(files)) {
    offsets.set(file, names.length);
    names.text(file);
  }
  let first = 0;
  const firsts = modules.map((module) => {
    const own = first;
    first += module.files.length;
    return own;
  });
  return new ByteWriter()
    .u16(modules.length, files.length, ...firsts, ...modules.map((module) => module.files.length))
    .u32(...files.map((file) => offsets.get(file)!))
    .raw(names.bytes())
    .align(4)
    .bytes();
}

/** Numbers of streams that are copies of parts of the image; slots by DBGTYPE of dbi.h. */
function optionalHeader(streams: ProgramStreams): Uint8Array {
  const { fpo, omapToSource, omapFromSource, sectionHeaders, newFpo, originalSectionHeaders } = streams;
  const slots = [fpo, none, none, omapToSource, omapFromSource, sectionHeaders];
  const more = [none, none, none, newFpo, originalSectionHeaders];
  return new ByteWriter().u16(...[...slots, ...more].map((slot) => slot ?? none)).bytes();
}
