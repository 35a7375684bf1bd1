import { writeU32 } from '../bytes/integers.ts';
import { anyFunction, type CodePlace, type Instruction, importSlot } from './code.ts';

export type X86Register = 'eax' | 'ecx' | 'edx' | 'ebx' | 'esp' | 'ebp' | 'esi' | 'edi';

/** General registers of x86 in the order of their numbers. */
export const x86Registers: readonly X86Register[] = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'];

const numberOf = (register: X86Register): number => x86Registers.indexOf(register);

const fixed = (...bytes: number[]): Instruction => ({
  length: bytes.length,
  encode: () => Uint8Array.from(bytes),
});

/** Opcode bytes followed by a 32-bit value that depends on where the instruction is. */
const withWord = (opcode: readonly number[], value: (place: CodePlace) => number): Instruction => ({
  length: opcode.length + 4,
  encode(place) {
    const bytes = Uint8Array.from([...opcode, 0, 0, 0, 0]);
    writeU32(bytes, opcode.length, value(place));
    return bytes;
  },
});

const absolute = ({ base, rvaOf }: CodePlace, symbol: string): number =>
  Number((base + BigInt(rvaOf(symbol))) & 0xffff_ffffn);

export const push = (register: X86Register): Instruction => fixed(0x50 + numberOf(register));
export const pop = (register: X86Register): Instruction => fixed(0x58 + numberOf(register));
export const pushImmediate = (value: number): Instruction => withWord([0x68], () => value);

/** mov to,from */
export const move = (to: X86Register, from: X86Register): Instruction =>
  fixed(0x8b, 0xc0 | (numberOf(to) << 3) | numberOf(from));

/** mov register,imm32 */
export const moveImmediate = (to: X86Register, value: number): Instruction =>
  withWord([0xb8 + numberOf(to)], () => value);

/** mov register,dword ptr [base+offset]; base is not esp. */
export const load = (to: X86Register, base: X86Register, offset: number): Instruction =>
  fixed(0x8b, 0x40 | (numberOf(to) << 3) | numberOf(base), offset & 0xff);

/** mov dword ptr [base+offset],register; base is not esp. */
export const store = (base: X86Register, offset: number, from: X86Register): Instruction =>
  fixed(0x89, 0x40 | (numberOf(from) << 3) | numberOf(base), offset & 0xff);

/** mov register,offset symbol */
export const moveSymbol = (to: X86Register, symbol: string): Instruction =>
  withWord([0xb8 + numberOf(to)], (place) => absolute(place, symbol));

export const subEsp = (size: number): Instruction => withWord([0x81, 0xec], () => size);
export const addEsp = (size: number): Instruction => withWord([0x81, 0xc4], () => size);
export const leave = (): Instruction => fixed(0xc9);
export const ret = (): Instruction => fixed(0xc3);
export const iretd = (): Instruction => fixed(0xcf);
export const breakpoint = (): Instruction => fixed(0xcc);

/** Direct call of a function in the same image. */
export const call = (symbol: string): Instruction => ({
  ...withWord([0xe8], (place) => place.rvaOf(symbol) - (place.rva + 5)),
  calls: symbol,
});

/** call dword ptr [slot]: a function of another image, as `module!name`. */
export const callImport = (symbol: string): Instruction => ({
  ...withWord([0xff, 0x15], (place) => absolute(place, importSlot(symbol))),
  calls: symbol,
  imports: symbol,
});

/** call eax */
export const callEax = (): Instruction => ({ ...fixed(0xff, 0xd0), calls: anyFunction });
