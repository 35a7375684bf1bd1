import type { Va } from '../../base/index.ts';
import { PagedMemory } from '../../mmu/index.ts';
import type { ObjectKernel } from '../objects/index.ts';
import type { SystemRegion } from './system-region.ts';
import { systemVaTypes } from './tables/va-types.ts';

/** Newer kernels count one type more; the pools have the same numbers in all. */
const earlyTypes = 14;
const kernelHalf = 0xffff_ffff_8000_0000n;
const top = 1n << 64n;

/**
 * On x86 from Vista on nt!MiSystemVaType has a byte for what each entry of the page directory maps, from
 * nt!MmSystemRangeStart to the end of memory. Source: volatility and Rekall.
 */
export function regionsByPageDirectory({ symbols, data, target }: ObjectKernel): SystemRegion[] {
  const { memory, pointerSize } = target;
  const table = symbols.findAddress('nt!MiSystemVaType');
  const variable = data?.value.address('MmSystemRangeStart') ?? symbols.findAddress('nt!MmSystemRangeStart');
  const start = variable === undefined ? undefined : target.readPointer(variable);
  if (pointerSize !== 4 || !(memory instanceof PagedMemory) || table === undefined) return [];
  if (start === undefined || start < kernelHalf || start % span4 !== 0n) return [];
  const span = memory.setup.pae === true ? span2 : span4;
  const types = memory.tryRead(table, Number((top - start) / span));
  return types instanceof Uint8Array ? regionsOf(types, start, span) : [];
}

const span2 = 0x20_0000n;
const span4 = 0x40_0000n;

/** Neighbours of one type are one region. */
function regionsOf(types: Uint8Array, start: Va, span: bigint): SystemRegion[] {
  const names = systemVaTypes(earlyTypes, true);
  const regions: SystemRegion[] = [];
  for (let slot = 0; slot < types.length; ) {
    let next = slot + 1;
    while (next < types.length && types[next] === types[slot]) next++;
    const usage = names[types[slot]!];
    if (usage !== undefined && usage !== 'Unused' && usage !== 'MaximumType')
      regions.push({
        usage,
        start: start + BigInt(slot) * span,
        end: start + BigInt(next) * span,
        from: 'nt!MiSystemVaType',
      });
    slot = next;
  }
  return regions;
}
