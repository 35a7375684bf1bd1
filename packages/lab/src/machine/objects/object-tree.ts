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
  /** Takes it out again. */
  remove(object: PlantedObject): void;
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
  return {
    root,
    directories,
    links,
    insert: (object) => void inserter.insert(object),
    remove: (object) => inserter.remove(object),
  };
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
  /** Entries of each bucket, the newest first. */
  readonly #chains = new Map<Va, { readonly entry: Va; readonly object: Va }[]>();

  constructor(objects: ObjectSpace) {
    this.#objects = objects;
  }

  insert(object: PlantedObject): PlantedObject {
    const { world, tables } = this.#objects;
    const bucket = this.#bucketOf(object);
    const chain = this.#chains.get(bucket) ?? [];
    const entry = this.#objects.allocate(tables.size('_OBJECT_DIRECTORY_ENTRY')!, 'ObDi');
    this.#objects.view('_OBJECT_DIRECTORY_ENTRY', entry).set({
      ChainLink: chain[0]?.entry ?? 0n,
      Object: object.va,
      HashValue: hashOf(object.name),
    });
    this.#chains.set(bucket, [{ entry, object: object.va }, ...chain]);
    world.writePointer(bucket, entry);
    return object;
  }

  remove(object: PlantedObject): void {
    const bucket = this.#bucketOf(object);
    const chain = (this.#chains.get(bucket) ?? []).filter((each) => each.object !== object.va);
    this.#chains.set(bucket, chain);
    this.#objects.world.writePointer(bucket, chain[0]?.entry ?? 0n);
    for (const [index, { entry }] of chain.entries())
      this.#objects.view('_OBJECT_DIRECTORY_ENTRY', entry).set({ ChainLink: chain[index + 1]?.entry ?? 0n });
  }

  #bucketOf({ name, directory }: PlantedObject): Va {
    const { world, tables } = this.#objects;
    const first = tables.offset('_OBJECT_DIRECTORY', 'HashBuckets')!;
    return directory + BigInt(first + (hashOf(name) % buckets) * world.pointerSize);
  }
}

/** Any function of the name without its case will do: readers follow the chains. */
function hashOf(name: string): number {
  let hash = 0;
  for (const letter of name.toUpperCase()) hash = (hash * 3 + letter.charCodeAt(0)) & 0x7fff_ffff;
  return hash;
}
