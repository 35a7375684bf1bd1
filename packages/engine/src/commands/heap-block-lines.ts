import {
  type BigAllocation,
  type BilledProcess,
  type HeapBlock,
  type HeapBlockState,
  type PoolBlock,
  tagText,
  toldSize,
} from '../pool/index.ts';
import type { Console } from './console.ts';
import { type Line, span } from './output.ts';
import { blockLine, processSpan, shownTag, sizeColumn } from './pool-block-lines.ts';

/** As the debugger pads them; blocks that are put aside, and those of which nothing tells, are our own. */
const states: Readonly<Record<HeapBlockState, string>> = {
  allocated: '(Allocated) ',
  free: '(Free)      ',
  cached: '(Free ) ',
  unknown: '(Unknown)   ',
};

/** The highest bit of a tag is shown as part of it here: what is no tag has no such mark. */
const characters = (value: number): string =>
  String.fromCharCode(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);

/**
 * The tag as the debugger shows it. Of a free chunk that is the upper half of its encoded header, which is no tag. Source:
 * real output of build 22621.
 */
export function shownHeapTag({ tag, tagValue, chunk, state }: HeapBlock): string {
  if (tag !== undefined) return shownTag(tagValue === undefined ? tag : tagText(tagValue));
  if (state === 'free' && chunk !== undefined) return shownTag(characters(Number(chunk.stored >> 32n)));
  return '????';
}

/** Line of a block with a header, or of a free piece; `starred`: it holds the address that was asked for. */
export function heapBlockLine(
  { system }: Console,
  block: HeapBlock,
  starred?: boolean,
  billed?: BilledProcess,
): Line {
  const mark = starred === undefined ? '' : starred ? '*' : ' ';
  const at = system.plainText(block.address);
  return [
    mark,
    span(at, 'address', `!pool ${at}`),
    ` size: ${sizeColumn(toldSize(block))} previous size: ${sizeColumn(block.header?.previousSize ?? 0)}  `,
    `${states[block.state]}${mark}${shownHeapTag(block)}`,
    ...(billed === undefined ? [] : processSpan(system.plainText(billed.process))),
  ];
}

/** Line of a small block of either kind of pool. */
export const anyBlockLine = (console: Console, block: PoolBlock | HeapBlock, starred?: boolean): Line =>
  'allocator' in block ? heapBlockLine(console, block, starred) : blockLine(console, block, starred);

/** Line of an allocation without a header: its pages are its own. */
export function heapAllocationLine(
  { system }: Console,
  block: HeapBlock,
  big: Pick<BigAllocation, 'tag' | 'size'> | undefined,
): Line {
  const at = system.plainText(block.address);
  const tag = big?.tag ?? block.tag;
  const size = big?.size ?? block.requested ?? block.size;
  const what = tag === undefined ? 'its tag is not known' : `tag is ${shownTag(tag)}`;
  return [
    '*',
    span(at, 'address'),
    ` : large page allocation, ${what}, size is 0x${size.toString(16)} bytes`,
  ];
}
