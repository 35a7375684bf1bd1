import { CONTEXT_X86 } from '@poolscope/engine/layouts';
import { structBytes } from '../../bytes/struct-writer.ts';
import type { Registers } from '../truth.ts';
import { low32 } from './call-chain.ts';

/** CONTEXT_i386 | control, integer, segments, floating point, debug, extended registers. */
const contextAll = 0x1_003f;

/** CONTEXT of the kernel at these registers. */
export function x86Context(registers: Registers): Uint8Array {
  const value = (name: string): number => low32(registers[name] ?? 0n);
  return structBytes(CONTEXT_X86, {
    ContextFlags: contextAll,
    SegGs: 0,
    SegFs: 0x30,
    SegEs: 0x23,
    SegDs: 0x23,
    SegCs: 0x08,
    SegSs: 0x10,
    Edi: value('edi'),
    Esi: value('esi'),
    Ebx: value('ebx'),
    Edx: value('edx'),
    Ecx: value('ecx'),
    Eax: value('eax'),
    Ebp: value('ebp'),
    Eip: value('eip'),
    EFlags: value('efl'),
    Esp: value('esp'),
  });
}
