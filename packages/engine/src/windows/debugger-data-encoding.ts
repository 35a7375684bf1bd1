import { readU64 } from '../base/index.ts';
import type { DumpHeader } from '../dump/index.ts';
import { KDDEBUGGER_DATA64 } from '../layouts/index.ts';

const mask = 0xffff_ffff_ffff_ffffn;
const KDBG = 0x4742444bn;
const { fields } = KDDEBUGGER_DATA64;

/**
 * Decodes a block without the three values of the kernel that it was encoded with. They only XOR into one 64-bit value once
 * the rotation is fixed, so one known word gives that value for each of the 64 rotations. The dump header repeats two
 * pointers that the block holds too: one of them solves, the owner tag, the size and the other one verify. Source of the
 * scheme: qemu's elf2dmp and volatility agree; see docs/formats/debugger-data.md.
 */
export function solveEncoding(bytes: Uint8Array, header: DumpHeader): Uint8Array | undefined {
  const known = knownWords(header).filter(({ at }) => at + 8 <= bytes.length);
  const [first, ...others] = known;
  if (first === undefined || others.length === 0) return undefined;
  for (let rotation = 0n; rotation < 64n; rotation++) {
    const key = byteSwap(first.value) ^ rotateLeft(readU64(bytes, first.at), rotation);
    const decode = (word: bigint) => byteSwap(rotateLeft(word, rotation) ^ key);
    const tag = decode(readU64(bytes, fields.OwnerTag.offset));
    const size = tag >> 32n;
    if ((tag & 0xffff_ffffn) !== KDBG || size < 0x290n || size > 0x1000n) continue;
    if (others.every(({ at, value }) => decode(readU64(bytes, at)) === value)) return mapWords(bytes, decode);
  }
  return undefined;
}

/**
 * PfnDataBase is left out: some writers put the variable's address there, others its value. MmPageSize serves where the
 * header lacks a pointer.
 */
function knownWords(header: DumpHeader): { at: number; value: bigint }[] {
  const pairs = [
    { at: fields.PsLoadedModuleList.offset, value: header.psLoadedModuleList },
    { at: fields.PsActiveProcessHead.offset, value: header.psActiveProcessHead },
  ];
  const known = pairs.flatMap(({ at, value }) => (value === undefined ? [] : [{ at, value }]));
  return known.length === 2 ? known : [...known, { at: fields.MmPageSize.offset, value: 0x1000n }];
}

function mapWords(bytes: Uint8Array, change: (word: bigint) => bigint): Uint8Array {
  const result = new Uint8Array(bytes.length & ~7);
  const view = new DataView(result.buffer);
  for (let at = 0; at < result.length; at += 8) view.setBigUint64(at, change(readU64(bytes, at)), true);
  return result;
}

const rotateLeft = (value: bigint, by: bigint): bigint => ((value << by) | (value >> (64n - by))) & mask;

function byteSwap(value: bigint): bigint {
  let result = 0n;
  for (let index = 0n; index < 8n; index++) result = (result << 8n) | ((value >> (index * 8n)) & 0xffn);
  return result;
}
