import { asciiBytes, utf16Bytes, writeU64 } from '../bytes/integers.ts';
import { devicePath, type Numbers, oneOf, randomBytes } from '../drivers/index.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import type { TrueBlock } from '../pool/index.ts';

type Filler = (numbers: Numbers, block: TrueBlock) => Uint8Array;

const header = 16;
const bodyBytes = (block: TrueBlock): number => block.size - header;

function repeated(text: string, bytes: number): Uint8Array {
  return asciiBytes(text.repeat(Math.ceil(bytes / text.length)).slice(0, bytes));
}

/** Contents that a reader could take for damage, and that are not. */
const fillers: readonly Filler[] = [
  (numbers, block) => randomBytes(numbers, bodyBytes(block)),
  // A text that ends with the block, without a NUL.
  (numbers, block) => repeated(oneOf(numbers, ['O', 'A', 'GET /index ', 'overflow? no. ']), bodyBytes(block)),
  (numbers, block) => utf16Bytes(devicePath(numbers, bodyBytes(block))).subarray(0, bodyBytes(block)),
  (numbers, block) => new Uint8Array(bodyBytes(block)).fill(oneOf(numbers, [0xff, 0xcc, 0x55, 0xfe, 0x0b])),
  pointers,
  (numbers, block) => new Uint8Array(numbers(bodyBytes(block))),
];

/** Pointers into the block itself and around it. */
function pointers(numbers: Numbers, block: TrueBlock): Uint8Array {
  const bytes = new Uint8Array(bodyBytes(block));
  for (let at = 0; at + 8 <= bytes.length; at += 8)
    writeU64(bytes, at, block.address + BigInt(8 * numbers(0x40)));
  return bytes;
}

/** Of so many blocks of the system one has contents; the others are as they came. */
const filledOf = 2;

/** What the system keeps in its blocks. A pool without damage is full of things that look odd. */
export function fillBlocks(space: AddressSpace, blocks: readonly TrueBlock[], numbers: Numbers): void {
  for (const block of blocks)
    if (block.state === 'allocated' && numbers(filledOf) === 0)
      space.write(block.address, oneOf(numbers, fillers)(numbers, block));
}
