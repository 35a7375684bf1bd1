import type { BuiltImage } from '../image/built-image.ts';
import type { Machine } from '../machine/machine.ts';
import { StructureTable } from '../machine/structure-table.ts';
import { useWholeTables } from '../machine/whole-tables.ts';
import { imagePdb } from './image-pdb.ts';

/** A program database and what ties it to its image. */
export interface PdbFile {
  readonly name: string;
  /** 32 upper-case digits, as symbol stores write it. */
  readonly guid: string;
  readonly age: number;
  readonly bytes: Uint8Array;
}

/** A file of a symbol store: its path has slashes between names. */
export interface StoredFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The program databases of all images of a machine, in load order; that of the kernel has the structures of its build. */
export function pdbFiles({
  images,
  architecture,
  profile,
}: Pick<Machine, 'images' | 'architecture' | 'profile'>): PdbFile[] {
  useWholeTables();
  return images.list.map(({ image }) => {
    const isKernel = image.spec.module === 'nt';
    const structures = isKernel ? new StructureTable(architecture, profile.build) : undefined;
    return new WrittenPdb(image, structures);
  });
}

/** Its bytes are written when somebody asks for them: they take longer than anything else of a machine. */
class WrittenPdb implements PdbFile {
  readonly name: string;
  readonly guid: string;
  readonly age: number;
  readonly #image: BuiltImage;
  readonly #structures: StructureTable | undefined;
  #bytes: Uint8Array | undefined;

  constructor(image: BuiltImage, structures: StructureTable | undefined) {
    const { name, guid, age } = image.spec.pdb;
    this.name = name;
    this.guid = guidDigits(guid);
    this.age = age;
    this.#image = image;
    this.#structures = structures;
  }

  get bytes(): Uint8Array {
    const structures = this.#structures;
    this.#bytes ??= imagePdb(this.#image, structures === undefined ? {} : { structures });
    return this.#bytes;
  }
}

/** What a symbol store of the machine holds: program databases by GUID and age, images by time stamp and size. */
export function symbolStore(machine: Machine): StoredFile[] {
  const pdbs = pdbFiles(machine).map((file) => ({ path: storedPath(file), bytes: file.bytes }));
  return [...pdbs, ...machine.images.list.map(({ image }) => storedImage(image))];
}

/** Where a program database is in a symbol store. */
export const storedPath = ({ name, guid, age }: Omit<PdbFile, 'bytes'>): string =>
  `${name}/${guid}${age.toString(16).toUpperCase()}/${name}`;

/** An image with its place in a symbol store. */
export function storedImage(image: BuiltImage): StoredFile {
  const { name, timeDateStamp } = image.spec;
  const stamp = timeDateStamp.toString(16).toUpperCase().padStart(8, '0');
  return { path: `${name}/${stamp}${image.size.toString(16)}/${name}`, bytes: image.fileBytes() };
}

/** The text form without dashes: Data1 to Data3 are numbers in both. */
const guidDigits = (guid: string): string => guid.replaceAll('-', '').toUpperCase();
