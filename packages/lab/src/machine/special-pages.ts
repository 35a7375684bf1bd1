import { assert, type Pfn, pageSize, type Va } from '@poolscope/engine/base';
import { u64Bytes } from '../bytes/integers.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import type { PagingFormat } from '../memory/paging-format.ts';
import {
  demandZeroPte,
  pageFilePte,
  pageFilePte32,
  prototypePte,
  transitionPte,
  transitionPte32,
} from '../memory/software-pte.ts';
import type { KernelWorld } from './kernel-world.ts';
import type { LargePage, SpecialPages } from './machine.ts';

const pageFile = 2;
const pageFileOffset = 0x1_bbed;
const page = BigInt(pageSize);

/** Pages of paged pool in every state that a page can have. */
export function plantSpecialPages(world: KernelWorld, largePage: Pfn | undefined): SpecialPages {
  const { space, profile } = world;
  const start = profile.addresses.pagedPool + 0x10_0000n;
  const large =
    largePage === undefined ? {} : { large: mapLargePage(space, start + 0x0800_0000n, largePage) };
  const { name } = space.tables.format;
  if (name === 'arm64') return large;
  const small = name === 'x86' ? plantNarrow(space, start) : plantWide(world, start);
  return { ...small, ...large };
}

/** Entries of 8 bytes. Every other page is left unmapped. */
function plantWide(world: KernelWorld, start: Va): SpecialPages {
  const { space } = world;
  const transition = { va: start + page, pfn: newTransitionPage(space) };
  const inFile = { va: start + 3n * page, pageFile, offset: pageFileOffset };
  const demandZero = { va: start + 5n * page };
  const prototype = { va: start + 7n * page, prototype: world.pagedPool.allocate(8) };
  space.plant(transition.va, transitionPte(transition.pfn));
  space.plant(inFile.va, pageFilePte(pageFile, pageFileOffset));
  space.plant(demandZero.va, demandZeroPte());
  space.plant(prototype.va, prototypePte(prototype.prototype));
  return { transition, pageFile: inFile, demandZero, prototype };
}

/** Entries of 4 bytes. */
function plantNarrow(space: AddressSpace, start: Va): SpecialPages {
  const transition = { va: start + page, pfn: newTransitionPage(space) };
  const inFile = { va: start + 3n * page, pageFile, offset: pageFileOffset };
  const demandZero = { va: start + 5n * page };
  space.plant(transition.va, transitionPte32(transition.pfn));
  space.plant(inFile.va, pageFilePte32(pageFile, pageFileOffset));
  space.plant(demandZero.va, demandZeroPte());
  return { transition, pageFile: inFile, demandZero };
}

function newTransitionPage({ memory }: AddressSpace): Pfn {
  const pfn = memory.allocate();
  memory.write(pfn * pageSize, u64Bytes(BigInt(pfn)));
  return pfn;
}

function mapLargePage(space: AddressSpace, near: Va, pfn: Pfn): LargePage {
  const size = BigInt(largePageCount(space.tables.format)) * page;
  const va = (near / size) * size;
  space.mapPage(va, pfn, { writable: true, at: 'PDE' });
  const marker = va + size - 0x1_2348n;
  const value = 0x6c61_7267_6550_6167n;
  space.write(marker, u64Bytes(value));
  return { va, pfn, marker, value };
}

/** Small pages in the page that a PDE maps: 512, or 1024 on x86 without PAE. */
export function largePageCount({ steps }: PagingFormat): number {
  const step = steps.find(({ level }) => level === 'PDE');
  assert(step !== undefined, 'every format has a PDE');
  return 2 ** (step.shift - 12);
}
