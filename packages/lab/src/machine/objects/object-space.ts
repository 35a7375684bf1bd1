import type { Va } from '@poolscope/engine/base';
import { Region } from '../../memory/address-space.ts';
import { PoolType } from '../../pool/index.ts';
import type { KernelWorld } from '../kernel-world.ts';
import { PlantedStructure, type StructureTable } from '../structure-table.ts';
import { objectPlace, type TypeName, typeIndexes } from './object-types.ts';

/** What this machine's kernel XORs type indexes with, as Windows 10 does. */
export const headerCookie = 0xa7;

/** An object as it was planted. */
export interface PlantedObject {
  readonly va: Va;
  readonly type: TypeName;
  readonly name: string;
  /** Directory that holds its name; 0: none. */
  readonly directory: Va;
  readonly handles: number;
  readonly pointers: number;
}

interface ObjectFacts {
  readonly name?: string;
  readonly directory?: Va;
  readonly handles?: number;
  readonly pointers?: number;
}

/** InfoMask: a name lies in front of the header. */
const nameInfo = 2;
/** Flags of an object that the kernel made for good. */
const permanentKernelObject = 0x12;
/** Where this machine keeps its objects, behind the start of nonpaged pool. */
const regionOffset = 0x100_0000n;

/** Objects with headers, where the tables of the build have them; without, just their bodies. */
export class ObjectSpace {
  readonly world: KernelWorld;
  readonly tables: StructureTable;
  readonly region: Region;
  readonly planted: PlantedObject[] = [];

  constructor(world: KernelWorld, tables: StructureTable) {
    this.world = world;
    this.tables = tables;
    const start = world.profile.addresses.nonPagedPool + regionOffset;
    this.region = new Region(world.space, start, { writable: true });
  }

  get hasHeaders(): boolean {
    return this.tables.size('_OBJECT_HEADER') !== undefined;
  }

  /** Windows 10 hides the types of objects. */
  get #disguises(): boolean {
    return this.world.profile.build >= 10_240;
  }

  view(name: string, va: Va): PlantedStructure {
    return new PlantedStructure(this.world.space, this.tables, name, va);
  }

  /** Room for a structure without a header. */
  allocate(size: number, tag = 'Io  '): Va {
    const { pool } = this.world;
    return pool?.allocate(PoolType.NonPagedPoolNx, size, tag) ?? this.region.allocate(size, 16);
  }

  #placeFor(type: TypeName, size: number): Va {
    const { pool, profile } = this.world;
    if (pool === undefined) return this.region.allocate(size, 0x40);
    const place = objectPlace(profile, type);
    return pool.allocate(place.type, size, place.tag);
  }

  create(type: TypeName, size: number, facts: ObjectFacts = {}): PlantedObject {
    const body = this.tables.offset('_OBJECT_HEADER', 'Body') ?? 0;
    const info = facts.name === undefined ? 0 : (this.tables.size('_OBJECT_HEADER_NAME_INFO') ?? 0);
    const start = this.#placeFor(type, info + body + size);
    return this.giveHeader(start + BigInt(info + body), type, facts);
  }

  /** Writes the header, and the name, in front of an object that has room there. */
  giveHeader(va: Va, type: TypeName, facts: ObjectFacts = {}): PlantedObject {
    const { name = '', directory = 0n, handles = 0, pointers = 1 } = facts;
    const object = { va, type, name, directory, handles, pointers };
    this.planted.push(object);
    if (!this.hasHeaders) return object;
    const header = va - BigInt(this.tables.offset('_OBJECT_HEADER', 'Body')!);
    const addressByte = Number((header >> 8n) & 0xffn);
    this.view('_OBJECT_HEADER', header).set({
      PointerCount: pointers,
      HandleCount: handles,
      TypeIndex: this.#disguises ? typeIndexes[type] ^ addressByte ^ headerCookie : typeIndexes[type],
      InfoMask: facts.name === undefined ? 0 : nameInfo,
      Flags: permanentKernelObject,
    });
    if (facts.name !== undefined) this.#writeName(header, name, directory);
    return object;
  }

  #writeName(header: Va, name: string, directory: Va): void {
    const va = header - BigInt(this.tables.size('_OBJECT_HEADER_NAME_INFO')!);
    const info = this.view('_OBJECT_HEADER_NAME_INFO', va).set({ Directory: directory, ReferenceCount: 1 });
    this.writeText(info.at('Name'), name);
  }

  /** Where characters of names go. */
  get #nameSpace(): Pick<Region, 'place'> {
    const { pool, space } = this.world;
    if (pool === undefined) return this.region;
    return {
      place(bytes) {
        const va = pool.allocate(PoolType.PagedPool, bytes.length, 'ObNm');
        space.write(va, bytes);
        return va;
      },
    };
  }

  /** A UNICODE_STRING at `va`; nothing where the build has no such member. */
  writeText(va: Va | undefined, text: string): void {
    if (va !== undefined && text !== '') this.world.writeUnicodeString(va, text, this.#nameSpace);
  }
}
