import { type Va, wrap64 } from '../base/index.ts';
import { walkList } from '../types/index.ts';
import type { ObjectKernel, Processor } from '../windows/index.ts';
import type { PoolUse } from './descriptor-places.ts';

/**
 * What a lookaside list is of.
 * - `pool`: small blocks of one size, of a processor (`P`) or for all of them (`L`)
 * - `system`: structures of the kernel, of a processor or for all of them
 * - `driver`: made by drivers and the kernel's own components
 */
export type LookasideKind = 'pool' | 'system' | 'driver';

/** Where a lookaside list is. */
export interface LookasidePlace {
  readonly address: Va;
  readonly kind: LookasideKind;
  readonly structure: '_GENERAL_LOOKASIDE' | '_GENERAL_LOOKASIDE_POOL';
  /** Of one processor: its number. */
  readonly processor: number | undefined;
  /** Of blocks of pool: which pool, and their size in units. */
  readonly use: PoolUse | undefined;
  readonly units: number | undefined;
  /** How it was found, as half a sentence: `KPRCB.PPNPagedLookasideList[3]`. */
  readonly from: string;
}

/** Where the lookaside lists of a kernel are. */
export interface LookasidePlaces {
  readonly places: readonly LookasidePlace[];
  /** What was not found and why, one sentence each without a full stop. */
  readonly missing: readonly string[];
}

const poolArrays: readonly (readonly [member: string, use: PoolUse])[] = [
  ['PPNxPagedLookasideList', 'nonpaged-nx'],
  ['PPNPagedLookasideList', 'nonpaged'],
  ['PPPagedLookasideList', 'paged'],
];

/** Heads of the lists that link lookaside lists of one kind. */
const ringHeads: readonly (readonly [name: string, kind: LookasideKind])[] = [
  ['ExPoolLookasideListHead', 'pool'],
  ['ExSystemLookasideListHead', 'system'],
  ['ExNPagedLookasideListHead', 'driver'],
  ['ExPagedLookasideListHead', 'driver'],
];

/** Lookaside lists that one head links, at most. */
const mostOfRing = 0x4000;

/** Finds all lookaside lists: those of the processors, and what the kernel's heads link. */
export function findLookasides(kernel: ObjectKernel): LookasidePlaces {
  const places = new Map<Va, LookasidePlace>();
  const missing: string[] = [];
  const add = (place: LookasidePlace): void => {
    if (!places.has(place.address)) places.set(place.address, place);
  };
  for (const processor of kernel.processors) poolLookasides(kernel, processor).forEach(add);
  for (const processor of kernel.processors) systemLookasides(kernel, processor).forEach(add);
  if (kernel.processors.length === 0)
    missing.push('the processors are not known, which have lists of their own');
  const unnamed: string[] = [];
  for (const [name, kind] of ringHeads) {
    const head = kernel.symbols.findAddress(`nt!${name}`);
    if (head === undefined) {
      unnamed.push(name);
      continue;
    }
    const ring = readRing(kernel, { name, head, kind });
    if (typeof ring === 'string') missing.push(ring);
    else ring.forEach(add);
  }
  if (unnamed.length > 0)
    missing.push(`what these heads in nt link is not known without symbols: ${unnamed.join(', ')}`);
  return { places: [...places.values()], missing };
}

/** Lists of small blocks that a processor has: pairs of pointers up to Server 2003, then the lists themselves. */
export function poolLookasides(kernel: ObjectKernel, { prcb, number }: Processor): LookasidePlace[] {
  const type = kernel.structures.find('_KPRCB');
  return poolArrays.flatMap(([member, use]) => {
    const array = type?.member(member);
    if (array === undefined) return [];
    const isPair = array.structure === '_PP_LOOKASIDE_LIST';
    const size = (array.size ?? 0) / array.count;
    return Array.from({ length: array.count }, (_, index): LookasidePlace[] => {
      const at = wrap64(prcb + BigInt(array.offset + index * size));
      const from = `KPRCB.${member}[${index}]`;
      const common = { kind: 'pool', use, units: index + 1, processor: number?.value } as const;
      if (!isPair) return [{ ...common, address: at, structure: '_GENERAL_LOOKASIDE_POOL', from }];
      return pairAt(kernel, at).map(({ address, half }) => ({
        ...common,
        address,
        structure: '_GENERAL_LOOKASIDE',
        processor: half === 'P' ? number?.value : undefined,
        from: `${from}.${half}`,
      }));
    }).flat();
  });
}

/** A processor's lists of structures, each with one for all processors behind it. */
function systemLookasides(kernel: ObjectKernel, { prcb, number }: Processor): LookasidePlace[] {
  const array = kernel.structures.find('_KPRCB')?.member('PPLookasideList');
  if (array === undefined) return [];
  const size = (array.size ?? 0) / array.count;
  return Array.from({ length: array.count }, (_, index) => index).flatMap((index) =>
    pairAt(kernel, wrap64(prcb + BigInt(array.offset + index * size))).map(
      ({ address, half }): LookasidePlace => ({
        address,
        kind: 'system',
        structure: '_GENERAL_LOOKASIDE',
        processor: half === 'P' ? number?.value : undefined,
        use: undefined,
        units: undefined,
        from: `KPRCB.PPLookasideList[${index}].${half}`,
      }),
    ),
  );
}

/** A PP_LOOKASIDE_LIST: pointers to the processor's list and to that of all; both can be the same. */
function pairAt({ target }: ObjectKernel, at: Va): { readonly address: Va; readonly half: 'P' | 'L' }[] {
  const [own, shared] = [target.readPointer(at), target.readPointer(wrap64(at + BigInt(target.pointerSize)))];
  return [
    { address: shared, half: 'L' as const },
    { address: own === shared ? undefined : own, half: 'P' as const },
  ].filter(
    (each): each is { address: Va; half: 'P' | 'L' } => each.address !== undefined && each.address !== 0n,
  );
}

/** What a head links, or why it does not, as half a sentence. */
function readRing(
  kernel: ObjectKernel,
  { name, head, kind }: { readonly name: string; readonly head: Va; readonly kind: LookasideKind },
): LookasidePlace[] | string {
  const structure = ringStructure(kernel, kind);
  const linkOffset = kernel.structures.offset(structure, 'ListEntry');
  if (linkOffset === undefined) return kernel.structures.whyUnknown(structure, 'ListEntry');
  const { memory, pointerSize } = kernel.target;
  const found: LookasidePlace[] = [];
  const walk = walkList(memory, head, { pointerSize, linkOffset, limit: mostOfRing });
  let step = walk.next();
  for (; step.done !== true; step = walk.next())
    found.push({
      address: step.value.at,
      kind,
      structure,
      processor: undefined,
      use: undefined,
      units: undefined,
      from: `nt!${name}`,
    });
  return step.value.kind === 'unreadable' && found.length === 0 ? `nt!${name} is not in this dump` : found;
}

/** Those of the pool are of the short form where a processor has them inline. */
function ringStructure(kernel: ObjectKernel, kind: LookasideKind): LookasidePlace['structure'] {
  const array = kernel.structures.find('_KPRCB')?.member('PPNPagedLookasideList');
  return kind === 'pool' && array?.structure === '_GENERAL_LOOKASIDE_POOL'
    ? '_GENERAL_LOOKASIDE_POOL'
    : '_GENERAL_LOOKASIDE';
}
