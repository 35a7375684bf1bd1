import { fourCc } from '../../bytes/integers.ts';
import { PoolType, protectedPool } from '../../pool/index.ts';
import type { KernelProfile } from '../profiles/profile.ts';

/** Indexes of the types that are planted, about as Windows 10 numbers them. */
export const typeIndexes = {
  Type: 0x02,
  Directory: 0x03,
  SymbolicLink: 0x04,
  Process: 0x07,
  Thread: 0x08,
  Event: 0x10,
  Device: 0x21,
  Driver: 0x22,
  File: 0x25,
  Section: 0x2a,
} as const;
export type TypeName = keyof typeof typeIndexes;

/** Tag and pool of each type of object. */
const places: Readonly<Record<TypeName, readonly [tag: string, type: number]>> = {
  Type: ['ObjT', PoolType.NonPagedPoolNx],
  Directory: ['Dire', PoolType.PagedPool],
  SymbolicLink: ['Symb', PoolType.PagedPool],
  Process: ['Proc', PoolType.NonPagedPoolNx],
  Thread: ['Thre', PoolType.NonPagedPoolNx],
  Event: ['Even', PoolType.NonPagedPoolNx],
  Device: ['Devi', PoolType.NonPagedPoolNx],
  Driver: ['Driv', PoolType.NonPagedPoolNx],
  File: ['File', PoolType.NonPagedPoolNx],
  Section: ['Sect', PoolType.PagedPool],
};

/** Where a new object of a type goes: arguments of the allocator. */
export function objectPlace(profile: KernelProfile, type: TypeName): { type: number; tag: number } {
  const [tag, pool] = places[type];
  return { type: pool, tag: objectTag(profile, tag) };
}

/** Up to Windows 7 blocks of objects can only be freed with their tag. */
export const objectTag = ({ build }: KernelProfile, tag: string): number =>
  (fourCc(tag) | (build < 9200 ? protectedPool : 0)) >>> 0;
