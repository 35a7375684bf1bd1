import { KEXCEPTION_FRAME64 } from '@poolscope/engine/layouts';
import type { PrologStep } from '../../image/x64-prolog.ts';
import type { CrashDialect } from '../crash-scene.ts';
import { exceptionRecord64 } from '../exception-record.ts';
import { CallChain } from './call-chain.ts';
import { x64Context } from './context.ts';

/** What an overrun with the letter O leaves where a pointer was: no canonical address. */
const link = 0x4f4f_4f4f_4f4f_4f4fn;

export const x64Crashes: CrashDialect<PrologStep> = {
  newThread: ({ world, stack }) => new CallChain(world.space, stack.initial),
  context: x64Context,
  exceptionRecord: exceptionRecord64,
  instructionPointer: 'rip',
  systemCall: {
    handler: 'nt!KiSystemCall64',
    registers: ({ ip, sp }) => ({
      rcx: ip,
      rdx: 0x22_0004n,
      r8: 0x40n,
      r9: 0x1a4n,
      r10: 0x5cn,
      r11: 0x246n,
      rbp: sp,
    }),
  },
  systemThread: ['nt!KiStartSystemThread', 'nt!PspSystemThreadStartup'],
  allocation: {
    instruction: 'mov r9,qword ptr [rax+8]',
    link,
    address: link + 8n,
    // A general protection fault does not tell the address: the record says all ones.
    reported: 0xffff_ffff_ffff_ffffn,
    handler: 'nt!KiGeneralProtectionFault',
    dispatch: [
      { function: 'nt!KiExceptionDispatch', record: KEXCEPTION_FRAME64.size },
      { function: 'nt!KiDispatchException', context: 0x90 },
    ],
    registers: (rax, rbx) => ({
      rax,
      rbx,
      rcx: 0x200n,
      rdx: 0x1f0n,
      rdi: 0x1f0n,
      r8: 0x746c_6653n,
      rbp: 0x746c_6653n,
    }),
  },
  write: {
    instruction: 'mov byte ptr [rdi],al',
    handler: 'nt!KiPageFault',
    dispatch: ['nt!KiBugCheckDispatch'],
    registers: (address) => ({ rdi: address, rax: 0x4fn, rdx: 0x20n }),
  },
  free: {
    movedPart: 'sampledrv!FillRecord$release',
    registers: (data) => ({ rbx: data, rcx: data, rdx: 0x446d_6153n }),
  },
  unhandled: {
    code: 0x3b,
    third: 'context',
    raisedBy: [
      'nt!RtlDispatchException',
      'nt!RtlpExecuteHandlerForException',
      'nt!KiSystemServiceHandler',
      'nt!KiBugCheckDispatch',
    ],
  },
  unhandledInThread: [
    'nt!RtlDispatchException',
    'nt!RtlpExecuteHandlerForException',
    'nt!_C_specific_handler',
    'nt!PspSystemThreadStartupFilter',
    'nt!PspUnhandledExceptionInSystemThread',
  ],
};
