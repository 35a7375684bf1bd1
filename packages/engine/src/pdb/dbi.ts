import { NewDBIHdr, StructView } from '../layouts/index.ts';
import type { MsfFile } from './msf-file.ts';
import type { MsfStream } from './msf-stream.ts';
import { pdbError } from './pdb-error.ts';

const none = 0xffff;
const newSignature = 0xffff_ffff;
/** Versions of V60 and V70, the two that compilers since 1998 write. */
const versions: ReadonlySet<number> = new Set([19970606, 19990903]);

/** Slots of the optional debug header: numbers of streams. Source: microsoft-pdb, dbi.h (DBGTYPE). */
const debugSlots = {
  fpo: 0,
  exception: 1,
  fixup: 2,
  omapToSource: 3,
  omapFromSource: 4,
  sectionHeaders: 5,
  tokenRidMap: 6,
  xdata: 7,
  pdata: 8,
  newFpo: 9,
  originalSectionHeaders: 10,
} as const;

/** The symbols that the public symbols do not cover were removed from the file. */
const stripped = 2;

/** Stream 3: how the program was put together, and where the tables of its symbols are. */
export class Dbi {
  readonly #msf: MsfFile;
  readonly #bytes: Uint8Array;
  readonly #view: StructView<typeof NewDBIHdr.fields>;
  #records: Uint8Array | undefined;

  constructor(msf: MsfFile) {
    const bytes = msf.stream(3)?.bytes();
    if (bytes === undefined || bytes.length < NewDBIHdr.size)
      throw pdbError('the program database holds types only: no symbols');
    this.#msf = msf;
    this.#bytes = bytes;
    this.#view = new StructView(NewDBIHdr, bytes);
    if (this.#view.get('verSignature') !== newSignature || !versions.has(this.#view.get('verHdr')))
      throw pdbError('the symbols of the program database are of an unknown version');
  }

  /** The one that is compared with the image's debug directory. */
  get age(): number {
    return this.#view.get('age');
  }

  /** IMAGE_FILE_MACHINE_*: 0x8664, 0x14c, 0xaa64. */
  get machine(): number {
    return this.#view.get('wMachine');
  }

  /** Only public symbols are left, as in the files that Microsoft gives out. */
  get isStripped(): boolean {
    return (this.#view.get('flags') & stripped) !== 0;
  }

  get publicsStream(): MsfStream | undefined {
    return this.#stream(this.#view.get('snPSSyms'));
  }

  get globalsStream(): MsfStream | undefined {
    return this.#stream(this.#view.get('snGSSyms'));
  }

  /** Records that the tables of public and of global symbols lead to; read once. */
  get symbolRecords(): Uint8Array {
    this.#records ??= this.#stream(this.#view.get('snSymRecs'))?.bytes() ?? new Uint8Array(0);
    return this.#records;
  }

  /** Records of the modules (MODI), one after the other. */
  get moduleRecords(): Uint8Array {
    return this.#part(0);
  }

  get sectionContributions(): Uint8Array {
    return this.#part(1);
  }

  /** One of the streams that the linker copied from the image; undefined when there is none. */
  debugStream(name: keyof typeof debugSlots): MsfStream | undefined {
    const header = this.#part(6);
    const at = debugSlots[name] * 2;
    return at + 2 > header.length ? undefined : this.#stream(header[at]! | (header[at + 1]! << 8));
  }

  #stream(index: number): MsfStream | undefined {
    return index === none ? undefined : this.#msf.stream(index);
  }

  /** Substreams follow the header in this order; the list of edit-and-continue data stands before the debug header. */
  #part(index: number): Uint8Array {
    const names = ['cbGpModi', 'cbSC', 'cbSecMap', 'cbFileInfo', 'cbTSMap', 'cbECInfo', 'cbDbgHdr'] as const;
    const sizes = names.map((name) => this.#view.get(name));
    let start: number = NewDBIHdr.size;
    for (const size of sizes.slice(0, index)) start += size;
    const end = start + sizes[index]!;
    if (end > this.#bytes.length) throw pdbError('the symbols of the program database are cut');
    return this.#bytes.subarray(start, end);
  }
}
