import type { Va } from '@poolscope/engine/base';
import type { X64Cpu } from './x64-registers.ts';

/** Where an instruction goes, and where everything else in its image is. */
export interface CodePlace {
  /** Preferred and actual address of the image. */
  readonly base: Va;
  /** Offset of the instruction in the image. */
  readonly rva: number;
  /** Offset of a label of the same function, or of a function, variable or import slot of the same image. */
  rvaOf(symbol: string): number;
}

/** One machine instruction: its length is known before its operands are. */
export interface Instruction {
  readonly length: number;
  encode(place: CodePlace): Uint8Array;
  /** Name of the function it calls, or `anyFunction`. */
  readonly calls?: string;
  /** Function of another image, as `module!name`, whose import slot it uses. */
  readonly imports?: string;
  /** A label for the address of the instruction that follows; the label itself takes no bytes. */
  readonly mark?: string;
  /** What it does when a processor of the lab executes it; x64 only. */
  readonly execute?: (cpu: X64Cpu, place: CodePlace) => void;
}

/** Callee of an indirect call. */
export const anyFunction = '*';

/** Names the address of the next instruction. */
export const mark = (name: string): Instruction => ({
  length: 0,
  encode: () => new Uint8Array(0),
  mark: name,
});

/** Bytes as hexadecimal text, with or without spaces. */
export function hexBytes(hex: string): Uint8Array {
  const digits = hex.replaceAll(' ', '');
  const bytes = new Uint8Array(digits.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

/** An instruction given by its bytes. */
export function raw(hex: string): Instruction {
  const bytes = hexBytes(hex);
  return { length: bytes.length, encode: () => bytes };
}

export const codeLength = (code: readonly Instruction[]): number =>
  code.reduce((sum, instruction) => sum + instruction.length, 0);

/** Import slots share one name space with functions and variables. */
export const importSlot = (symbol: string): string => `__imp_${symbol}`;
