import { u32Bytes } from '../bytes/integers.ts';
import { anyFunction, type CodePlace, type Instruction, importSlot } from './code.ts';

/** Numbers of general registers with a name of their own; 31 is sp where an address or stack operand is meant. */
export const arm64Register = { fp: 29, lr: 30, sp: 31 } as const;

const word = (value: number | ((place: CodePlace) => number)): Instruction => ({
  length: 4,
  encode: (place) => u32Bytes(typeof value === 'number' ? value : value(place)),
});

const pairOperands = (first: number, second: number, offset: number): number =>
  (((offset / 8) & 0x7f) << 15) | (second << 10) | (arm64Register.sp << 5) | first;

/** stp first,second,[sp,#-size]! */
export const storePairPush = (first: number, second: number, size: number): Instruction =>
  word((0xa980_0000 | pairOperands(first, second, -size)) >>> 0);
/** stp first,second,[sp,#offset] */
export const storePair = (first: number, second: number, offset: number): Instruction =>
  word((0xa900_0000 | pairOperands(first, second, offset)) >>> 0);
/** ldp first,second,[sp,#offset] */
export const loadPair = (first: number, second: number, offset: number): Instruction =>
  word((0xa940_0000 | pairOperands(first, second, offset)) >>> 0);
/** ldp first,second,[sp],#size */
export const loadPairPop = (first: number, second: number, size: number): Instruction =>
  word((0xa8c0_0000 | pairOperands(first, second, size)) >>> 0);

/** sub sp,sp,#size */
export const subSp = (size: number): Instruction => word((0xd100_03ff | (size << 10)) >>> 0);
/** add sp,sp,#size */
export const addSp = (size: number): Instruction => word((0x9100_03ff | (size << 10)) >>> 0);
/** mov fp,sp */
export const setFramePointer = (): Instruction => word(0x9100_03fd);
/** mov sp,fp */
export const restoreFromFramePointer = (): Instruction => word(0x9100_03bf);

/** mov to,from */
export const move = (to: number, from: number): Instruction => word((0xaa00_03e0 | (from << 16) | to) >>> 0);
/** movz to,#value */
export const moveImmediate = (to: number, value: number): Instruction =>
  word((0xd280_0000 | (value << 5) | to) >>> 0);
/** ldr to,[base,#offset] */
export const load = (to: number, base: number, offset: number): Instruction =>
  word((0xf940_0000 | ((offset / 8) << 10) | (base << 5) | to) >>> 0);
/** str from,[base,#offset] */
export const store = (base: number, offset: number, from: number): Instruction =>
  word((0xf900_0000 | ((offset / 8) << 10) | (base << 5) | from) >>> 0);
/** strb from,[base] */
export const storeByte = (base: number, from: number): Instruction =>
  word((0x3900_0000 | (base << 5) | from) >>> 0);

/** adrp to,symbol */
const pageAddress = (to: number, symbol: string): Instruction =>
  word(({ rva, rvaOf }) => {
    const pages = Math.floor(rvaOf(symbol) / 0x1000) - Math.floor(rva / 0x1000);
    return (0x9000_0000 | ((pages & 3) << 29) | (((pages >> 2) & 0x7_ffff) << 5) | to) >>> 0;
  });

/** adrp to,symbol; add to,to,#offset */
export const addressOf = (to: number, symbol: string): Instruction[] => [
  pageAddress(to, symbol),
  word(({ rvaOf }) => (0x9100_0000 | ((rvaOf(symbol) & 0xfff) << 10) | (to << 5) | to) >>> 0),
];

/** bl: direct call of a function in the same image. */
export const call = (symbol: string): Instruction => ({
  ...word(({ rva, rvaOf }) => (0x9400_0000 | (((rvaOf(symbol) - rva) / 4) & 0x3ff_ffff)) >>> 0),
  calls: symbol,
});

/** blr x8 */
export const callX8 = (): Instruction => ({ ...word(0xd63f_0100), calls: anyFunction });

/** Loads an import slot into x8 and calls it: a function of another image, as `module!name`. */
export const callImport = (symbol: string): Instruction[] => [
  { ...pageAddress(8, importSlot(symbol)), imports: symbol },
  word(({ rvaOf }) => (0xf940_0108 | (((rvaOf(importSlot(symbol)) & 0xfff) / 8) << 10)) >>> 0),
  { ...word(0xd63f_0100), calls: symbol },
];

export const ret = (): Instruction => word(0xd65f_03c0);
export const eret = (): Instruction => word(0xd69f_03e0);
export const nop = (): Instruction => word(0xd503_201f);
/** brk #0xf000, the breakpoint of Windows. */
export const breakpoint = (): Instruction => word(0xd43e_0000);
