import { CONTEXT_AMD64 } from '@poolscope/engine/layouts';
import { writeU16, writeU32 } from '../../bytes/integers.ts';
import { StructWriter } from '../../bytes/struct-writer.ts';
import { x64Registers } from '../../image/x64-code.ts';
import type { Registers } from '../truth.ts';

/** CONTEXT_AMD64 | control, integer, segments, floating point, debug. */
const contextAll = 0x10_001f;

/** CONTEXT of the kernel at these registers. */
export function x64Context(registers: Registers): Uint8Array {
  const writer = new StructWriter(CONTEXT_AMD64).setAll({
    ContextFlags: contextAll,
    MxCsr: 0x1f80,
    ...{ SegCs: 0x10, SegDs: 0x2b, SegEs: 0x2b, SegFs: 0x53, SegGs: 0x2b, SegSs: 0x18 },
    EFlags: Number(registers['efl'] ?? 0x246n),
    Rip: registers['rip']!,
  });
  for (const name of x64Registers) writer.set(fieldName(name), registers[name]!);
  const fltSave = CONTEXT_AMD64.fields.FltSave.offset;
  writeU16(writer.bytes, fltSave, 0x27f);
  writeU32(writer.bytes, fltSave + 0x18, 0x1f80);
  writeU32(writer.bytes, fltSave + 0x1c, 0xffff);
  return writer.bytes;
}

type RegisterField = 'Rax' | 'R8';

const fieldName = (register: string): RegisterField =>
  (register.charAt(0).toUpperCase() + register.slice(1)) as RegisterField;
