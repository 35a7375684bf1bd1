import { CONTEXT_AMD64 } from '@poolscope/engine/layouts';
import { writeU16, writeU32 } from '../../bytes/integers.ts';
import { structBytes } from '../../bytes/struct-writer.ts';
import type { Registers } from '../truth.ts';

/** CONTEXT_AMD64 | control, integer, segments, floating point, debug. */
const contextAll = 0x10_001f;
/** Control words of a processor after reset by the kernel. */
const mxCsr = 0x1f80;
const floatingPointControl = 0x27f;

/** CONTEXT of the kernel at these registers. */
export function x64Context(registers: Registers): Uint8Array {
  const value = (name: string): bigint => registers[name] ?? 0n;
  const context = structBytes(CONTEXT_AMD64, {
    ContextFlags: contextAll,
    MxCsr: mxCsr,
    SegCs: 0x10,
    SegDs: 0x2b,
    SegEs: 0x2b,
    SegFs: 0x53,
    SegGs: 0x2b,
    SegSs: 0x18,
    EFlags: Number(value('efl')),
    Rip: value('rip'),
    Rsp: value('rsp'),
    Rbp: value('rbp'),
    Rax: value('rax'),
    Rcx: value('rcx'),
    Rdx: value('rdx'),
    Rbx: value('rbx'),
    Rsi: value('rsi'),
    Rdi: value('rdi'),
    R8: value('r8'),
    R9: value('r9'),
    R10: value('r10'),
    R11: value('r11'),
    R12: value('r12'),
    R13: value('r13'),
    R14: value('r14'),
    R15: value('r15'),
  });
  const fltSave = CONTEXT_AMD64.fields.FltSave.offset;
  writeU16(context, fltSave, floatingPointControl);
  writeU32(context, fltSave + 0x18, mxCsr);
  writeU32(context, fltSave + 0x1c, 0xffff);
  return context;
}
