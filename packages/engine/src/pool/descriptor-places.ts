import { type Va, wrap64 } from '../base/index.ts';
import type { StructureType } from '../types/index.ts';
import { addressTextOf, type ObjectKernel } from '../windows/index.ts';
import { type FoundDescriptor, searchDescriptors } from './descriptor-search.ts';
import type { SearchedKernel } from './kernel-data.ts';
import { countIn, isPlaced, variableOf } from './placed.ts';

/** Which pool a descriptor or lookaside list serves. */
export type PoolUse = 'nonpaged' | 'nonpaged-nx' | 'paged' | 'paged-session';

/** Where a POOL_DESCRIPTOR is. */
export interface DescriptorPlace {
  readonly address: Va;
  readonly use: PoolUse;
  /** What the headers of its blocks name it by; undefined where the place does not tell. */
  readonly index: number | undefined;
  /** `nt!NonPagedPoolDescriptor`, `nt!ExpPagedPoolDescriptor[2]`. */
  readonly name: string;
  /** How it was found, as half a sentence. */
  readonly from: string;
}

/** Where the pool descriptors of a kernel are. */
export interface DescriptorPlaces {
  readonly places: readonly DescriptorPlace[];
  /** What could not be found and why, one sentence each without a full stop. */
  readonly missing: readonly string[];
}

/** Most descriptors of paged pool: nt!ExpPagedPoolDescriptor has 65 pointers from Vista on, 17 before. */
const mostPaged = 64;
/** Most nodes: nt!ExpNonPagedPoolDescriptor has 64 pointers. */
const mostNodes = 64;
/** POOL_TYPE of descriptors: NonPagedPool, PagedPool, NonPagedPoolNx, PagedPoolSession. */
const [nonPaged, paged, noExecute, ofSession] = [0, 1, 0x200, 0x21];
const known = new Set([nonPaged, paged, noExecute, ofSession]);

/** Finds the descriptors of the pools. Yields now and then how many pages of variables it looked at. */
export function* findPoolDescriptors(kernel: SearchedKernel): Generator<number, DescriptorPlaces> {
  const type = kernel.structures.find('_POOL_DESCRIPTOR');
  if (type === undefined) return { places: [], missing: ['the layout of POOL_DESCRIPTOR is not known'] };
  const collected = new Collected(kernel, type);
  collected.addNonPaged();
  collected.addNodes();
  collected.addPaged();
  collected.addSession();
  if (collected.lacksMain)
    for (const found of yield* searchDescriptors(kernel, type)) collected.addFound(found);
  return collected.result();
}

/** Descriptors as they are found, each once. */
class Collected {
  readonly #kernel: ObjectKernel;
  readonly #type: StructureType;
  readonly #places: DescriptorPlace[] = [];
  readonly #missing: string[] = [];

  constructor(kernel: ObjectKernel, type: StructureType) {
    this.#kernel = kernel;
    this.#type = type;
  }

  /** Is the descriptor of nonpaged or that of paged pool still wanted? */
  get lacksMain(): boolean {
    return !['nonpaged', 'paged'].every((use) => this.#places.some((place) => place.use === use));
  }

  /** One that a variable of nt points to. */
  addFound({ address }: FoundDescriptor): void {
    const type = this.#poolType(address);
    const from = 'a variable of nt that points to lists of free blocks';
    const index = this.#kernel.structures.at('_POOL_DESCRIPTOR', address).number('PoolIndex');
    const name = `the descriptor at ${addressTextOf(this.#kernel, address)}`;
    if (type === nonPaged) this.#addPair(address, index, name, from);
    else if (type === paged) this.#add({ address, use: 'paged', index, name, from });
  }

  #add(place: DescriptorPlace): void {
    if (!this.#places.some(({ address }) => address === place.address)) this.#places.push(place);
  }

  result(): DescriptorPlaces {
    const uses = new Set(this.#places.map(({ use }) => use));
    const lost = (['nonpaged', 'paged'] as const).filter((use) => !uses.has(use));
    const why = lost.map((use) => `no descriptor of ${use} pool was found: ${this.#why(use)}`);
    return { places: this.#places, missing: [...why, ...this.#missing] };
  }

  #why(use: 'nonpaged' | 'paged'): string {
    const name = use === 'nonpaged' ? 'NonPagedPoolDescriptor' : 'ExpPagedPoolDescriptor';
    const at = variableOf(this.#kernel, name, name);
    return at === undefined
      ? `neither the debugger data block nor symbols tell where nt!${name} is, and no variable of nt looks like one`
      : `nt!${name} is not in this dump, or is none`;
  }

  /** nt!NonPagedPoolDescriptor, and behind it the one of pool that is not executable, from Windows 8 on. */
  addNonPaged(): void {
    const at = variableOf(this.#kernel, 'NonPagedPoolDescriptor', 'NonPagedPoolDescriptor');
    if (at === undefined || !this.#isThere(at.value)) return;
    this.#addPair(at.value, 0, 'nt!NonPagedPoolDescriptor', at.from);
  }

  /** One descriptor, or a pair, for each node. */
  addNodes(): void {
    const count = countIn(this.#kernel, 'ExpNumberOfNonPagedPools');
    const table = variableOf(this.#kernel, 'ExpNonPagedPoolDescriptor');
    if (!isPlaced(count) || table === undefined || count.value < 2) return;
    for (let node = 0; node < Math.min(count.value, mostNodes); node++) {
      const address = this.#element(table.value, node);
      if (address !== undefined && this.#isThere(address))
        this.#addPair(address, node, `nt!ExpNonPagedPoolDescriptor[${node}]`, table.from);
    }
  }

  addPaged(): void {
    const table = variableOf(this.#kernel, 'ExpPagedPoolDescriptor', 'ExpPagedPoolDescriptor');
    if (table === undefined) return;
    const count = countIn(this.#kernel, 'ExpNumberOfPagedPools', 'ExpNumberOfPagedPools');
    if (!isPlaced(count))
      this.#missing.push(`${count}: only the first descriptors of paged pool were looked for`);
    const last = isPlaced(count) ? Math.min(count.value, mostPaged) : 1;
    for (let index = 0; index <= last; index++) {
      const address = this.#element(table.value, index);
      if (address === undefined || !this.#isThere(address)) continue;
      this.#add({
        address,
        use: 'paged',
        index,
        name: `nt!ExpPagedPoolDescriptor[${index}]`,
        from: table.from,
      });
    }
  }

  /** The descriptor of the session that the crashed process is in. */
  addSession(): void {
    const { structures, process } = this.#kernel;
    const offset = structures.offset('_MM_SESSION_SPACE', 'PagedPool');
    if (
      process === undefined ||
      offset === undefined ||
      structures.offset('_EPROCESS', 'Session') === undefined
    )
      return;
    const session = structures.at('_EPROCESS', process.address).pointer('Session');
    if (session === undefined || session === 0n) return;
    const address = wrap64(session + BigInt(offset));
    if (!this.#isThere(address) || this.#poolType(address) !== ofSession) return;
    const from = 'the session of the crashed process';
    this.#add({ address, use: 'paged-session', index: undefined, name: 'MM_SESSION_SPACE.PagedPool', from });
  }

  #addPair(address: Va, index: number | undefined, name: string, from: string): void {
    this.#add({ address, use: 'nonpaged', index, name, from });
    if (this.#kernel.structures.offset('_KPRCB', 'PPNxPagedLookasideList') === undefined) return;
    const second = wrap64(address + BigInt(this.#type.size));
    if (this.#poolType(second) !== noExecute) return;
    this.#add({ address: second, use: 'nonpaged-nx', index, name: `${name}[1]`, from });
  }

  #element(table: Va, index: number): Va | undefined {
    const { target } = this.#kernel;
    const value = target.readPointer(wrap64(table + BigInt(index * target.pointerSize)));
    return value === 0n ? undefined : value;
  }

  /** Is a descriptor at an address? Its type is one of pools, and its lists were made. */
  #isThere(address: Va): boolean {
    const type = this.#poolType(address);
    if (type === undefined || !known.has(type)) return false;
    const heads = this.#type.offset('ListHeads');
    return heads === undefined || this.#kernel.target.readPointer(wrap64(address + BigInt(heads))) !== 0n;
  }

  #poolType(address: Va): number | undefined {
    return this.#kernel.target.readU32(wrap64(address + BigInt(this.#type.offset('PoolType') ?? 0)));
  }
}
