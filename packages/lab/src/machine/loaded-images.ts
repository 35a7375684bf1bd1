import { assert, pageSize, type Va } from '@poolscope/engine/base';
import { u32Bytes } from '../bytes/integers.ts';
import type { BuiltImage, PlacedFunction } from '../image/built-image.ts';
import { pointerBytes } from './kernel-structure.ts';
import type { KernelWorld } from './kernel-world.ts';
import type { LoaderMember } from './profiles/profile.ts';
import type { TrueModule } from './truth.ts';

/** An image in the memory of a machine, with its loader entry. */
export interface LoadedImage {
  readonly image: BuiltImage;
  readonly fullName: string;
  readonly loaderEntry: Va;
}

/** All images of a machine, in load order: kernel first. */
export class LoadedImages {
  readonly #list: LoadedImage[];
  readonly #symbols: Map<string, Va>;

  constructor(list: readonly LoadedImage[]) {
    this.#list = [...list];
    this.#symbols = new Map(list.flatMap(({ image }) => symbolsOf(image)));
  }

  get list(): readonly LoadedImage[] {
    return this.#list;
  }

  get symbols(): ReadonlyMap<string, Va> {
    return this.#symbols;
  }

  /** Takes an image out of memory and of nt!PsLoadedModuleList. */
  unload(world: KernelWorld, gone: LoadedImage): void {
    const { image } = gone;
    this.#list.splice(this.#list.indexOf(gone), 1);
    for (const [name] of symbolsOf(image)) this.#symbols.delete(name);
    const entries = this.#list.map(({ loaderEntry }) => loaderEntry);
    world.linkList(this.address('nt!PsLoadedModuleList'), entries);
    for (const { rva } of image.pages()) {
      const va = image.spec.base + BigInt(rva);
      const pfn = world.space.pfnOf(va);
      world.space.plant(va, 0n);
      if (pfn !== undefined) world.space.memory.release(pfn);
    }
  }

  /** Address of `module!name`. */
  address(symbol: string): Va {
    const va = this.symbols.get(symbol);
    assert(va !== undefined, `no image defines ${symbol}`);
    return va;
  }

  /** The function `module!name`. */
  function<Step>(symbol: string): PlacedFunction<Step> {
    const [module, name] = symbol.split('!') as [string, string];
    const found = this.list.find(({ image }) => image.spec.module === module);
    assert(found !== undefined, `no image is called ${module}`);
    return found.image.function(name) as PlacedFunction<Step>;
  }

  get truth(): TrueModule[] {
    return this.list.map(({ image, fullName }) => ({
      module: image.spec.module,
      baseName: image.spec.name,
      fullName,
      base: image.spec.base,
      size: image.size,
      entryPoint: image.entryPoint,
      timeDateStamp: image.spec.timeDateStamp,
      checkSum: image.checkSum,
      pdb: image.spec.pdb,
      symbols: new Map([...image.symbols.keys()].map((name) => [name, image.address(name)])),
    }));
  }
}

const symbolsOf = (image: BuiltImage): [string, Va][] =>
  [...image.symbols.keys()].map((name) => [`${image.spec.module}!${name}`, image.address(name)]);

/** Maps the images, binds their imports and gives each an entry in nt!PsLoadedModuleList. */
export function loadImages(world: KernelWorld, images: readonly BuiltImage[]): LoadedImages {
  for (const image of images) mapImage(world, image);
  const loaded = new LoadedImages(
    images.map((image) => {
      const fullName = fullNameOf(image);
      return { image, fullName, loaderEntry: createLoaderEntry(world, image, fullName) };
    }),
  );
  for (const image of images) bindImports(world, image, loaded);
  const entries = loaded.list.map(({ loaderEntry }) => loaderEntry);
  world.linkList(loaded.address('nt!PsLoadedModuleList'), entries);
  return loaded;
}

const fullNameOf = ({ spec }: BuiltImage): string =>
  spec.module === 'nt' || spec.module === 'hal'
    ? `\\SystemRoot\\system32\\${spec.name}`
    : `\\SystemRoot\\System32\\drivers\\${spec.name}`;

function mapImage({ space }: KernelWorld, image: BuiltImage): void {
  for (const { rva, ...rights } of image.pages())
    space.allocate(image.spec.base + BigInt(rva), pageSize, rights);
  space.write(image.spec.base, image.mappedBytes());
}

function bindImports(world: KernelWorld, image: BuiltImage, loaded: LoadedImages): void {
  for (const [symbol, rva] of image.imports) {
    const slot = pointerBytes(loaded.address(symbol), world.pointerSize);
    world.space.write(image.spec.base + BigInt(rva), slot);
  }
}

function createLoaderEntry(world: KernelWorld, image: BuiltImage, fullName: string): Va {
  const entry = world.create<LoaderMember>(world.profile.loaderEntry);
  const { base, name, timeDateStamp } = image.spec;
  entry.setAll({
    DllBase: base,
    EntryPoint: image.entryPoint,
    SizeOfImage: image.size,
    CheckSum: image.checkSum,
    Flags: 0x0900_4000,
    LoadCount: 1,
  });
  const stamp = world.profile.loaderEntry.members.TimeDateStamp;
  if (stamp !== undefined) world.space.write(entry.va + BigInt(stamp[0]), u32Bytes(timeDateStamp));
  if (image.exception !== undefined)
    entry.setAll({
      ExceptionTable: base + BigInt(image.exception.rva),
      ExceptionTableSize: image.exception.size,
    });
  world.writeUnicodeString(entry.at('FullDllName'), fullName, world.pagedPool);
  world.writeUnicodeString(entry.at('BaseDllName'), name);
  return entry.va;
}
