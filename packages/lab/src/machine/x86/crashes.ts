import type { X86Step } from '../../image/x86-function.ts';
import type { CrashDialect } from '../crash-scene.ts';
import { exceptionRecord32 } from '../exception-record.ts';
import { CallChain } from './call-chain.ts';
import { x86Context } from './context.ts';

const link = 0x4f4f_4f4fn;

/** On x86 the kernel has no handler around system calls: an exception there is 0x8E, with the trap frame. */
export const x86Crashes: CrashDialect<X86Step> = {
  newThread: ({ world, stack }) => new CallChain(world, stack.initial),
  context: x86Context,
  exceptionRecord: exceptionRecord32,
  instructionPointer: 'eip',
  systemCall: {
    handler: 'nt!KiFastCallEntry',
    registers: ({ ip, sp }) => ({ ecx: sp, edx: ip, eax: 7n, ebp: sp }),
  },
  systemThread: ['nt!KiThreadStartup', 'nt!PspSystemThreadStartup'],
  allocation: {
    instruction: 'mov ecx,dword ptr [eax+4]',
    link,
    address: link + 4n,
    reported: link + 4n,
    handler: 'nt!KiTrap0E',
    dispatch: [
      { function: 'nt!CommonDispatchException' },
      { function: 'nt!KiDispatchException', record: 0x40, context: 0xa0 },
    ],
    registers: (eax, ebx) => ({ eax, ebx }),
  },
  write: {
    instruction: 'mov byte ptr [edi],al',
    handler: 'nt!KiTrap0E',
    dispatch: [],
    registers: (address) => ({ edi: address, eax: 0x4fn, edx: 0x20n }),
  },
  free: { registers: (data) => ({ ebx: data }) },
  unhandled: { code: 0x8e, third: 'trap-frame', raisedBy: [] },
  unhandledInThread: [
    'nt!RtlDispatchException',
    'nt!RtlpExecuteHandlerForException',
    'nt!_except_handler4',
    'nt!PspUnhandledExceptionInSystemThread',
  ],
};
