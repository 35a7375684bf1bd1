import type { Va } from '@poolscope/engine/base';
import type { LoadedImages } from '../loaded-images.ts';
import type { ObjectSpace, PlantedObject } from './object-space.ts';
import { type TypeName, typeIndexes } from './object-types.ts';

/** Names of the object manager: directories, types and links. */
export interface ObjectTree {
  readonly root: PlantedObject;
  readonly directories: Readonly<Record<'ObjectTypes' | 'Driver' | 'Device' | 'GLOBAL??', PlantedObject>>;
  readonly links: readonly { readonly object: PlantedObject; readonly target: string }[];
  /** Puts a named object into its directory. */
  insert(object: PlantedObject): void;
}

const buckets = 37;

/** Plants the root and what every machine has; undefined where the tables know no object headers. */
export function plantTree(objects: ObjectSpace, loaded: LoadedImages): ObjectTree | undefined {
  if (!objects.hasHeaders) return undefined;
  const inserter = new Inserter(objects);
  const newDirectory = (name: string, directory: Va): PlantedObject =>
    objects.create('Directory', objects.tables.size('_OBJECT_DIRECTORY')!, { name, directory, pointers: 4 });
  const root = newDirectory('\\', 0n);
  const under = (name: string): PlantedObject => inserter.insert(newDirectory(name, root.va));
  const directories = {
    ObjectTypes: under('ObjectTypes'),
    Driver: under('Driver'),
    Device: under('Device'),
    'GLOBAL??': under('GLOBAL??'),
  };
  for (const name of Object.keys(typeIndexes) as TypeName[])
    inserter.insert(plantType(objects, name, directories.ObjectTypes.va, loaded));
  const links = [
    plantLink(objects, 'SystemRoot', root.va, '\\Device\\BootDevice\\Windows', 0),
    plantLink(objects, 'C:', directories['GLOBAL??'].va, '\\Device\\HarddiskVolume2', 3),
  ];
  for (const { object } of links) inserter.insert(object);
  objects.world.writePointer(loaded.address('nt!ObpRootDirectoryObject'), root.va);
  return { root, directories, links, insert: (object) => void inserter.insert(object) };
}

function plantType(objects: ObjectSpace, name: TypeName, directory: Va, loaded: LoadedImages): PlantedObject {
  const type = objects.create('Type', objects.tables.size('_OBJECT_TYPE')!, { name, directory });
  const view = objects
    .view('_OBJECT_TYPE', type.va)
    .set({ Index: typeIndexes[name], TotalNumberOfObjects: 1 });
  objects.writeText(view.at('Name'), name);
  const list = view.at('TypeList');
  if (list !== undefined) objects.world.linkList(list, []);
  if (name === 'Type') objects.world.writePointer(loaded.address('nt!ObpTypeObjectType'), type.va);
  return type;
}

function plantLink(
  objects: ObjectSpace,
  name: string,
  directory: Va,
  target: string,
  drive: number,
): { object: PlantedObject; target: string } {
  const size = objects.tables.size('_OBJECT_SYMBOLIC_LINK')!;
  const object = objects.create('SymbolicLink', size, { name, directory });
  const view = objects.view('_OBJECT_SYMBOLIC_LINK', object.va).set({ DosDeviceDriveIndex: drive });
  objects.writeText(view.at('LinkTarget'), target);
  return { object, target };
}

/** Puts objects into the hash buckets of their directories, the newest first. */
class Inserter {
  readonly #objects: ObjectSpace;
  readonly #heads = new Map<Va, Va>();

  constructor(objects: ObjectSpace) {
    this.#objects = objects;
  }

  insert(object: PlantedObject): PlantedObject {
    const { world, tables } = this.#objects;
    const hash = hashOf(object.name);
    const first = tables.offset('_OBJECT_DIRECTORY', 'HashBuckets')!;
    const bucket = object.directory + BigInt(first + (hash % buckets) * world.pointerSize);
    const entry = this.#objects.allocate(tables.size('_OBJECT_DIRECTORY_ENTRY')!, 'ObDi');
    this.#objects.view('_OBJECT_DIRECTORY_ENTRY', entry).set({
      ChainLink: this.#heads.get(bucket) ?? 0n,
      Object: object.va,
      HashValue: hash,
    });
    this.#heads.set(bucket, entry);
    world.writePointer(bucket, entry);
    return object;
  }
}

/** Any function of the name without its case will do: readers follow the chains. */
function hashOf(name: string): number {
  let hash = 0;
  for (const letter of name.toUpperCase()) hash = (hash * 3 + letter.charCodeAt(0)) & 0x7fff_ffff;
  return hash;
}
