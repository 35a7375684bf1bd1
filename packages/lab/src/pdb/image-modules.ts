import type { BuiltImage, PlacedFunction } from '../image/built-image.ts';
import type { InlineSpec } from '../image/image-spec.ts';
import { leaf, typeRecord } from './code-view.ts';
import { inlineAnnotations } from './inline-annotations.ts';
import { LineTables } from './line-tables.ts';
import type { LinkedProcedure, LinkOrder, Place } from './link-order.ts';
import { ModuleSymbols } from './module-symbols.ts';
import type { TextTable } from './text-table.ts';
import type { TypeRecords } from './type-stream.ts';

/** A part of a section that came from one module. */
export interface Contribution {
  readonly place: Place;
  readonly size: number;
  /** Flags of the section. */
  readonly flags: number;
}

/** A module: what the linker took from one object file. */
export interface LinkedModule {
  /** Name of the object file. */
  readonly name: string;
  readonly symbols: Uint8Array;
  readonly lines: Uint8Array;
  readonly files: readonly string[];
  readonly contributions: readonly Contribution[];
  /** Procedures with the offsets of their records. */
  readonly procedures: readonly { readonly name: string; readonly at: number; readonly isGlobal: boolean }[];
}

/** Tables of the whole file that modules add to. */
export interface SharedTables {
  readonly items: TypeRecords;
  readonly texts: TextTable;
}

const linker = '* Linker *';
/** Sections whose contents no object file has. */
const linkerSections: ReadonlySet<string> = new Set(['.pdata', '.xdata', '.edata']);

/** One module a source file, that of the image's data the first, and that of the linker the last. */
export function imageModules(image: BuiltImage, order: LinkOrder, tables: SharedTables): LinkedModule[] {
  const { module, architecture } = image.spec;
  const files = new Map([[`${module}.c`, [] as LinkedProcedure[]]]);
  for (const procedure of order.procedures) {
    const file = fileOf(procedure.function);
    files.set(file, [...(files.get(file) ?? []), procedure]);
  }
  const sources = Array.from(files, ([file, procedures], index) => {
    const data = index === 0 ? dataOf(order, (name) => !linkerSections.has(name)) : [];
    return new SourceModule(file, architecture, order, tables).build(procedures, data);
  });
  const symbols = new ModuleSymbols(linker, architecture);
  for (const [index, section] of order.sections.entries()) symbols.section(index + 1, section);
  const made = dataOf(order, (name) => linkerSections.has(name));
  return [...sources, { ...empty, name: linker, symbols: symbols.bytes(), contributions: made }];
}

const empty = { lines: new Uint8Array(0), files: [], procedures: [] } as const;

const fileOf = ({ spec, image }: PlacedFunction): string => spec.file ?? `${image.spec.module}.c`;

/** Whole sections behind the code. */
const dataOf = ({ sections }: LinkOrder, isWanted: (name: string) => boolean): Contribution[] =>
  sections.flatMap(({ name, size, flags }, index) =>
    index > 0 && isWanted(name) ? [{ place: { section: index + 1, offset: 0 }, size, flags }] : [],
  );

/** `pool.obj` of `d:\nt\pool.c`. */
const objectOf = (file: string): string =>
  `${file.slice(Math.max(file.lastIndexOf('\\'), file.lastIndexOf('/')) + 1).replace(/\.\w+$/, '')}.obj`;

class SourceModule {
  readonly #name: string;
  readonly #order: LinkOrder;
  readonly #items: TypeRecords;
  readonly #symbols: ModuleSymbols;
  readonly #lines: LineTables;

  constructor(
    file: string,
    architecture: BuiltImage['spec']['architecture'],
    order: LinkOrder,
    { items, texts }: SharedTables,
  ) {
    this.#name = objectOf(file);
    this.#order = order;
    this.#items = items;
    this.#symbols = new ModuleSymbols(this.#name, architecture);
    this.#lines = new LineTables(texts);
  }

  build(procedures: readonly LinkedProcedure[], data: readonly Contribution[]): LinkedModule {
    const { flags } = this.#order.sections[0]!;
    return {
      name: this.#name,
      procedures: procedures.map((procedure) => this.#addProcedure(procedure)),
      symbols: this.#symbols.bytes(),
      lines: this.#lines.bytes(),
      files: this.#lines.files,
      contributions: [...procedures.map(({ place, size }) => ({ place, size, flags })), ...data],
    };
  }

  #addProcedure(procedure: LinkedProcedure): LinkedModule['procedures'][number] {
    const { place, size, parts } = procedure;
    const { spec } = procedure.function;
    const isGlobal = spec.unwind?.chainTo === undefined;
    const bodyAt = this.#order.offsetIn(procedure, procedure.function, spec.prologSize);
    const at = this.#symbols.procedure({ name: spec.name, place, size, bodyAt, isGlobal });
    for (const part of parts) this.#addScopes(procedure, part);
    this.#symbols.end();
    const lines = parts.flatMap((part) =>
      (part.spec.lines ?? []).map((line) => ({
        offset: this.#order.offsetIn(procedure, part, line.at),
        line: line.line,
        file: line.file ?? fileOf(part),
      })),
    );
    this.#lines.addFunction(place, size, lines);
    return { name: spec.name, at, isGlobal };
  }

  #addScopes(procedure: LinkedProcedure, part: PlacedFunction): void {
    for (const { mark } of part.spec.code)
      if (mark !== undefined)
        this.#symbols.label(mark, this.#placeIn(procedure, this.#order.offsetIn(procedure, part, mark)));
    for (const site of part.spec.inlines ?? []) this.#addInline(procedure, part, site, fileOf(part));
    for (const block of part.spec.blocks ?? [])
      for (const { start, end } of this.#order.rangesIn(procedure, part, block)) {
        this.#symbols.block(this.#placeIn(procedure, start), end - start);
        this.#symbols.end();
      }
  }

  #placeIn({ place }: LinkedProcedure, offset: number): Place {
    return { section: place.section, offset: place.offset + offset };
  }

  #addInline(procedure: LinkedProcedure, part: PlacedFunction, site: InlineSpec, outerFile: string): void {
    const { name, line, file = outerFile } = site;
    const item = this.#items.add(typeRecord(leaf.LF_FUNC_ID, (to) => to.u32(0, 0).text(name)));
    const ranges = site.ranges.flatMap((range) =>
      this.#order
        .rangesIn(procedure, part, range)
        .map((found) => ({ ...found, lineDelta: line === undefined ? 0 : (range.line ?? line) - line })),
    );
    if (line !== undefined) this.#lines.addInlinee(item, file, line);
    this.#symbols.inlineSite(item, inlineAnnotations(ranges));
    for (const inner of site.inlines ?? []) this.#addInline(procedure, part, inner, file);
    this.#symbols.end();
  }
}
