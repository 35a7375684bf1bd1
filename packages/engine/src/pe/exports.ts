import { Fault } from '../base/index.ts';
import { IMAGE_EXPORT_DIRECTORY, StructView } from '../layouts/index.ts';
import { type DataDirectory, DirectoryIndex, readDirectory } from './headers.ts';
import { ImageProblem, type ImageReader } from './image-reader.ts';
import { RvaReader } from './rva-reader.ts';

/** An exported name, or an ordinal without one. */
export interface ExportedSymbol {
  readonly name: string | undefined;
  readonly ordinal: number;
  /** Address of the function or variable; of the text `DLL.Name` for a forwarder. */
  readonly rva: number;
  /** `DLL.Name` or `DLL.#ordinal`: the export is found in another image. */
  readonly forwarder: string | undefined;
}

/** Ordinals and name indexes have 16 bits. */
const maxCount = 0x1_0000;
const maxName = 4096;
/** Characters in all names together; ntoskrnl has 70,000. */
const maxNames = 1 << 22;

/** Where a table of an image lies. */
type Directory = StructView<typeof IMAGE_EXPORT_DIRECTORY.fields>;

/** The export table of an image, read when first asked. Pages that are missing leave gaps, and `partial` says so. */
export class ExportTable {
  readonly #rva: DataDirectory;
  readonly #directory: Directory;
  readonly #reader: RvaReader;
  #loaded: { readonly symbols: readonly ExportedSymbol[]; readonly missing: number } | undefined;
  #placed: readonly ExportedSymbol[] | undefined;
  #names: ReadonlyMap<string, ExportedSymbol> | undefined;

  constructor(image: ImageReader, rva: DataDirectory, directory: Directory) {
    this.#reader = new RvaReader(image);
    this.#rva = rva;
    this.#directory = directory;
  }

  /** File name as the linker recorded it. */
  get imageName(): string | undefined {
    return this.#reader.text(this.#directory.get('Name'), maxName);
  }

  /** All exports that can be read, sorted by RVA. */
  get symbols(): readonly ExportedSymbol[] {
    return this.#load().symbols;
  }

  /** Entries of the table that are not in the dump, or that contradict it. */
  get missing(): number {
    return this.#load().missing;
  }

  get partial(): boolean {
    return this.missing > 0;
  }

  /** Is there nothing to name? Where the first entry can be read, only that one is. */
  get isEmpty(): boolean {
    return this.#loaded === undefined && this.#readsFirst() ? false : this.symbols.length === 0;
  }

  /** By exact name. */
  findName(name: string): ExportedSymbol | undefined {
    this.#names ??= new Map(
      this.symbols.flatMap((symbol) => (symbol.name === undefined ? [] : [[symbol.name, symbol]])),
    );
    return this.#names.get(name);
  }

  /** The named export at or before `rva`; of several at one address, the first by name. Forwarders have no address. */
  findNearest(rva: number): ExportedSymbol | undefined {
    return this.findAround(rva).before[0];
  }

  /** The named exports nearest to `rva`: all of one address at or before it, by name, and the first behind it. */
  findAround(rva: number): { readonly before: readonly ExportedSymbol[]; readonly after?: ExportedSymbol } {
    const placed = this.#placedByAddress();
    const behind = countUntil(placed, rva);
    const found = placed[behind - 1];
    const before = found === undefined ? [] : placed.slice(countUntil(placed, found.rva - 1), behind);
    const after = placed[behind];
    return after === undefined ? { before } : { before, after };
  }

  #placedByAddress(): readonly ExportedSymbol[] {
    this.#placed ??= this.symbols.filter(
      ({ name, forwarder }) => name !== undefined && forwarder === undefined,
    );
    return this.#placed;
  }

  /** Can the first name and its address be read? */
  #readsFirst(): boolean {
    if (this.#directory.get('NumberOfNames') === 0) return false;
    const at = this.#reader.u32(this.#directory.get('AddressOfNames'));
    const slot = this.#reader.u16(this.#directory.get('AddressOfNameOrdinals'));
    const inside = slot !== undefined && slot < Math.min(this.#directory.get('NumberOfFunctions'), maxCount);
    const rva = inside ? this.#functionAt(slot) : undefined;
    return (rva ?? 0) !== 0 && at !== undefined && this.#reader.text(at, maxName) !== undefined;
  }

  #load(): { readonly symbols: readonly ExportedSymbol[]; readonly missing: number } {
    this.#loaded ??= this.#read();
    return this.#loaded;
  }

  #read(): { symbols: ExportedSymbol[]; missing: number } {
    const functions = Math.min(this.#directory.get('NumberOfFunctions'), maxCount);
    const names = Math.min(this.#directory.get('NumberOfNames'), maxCount);
    const symbols: ExportedSymbol[] = [];
    const named = new Set<number>();
    let missing = 0;
    let budget = maxNames;
    for (let index = 0; index < names; index++) {
      const slot = this.#reader.u16(this.#directory.get('AddressOfNameOrdinals') + index * 2);
      const at = this.#reader.u32(this.#directory.get('AddressOfNames') + index * 4);
      const name = at === undefined ? undefined : this.#reader.text(at, Math.min(maxName, budget));
      budget -= name?.length ?? 0;
      const rva = slot === undefined || slot >= functions ? undefined : this.#functionAt(slot);
      if (slot !== undefined && name !== undefined) named.add(slot);
      if (name === undefined || rva === undefined) missing++;
      else if (rva !== 0) symbols.push(this.#symbol(name, slot!, rva));
    }
    for (let slot = 0; slot < functions; slot++) {
      const rva = named.has(slot) ? 0 : this.#functionAt(slot);
      if (rva === undefined) missing++;
      else if (rva !== 0) symbols.push(this.#symbol(undefined, slot, rva));
    }
    return { symbols: symbols.sort(byAddress), missing };
  }

  #functionAt(slot: number): number | undefined {
    return this.#reader.u32(this.#directory.get('AddressOfFunctions') + slot * 4);
  }

  /** An address inside the export directory itself is that of a forwarder's text. */
  #symbol(name: string | undefined, slot: number, rva: number): ExportedSymbol {
    const forwarded = rva >= this.#rva.rva && rva < this.#rva.rva + this.#rva.size;
    const forwarder = forwarded ? (this.#reader.text(rva, maxName) ?? '') : undefined;
    return { name, ordinal: this.#directory.get('Base') + slot, rva, forwarder };
  }
}

/** How many of the sorted symbols are at or before `rva`. */
function countUntil(sorted: readonly ExportedSymbol[], rva: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]!.rva <= rva) low = middle + 1;
    else high = middle;
  }
  return low;
}

const byAddress = (a: ExportedSymbol, b: ExportedSymbol): number =>
  a.rva - b.rva || compareText(a.name ?? '', b.name ?? '');

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The export table of an image; its entries are read when first asked for. */
export function readExports(image: ImageReader): ExportTable | ImageProblem {
  const rva = readDirectory(image, DirectoryIndex.Export);
  if (rva instanceof ImageProblem) return rva;
  const bytes = image.tryReadRva(rva.rva, IMAGE_EXPORT_DIRECTORY.size);
  if (bytes instanceof Fault) return ImageProblem.absent('the export directory', bytes);
  return new ExportTable(image, rva, new StructView(IMAGE_EXPORT_DIRECTORY, bytes));
}
