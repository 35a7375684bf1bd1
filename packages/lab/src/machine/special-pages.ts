import { assert, pageSize, type Pfn } from '@poolscope/engine/base';
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
import type { SpecialPages } from './machine.ts';

const pageFile = 2;
const pageFileOffset = 0x1_bbed;
const page = BigInt(pageSize);

/** Pages of paged pool in every state that a page can have. The software entries of arm64 are not known: none there. */
export function plantSpecialPages(world: KernelWorld, largePage: Pfn | undefined): SpecialPages | undefined {
  const { space, profile } = world;
  const { format } = space.tables;
  if (format.name === 'arm64') return undefined;
  const start = profile.addresses.pagedPool + 0x10_0000n;
  const [transitionVa, pageFileVa, demandZeroVa, prototypeVa] = [1n, 3n, 5n, 7n].map((index) => start + index * page) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const wide = format.entrySize === 8;
  const pfn = space.memory.allocate();
  space.memory.write(pfn * pageSize, u64Bytes(BigInt(pfn)));
  space.plant(transitionVa, wide ? transitionPte(pfn) : transitionPte32(pfn));
  const inFile = wide ? pageFilePte(pageFile, pageFileOffset) : pageFilePte32(pageFile, pageFileOffset);
  space.plant(pageFileVa, inFile);
  space.plant(demandZeroVa, demandZeroPte());
  const planted = {
    transition: { va: transitionVa, pfn },
    pageFile: { va: pageFileVa, pageFile, offset: pageFileOffset },
    demandZero: { va: demandZeroVa },
    ...(largePage === undefined ? {} : { large: mapLargePage(space, start + 0x0800_0000n, largePage) }),
  };
  if (!wide) return planted;
  const prototype = world.pagedPool.allocate(8);
  space.plant(prototypeVa, prototypePte(prototype));
  return { ...planted, prototype: { va: prototypeVa, prototype } };
}

function mapLargePage(space: AddressSpace, near: bigint, pfn: Pfn): NonNullable<SpecialPages['large']> {
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
