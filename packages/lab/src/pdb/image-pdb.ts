import type { BuiltImage } from '../image/built-image.ts';
import { importSlot } from '../image/code.ts';
import type { Architecture } from '../image/image-spec.ts';
import { machineTypes } from '../image/pe-headers.ts';
import { symbol, symbolRecord } from './code-view.ts';
import { dbiStream, moduleStream } from './dbi-stream.ts';
import { fpoData } from './frame-data.ts';
import { imageModules, type LinkedModule } from './image-modules.ts';
import { infoStream } from './info-stream.ts';
import { LinkOrder } from './link-order.ts';
import { msfFile } from './msf-file.ts';
import { originalHeaders, sectionHeaders } from './section-headers.ts';
import { type StructureSource, StructureTypes } from './structure-types.ts';
import { type NamedRecord, type PublicSymbol, symbolStreams } from './symbol-streams.ts';
import { TextTable } from './text-table.ts';
import { TypeRecords } from './type-stream.ts';

/** Streams that have fixed numbers. */
const fixedStreams = { info: 1, types: 2, program: 3, items: 4 } as const;

/** What a program database tells besides names. */
export interface PdbOptions {
  /** Structures that the program database has; none when absent. */
  readonly structures?: StructureSource;
}

/**
 * The program database of an image, as a linker writes it: public symbols, procedures with their extents, labels, lines
 * and inlined functions where the image's description has them, types. Same input, same bytes.
 */
export function imagePdb(image: BuiltImage, { structures }: PdbOptions = {}): Uint8Array {
  const streams = new Streams();
  const [types, items, texts] = [new TypeRecords(), new TypeRecords(), new TextTable()];
  const pointerSize = image.spec.architecture === 'x86' ? 4 : 8;
  const written =
    structures === undefined ? [] : new StructureTypes(types, structures, pointerSize).writeAll();
  const order = new LinkOrder(image);
  const modules = imageModules(image, order, { items, texts });
  const symbols = symbolStreams(publicSymbols(image, order), [
    ...procedureReferences(modules),
    ...typeNames(written),
  ]);
  const fpo = fpoData(image);
  const numbers = {
    globals: streams.add(symbols.globals),
    publics: streams.add(symbols.publics),
    records: streams.add(symbols.records),
    modules: modules.map((module) => streams.add(moduleStream(module))),
    fpo: fpo.length > 0 ? streams.add(fpo) : undefined,
    omapToSource: order.isReordered ? streams.add(order.omapToSource()) : undefined,
    omapFromSource: order.isReordered ? streams.add(order.omapFromSource()) : undefined,
    sectionHeaders: streams.add(sectionHeaders(image)),
    newFpo: undefined,
    originalSectionHeaders: order.isReordered
      ? streams.add(originalHeaders(image, order.sections))
      : undefined,
  };
  const { pdb, timeDateStamp, architecture } = image.spec;
  const facts = { age: pdb.age, machine: machineTypes[architecture], modules, sections: order.sections };
  streams.set(fixedStreams.info, infoStream(pdb, timeDateStamp, [['/names', streams.add(texts.bytes())]]));
  streams.set(fixedStreams.program, dbiStream(facts, numbers));
  streams.set(fixedStreams.types, types.stream(streams.add(types.hashStream())));
  streams.set(fixedStreams.items, items.stream(streams.add(items.hashStream())));
  return msfFile(streams.list);
}

/** Streams by their numbers; 0 is the directory before the last writing, which a new file does not have. */
class Streams {
  readonly list: Uint8Array[] = Array.from({ length: 5 }, () => new Uint8Array(0));

  /** The number that the stream got. */
  add(bytes: Uint8Array): number {
    return this.list.push(bytes) - 1;
  }

  set(number: number, bytes: Uint8Array): void {
    this.list[number] = bytes;
  }
}

/** Every function, variable, constant and import slot that has a name of its own. */
function publicSymbols(image: BuiltImage, order: LinkOrder): PublicSymbol[] {
  const { architecture } = image.spec;
  const functions = order.procedures.map(({ function: { spec }, place }) => ({
    name: decorated(spec.name, architecture),
    place,
    isFunction: true,
  }));
  const named = [...(image.spec.variables ?? []), ...(image.spec.constants ?? [])];
  const data = named.map(({ name }) => ({
    name: decorated(name, architecture),
    place: order.placeOf(image.symbols.get(name)!),
    isFunction: false,
  }));
  const slots = Array.from(image.imports, ([name, rva]) => ({
    name: importSlot(decorated(name.slice(name.indexOf('!') + 1), architecture)),
    place: order.placeOf(rva),
    isFunction: false,
  }));
  return [...functions, ...data, ...slots];
}

/**
 * As compilers of C write a name: with an underscore in front on x86. Debuggers leave the first one out on every processor,
 * so that a name that is shown with one has two.
 */
const decorated = (name: string, architecture: Architecture): string =>
  architecture === 'x86' || name.startsWith('_') ? `_${name}` : name;

/** Names of procedures lead to their records: the module, counted from 1, and the offset in it. */
const procedureReferences = (modules: readonly LinkedModule[]): NamedRecord[] =>
  modules.flatMap(({ procedures }, index) =>
    procedures.map(({ name, at, isGlobal }) => ({
      name,
      record: symbolRecord(isGlobal ? symbol.S_PROCREF : symbol.S_LPROCREF, (to) =>
        to
          .u32(0, at)
          .u16(index + 1)
          .text(name),
      ),
    })),
  );

const typeNames = (types: readonly { readonly name: string; readonly index: number }[]): NamedRecord[] =>
  types.map(({ name, index }) => ({
    name,
    record: symbolRecord(symbol.S_UDT, (to) => to.u32(index).text(name)),
  }));
