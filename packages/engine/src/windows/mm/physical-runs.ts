import {
  type Fields,
  PHYSICAL_MEMORY_DESCRIPTOR32,
  PHYSICAL_MEMORY_DESCRIPTOR64,
  PHYSICAL_MEMORY_RUN32,
  PHYSICAL_MEMORY_RUN64,
  StructView,
} from '../../layouts/index.ts';
import type { Target } from '../target.ts';

/** The machine's memory as the header of the dump describes it. */
export interface PhysicalRuns {
  readonly pages: bigint;
  /** Undefined: no run fits. */
  readonly highest: bigint | undefined;
}

/** No machine has more than 52 bits of physical addresses. */
const maxPfn = 1n << 40n;

/** Undefined when the header says nothing. */
export function physicalRuns({ dump }: Target): PhysicalRuns | undefined {
  const { physicalMemoryBlock: block, bits } = dump.header;
  if (block === undefined) return undefined;
  const descriptor = new StructView<Fields>(
    bits === 64 ? PHYSICAL_MEMORY_DESCRIPTOR64 : PHYSICAL_MEMORY_DESCRIPTOR32,
    block,
  );
  const of = bits === 64 ? PHYSICAL_MEMORY_RUN64 : PHYSICAL_MEMORY_RUN32;
  const room = Math.floor((block.length - descriptor.layout.size) / of.size);
  let highest: bigint | undefined;
  for (let index = 0; index < Math.min(Number(descriptor.get('NumberOfRuns')), room); index++) {
    const run = new StructView<Fields>(of, block, descriptor.layout.size + index * of.size);
    const [base, count] = [run.get('BasePage'), run.get('PageCount')].map((value) =>
      BigInt(value as bigint | number),
    );
    const last = base! + count! - 1n;
    if (count! > 0n && last < maxPfn && (highest === undefined || last > highest)) highest = last;
  }
  return { pages: BigInt(descriptor.get('NumberOfPages') as bigint | number), highest };
}
