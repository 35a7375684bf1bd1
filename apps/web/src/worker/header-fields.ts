import { type HeapBlock, type Session, tagText } from '@poolscope/engine';
import type { HeaderField } from '../protocol/pool-map.ts';

/** The fields of a POOL_HEADER as they are in memory; none where it is not in the dump. */
export function headerFields(
  { system }: Session,
  header: bigint,
  problems: readonly { readonly at: bigint }[],
): HeaderField[] {
  const word = system.target.readU32(header);
  const tag = system.target.readU32(header + 4n);
  if (word === undefined || tag === undefined) return [];
  const isWrong = problems.some(({ at }) => at === header);
  const isWide = system.target.pointerSize === 8;
  const unit = isWide ? 16 : 8;
  const sizes = isWide
    ? ([word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24] as const)
    : ([word & 0x1ff, (word >>> 9) & 0x7f, (word >>> 16) & 0x1ff, word >>> 25] as const);
  const [previous, index, size, type] = sizes;
  const hex = (value: number): string => `0x${value.toString(16)}`;
  return [
    {
      name: 'PreviousSize',
      offset: 0,
      length: 1,
      value: hex(previous),
      meaning: bytes(previous * unit),
      isWrong,
    },
    { name: 'PoolIndex', offset: 1, length: 1, value: hex(index), isWrong },
    { name: 'BlockSize', offset: 2, length: 1, value: hex(size), meaning: bytes(size * unit), isWrong },
    { name: 'PoolType', offset: 3, length: 1, value: hex(type), isWrong },
    { name: 'PoolTag', offset: 4, length: 4, value: printable(tagText(tag)), isWrong },
  ];
}

const bytes = (count: number): string => `0x${count.toString(16)} bytes`;
const printable = (text: string): string => text.replaceAll(/[^\u0020-\u007e]/g, '.');

/** The fields of a chunk of the variable size part, decoded. */
export function vsFields({ chunk }: HeapBlock): HeaderField[] {
  if (chunk === undefined) return [];
  const hex = (value: number): string => `0x${value.toString(16)}`;
  return [
    { name: 'chunk size', offset: -16, length: 2, value: hex(chunk.size) },
    { name: 'chunk before', offset: -14, length: 2, value: hex(chunk.previousSize) },
    { name: 'chunk in use', offset: -12, length: 1, value: String(chunk.allocated) },
  ];
}
