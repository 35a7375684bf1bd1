import { CONTEXT_ARM64 } from '@poolscope/engine/layouts';
import { StructWriter } from '../../bytes/struct-writer.ts';
import type { Registers } from '../truth.ts';

/** CONTEXT_ARM64 | control, integer, floating point. */
const contextFull = 0x40_0007;

/** CONTEXT of the kernel at these registers. */
export function arm64Context(registers: Registers): Uint8Array {
  const writer = new StructWriter(CONTEXT_ARM64).setAll({
    ContextFlags: contextFull,
    Cpsr: Number(registers['cpsr'] ?? 0n),
    Fp: registers['fp']!,
    Lr: registers['lr']!,
    Sp: registers['sp']!,
    Pc: registers['pc']!,
  });
  for (let index = 0; index < 29; index++) writer.set('X', registers[`x${index}`]!, index);
  return writer.bytes;
}
