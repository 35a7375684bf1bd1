import type { Arm64Step } from '../../image/arm64-function.ts';
import type { CrashDialect } from '../crash-scene.ts';
import { exceptionRecord64 } from '../exception-record.ts';
import { CallChain } from './call-chain.ts';
import { arm64Context } from './context.ts';

const link = 0x4f4f_4f4f_4f4f_4f4fn;

export const arm64Crashes: CrashDialect<Arm64Step> = {
  newThread: ({ world, stack }) => new CallChain(world.space, stack.initial),
  context: arm64Context,
  exceptionRecord: exceptionRecord64,
  instructionPointer: 'pc',
  systemCall: { handler: 'nt!KiSystemService', registers: ({ ip, sp }) => ({ fp: sp, lr: ip, x16: 7n }) },
  systemThread: ['nt!KiStartSystemThread', 'nt!PspSystemThreadStartup'],
  allocation: {
    instruction: 'ldr x9,[x8,#8]',
    link,
    address: link + 8n,
    reported: link + 8n,
    handler: 'nt!KiPageFault',
    dispatch: [
      { function: 'nt!KiExceptionDispatch', record: 0 },
      { function: 'nt!KiDispatchException', context: 0x40 },
    ],
    registers: (x8, x20) => ({ x8, x20, x1: 0x1f0n }),
  },
  write: {
    instruction: 'strb w8,[x9]',
    handler: 'nt!KiPageFault',
    dispatch: ['nt!KiBugCheckDispatch'],
    registers: (address) => ({ x9: address, x8: 0x4fn }),
  },
  free: { registers: (data) => ({ x19: data, x0: data }) },
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
