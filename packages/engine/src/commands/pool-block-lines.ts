import { Fault, padHex, readU32, type Va, wrap64 } from '../base/index.ts';
import type { BlockState, PoolBlock } from '../pool/index.ts';
import type { Console } from './console.ts';
import { type Line, span } from './output.ts';

/** As the debugger pads them: the tag begins in one column but for blocks that are only put aside. */
const states: Readonly<Record<BlockState, string>> = {
  allocated: '(Allocated) ',
  free: '(Free)      ',
  cached: '(Free ) ',
};

/** Line of a block; `starred`: it holds the address that was asked for. Undefined: there are no columns for stars. */
export function blockLine({ system }: Console, block: PoolBlock, starred?: boolean): Line {
  const mark = starred === undefined ? '' : starred ? '*' : ' ';
  const protection = block.isProtected ? ' (Protected)' : '';
  const { quota, billed, state } = block;
  const process =
    quota && state === 'allocated' && billed !== undefined
      ? processSpan(system.plainText(billed.process))
      : [];
  return [
    mark,
    span(system.plainText(block.address), 'address', `!poolval ${system.plainText(block.address)}`),
    ` size: ${sizeColumn(block.size)} previous size: ${sizeColumn(block.previousSize)}  ${states[state]}${mark}`,
    shownTag(block.tag) + protection,
    ...process,
  ];
}

/** The process that pays for a block. */
export const processSpan = (process: string): Line => [
  ' Process: ',
  span(process, 'address', `!process ${process} 0`),
];

/** A size as the debugger pads it. */
export const sizeColumn = (size: number): string => size.toString(16).padStart(4);

/** Characters that cannot be printed stand as points. */
export const shownTag = (tag: string): string => tag.replaceAll(/[^\x20-\x7e]/g, '.');

/** Whose tag it is, as the debugger says below the block that was asked for. */
export function ownerLines({ poolTags }: Pick<Console, 'poolTags'>, tag: string): Line[] {
  const owner = poolTags.find(tag);
  if (owner === undefined) return [['\t\tOwning component : Unknown (update pooltag.txt)']];
  const binary = owner.binary === undefined ? '' : `, Binary : ${owner.binary}`;
  return [[`\t\tPooltag ${shownTag(tag)} : ${owner.description}${binary}`]];
}

/** The first 32 bytes behind a header as two rows of four numbers, and an empty line. */
export function contentLines({ system, memory }: Console, { address }: Pick<PoolBlock, 'address'>): Line[] {
  const body = wrap64(address + BigInt(system.target.pointerSize * 2));
  const row = (indent: string, at: Va): Line => {
    const cells = [0, 4, 8, 12].map((offset) => wordText(memory.tryRead(wrap64(at + BigInt(offset)), 4)));
    return [indent, span(system.plainText(at), 'address'), `  ${cells.join(' ')}`];
  };
  return [row(' ', body), row('    ', wrap64(body + 16n)), []];
}

const wordText = (read: Uint8Array | Fault): string =>
  read instanceof Fault ? '????????' : padHex(readU32(read, 0), 8);
