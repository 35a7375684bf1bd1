import { POOL_HEADER32, POOL_HEADER64 } from '../layouts/index.ts';
import type { StructureType } from '../types/index.ts';
import type { ObjectKernel } from '../windows/index.ts';

/** Bits of the first 32 bits of a header. */
export interface BitRange {
  readonly shift: number;
  readonly mask: number;
}

export type HeaderField = 'previousSize' | 'index' | 'size' | 'type';

/**
 * What the type of a block means changed once.
 * - `plus-one`: Windows XP and Server 2003: POOL_TYPE + 1
 * - `in-use-bit`: Vista to Windows 10 1809: bits of their own
 */
export type TypeEncoding = 'plus-one' | 'in-use-bit';

/** How the header of a small pool block is laid out. */
export interface PoolFormat {
  /** What sizes are counted in: 16 bytes, or 8 on x86; also the size of a header. */
  readonly unit: 8 | 16;
  /** Units of a page. */
  readonly units: number;
  readonly fields: Readonly<Record<HeaderField, BitRange>>;
  readonly encoding: TypeEncoding;
  /** As half a sentence. */
  readonly from: string;
}

const bits = (shift: number, width: number): BitRange => ({ shift, mask: 2 ** width - 1 });

const at = (offset: number): BitRange => bits(offset * 8, 8);
const wide = POOL_HEADER64.fields;
const narrow = POOL_HEADER32.fields;

/** On x86 sizes have the low 9 bits of their words. */
const builtIn: Readonly<Record<4 | 8, Readonly<Record<HeaderField, BitRange>>>> = {
  8: {
    previousSize: at(wide.PreviousSize.offset),
    index: at(wide.PoolIndex.offset),
    size: at(wide.BlockSize.offset),
    type: at(wide.PoolType.offset),
  },
  4: {
    previousSize: bits(narrow.PreviousSizeAndPoolIndex.offset * 8, 9),
    index: bits(narrow.PreviousSizeAndPoolIndex.offset * 8 + 9, 7),
    size: bits(narrow.BlockSizeAndPoolType.offset * 8, 9),
    type: bits(narrow.BlockSizeAndPoolType.offset * 8 + 9, 7),
  },
};

/** Vista; the types tell nothing of what the bits mean. Source: volatility's overlays for XP, 2003 and Vista. */
const firstInUseBit = 6000;

/** The header's layout: by the types of this kernel, else as all known builds have it. */
export function poolFormat({ structures, target }: Pick<ObjectKernel, 'structures' | 'target'>): PoolFormat {
  const unit = target.pointerSize === 8 ? 16 : 8;
  const encoding = target.dump.header.build < firstInUseBit ? 'plus-one' : 'in-use-bit';
  const base = { unit, units: 0x1000 / unit, encoding } as const;
  const type = structures.find('_POOL_HEADER');
  const fields = type === undefined ? undefined : fieldsOf(type);
  return fields === undefined || type?.size !== unit
    ? { ...base, fields: builtIn[target.pointerSize], from: 'layout of POOL_HEADER in all builds' }
    : { ...base, fields, from: type.source };
}

/** The format without a kernel to ask: for tests and tools. */
export const plainFormat = (pointerSize: 4 | 8, encoding: TypeEncoding = 'in-use-bit'): PoolFormat => {
  const unit = pointerSize === 8 ? 16 : 8;
  return {
    unit,
    units: 0x1000 / unit,
    encoding,
    fields: builtIn[pointerSize],
    from: 'layout of POOL_HEADER in all builds',
  };
};

function fieldsOf(type: StructureType): PoolFormat['fields'] | undefined {
  const previousSize = rangeOf(type, 'PreviousSize');
  const index = rangeOf(type, 'PoolIndex');
  const size = rangeOf(type, 'BlockSize');
  const kind = rangeOf(type, 'PoolType');
  return previousSize && index && size && kind ? { previousSize, index, size, type: kind } : undefined;
}

function rangeOf(type: StructureType, name: string): BitRange | undefined {
  const member = type.member(name);
  const width = member?.bits?.width ?? (member?.size ?? 0) * 8;
  const shift = (member?.offset ?? 0) * 8 + (member?.bits?.position ?? 0);
  return member === undefined || width === 0 || shift + width > 32 ? undefined : bits(shift, width);
}
