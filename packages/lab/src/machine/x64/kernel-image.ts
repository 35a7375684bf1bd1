import { mark, raw } from '../../image/code.ts';
import type { FunctionSpec } from '../../image/image-spec.ts';
import {
  breakpoint,
  call,
  callImport,
  callRax,
  lea,
  leaSymbol,
  load,
  move,
  moveImmediate,
  store,
} from '../../image/x64-code.ts';
import { x64Function } from '../../image/x64-function.ts';
import {
  allocated,
  frameAt,
  machineFrame,
  type PrologStep,
  pushed,
  pushedAll,
  saved,
} from '../../image/x64-prolog.ts';

/**
 * Functions of the synthetic x64 kernel. Names and call order are those of Windows, so that stacks read as they
 * should; the code is made up, with frames of the same kind.
 */

/** A trap handler: error code and machine frame from the processor, then a KTRAP_FRAME. */
const trapProlog: PrologStep[] = [machineFrame(true), pushed('rbp'), allocated(0x158), frameAt('rbp', 0x80)];

/** Saves the nonvolatile registers as a KEXCEPTION_FRAME at the bottom of its frame. */
const exceptionFrameProlog = (size: number): PrologStep[] => [
  allocated(size),
  saved('rbx', 0x100),
  saved('rdi', 0x108),
  saved('rsi', 0x110),
  saved('r12', 0x118),
  saved('r13', 0x120),
  saved('r14', 0x128),
  saved('r15', 0x130),
];

const bugCheckFunctions: FunctionSpec<PrologStep>[] = [
  x64Function('RtlCaptureContext', [], [store('rcx', 0x78, 'rax'), store('rcx', 0x80, 'rcx'), raw('c3')], {
    exported: true,
    noEpilog: true,
  }),
  x64Function(
    'KeBugCheckEx',
    [allocated(0x38)],
    [
      store('rsp', 0x40, 'rcx'),
      store('rsp', 0x48, 'rdx'),
      store('rsp', 0x50, 'r8'),
      store('rsp', 0x58, 'r9'),
      leaSymbol('rcx', 'KiBugCheckContext'),
      call('RtlCaptureContext'),
      breakpoint(),
    ],
    { exported: true, noEpilog: true },
  ),
  x64Function('KiBugCheckDispatch', exceptionFrameProlog(0x138), [call('KeBugCheckEx'), breakpoint()], {
    noEpilog: true,
  }),
];

const trapFunctions: FunctionSpec<PrologStep>[] = [
  x64Function('KiPageFault', trapProlog, [raw('0f 20 d1'), call('KiBugCheckDispatch'), breakpoint()]),
  x64Function('KiGeneralProtectionFault', trapProlog, [
    moveImmediate('rcx', 0xc000_0005),
    load('r8', 'rbp', 0xe8),
    call('KiExceptionDispatch'),
    breakpoint(),
  ]),
  x64Function('KiExceptionDispatch', exceptionFrameProlog(0x1d8), [
    lea('rcx', 'rsp', 0x140),
    move('rdx', 'rsp'),
    call('KiDispatchException'),
  ]),
  x64Function(
    'KiDispatchException',
    [
      ...pushedAll('rbp', 'rbx', 'rsi', 'rdi', 'r12', 'r13', 'r14', 'r15'),
      allocated(0x5d8),
      frameAt('rbp', 0x80),
    ],
    [lea('rdx', 'rbp', 0x20), call('RtlDispatchException')],
  ),
  x64Function(
    'RtlDispatchException',
    [...pushedAll('rbx', 'rsi', 'rdi'), allocated(0x90), saved('r12', 0xb8), saved('r14', 0xc0)],
    [call('RtlpExecuteHandlerForException')],
  ),
  x64Function(
    'RtlpExecuteHandlerForException',
    [allocated(0x28)],
    [load('rax', 'r9', 0x30), callRax(), raw('90')],
  ),
  x64Function('KiSystemServiceHandler', [pushed('rbx'), allocated(0x20)], [call('KiBugCheckDispatch')]),
];

/** A fault in the middle of an allocation: the free list's link is followed. */
const poolFunctions: FunctionSpec<PrologStep>[] = [
  x64Function(
    'ExAllocatePoolWithTag',
    [...pushedAll('rbx', 'rsi', 'rdi', 'r12', 'r14'), allocated(0x40), saved('rbp', 0x70)],
    [
      move('rdi', 'rdx'),
      move('rbp', 'r8'),
      leaSymbol('rbx', 'NonPagedPoolFreeList'),
      load('rax', 'rbx', 0),
      mark('fault'),
      load('r9', 'rax', 8),
      store('rbx', 0, 'r9'),
      lea('rax', 'rax', 0x10),
    ],
    { exported: true },
  ),
  x64Function(
    'ExFreePoolWithTag',
    [...pushedAll('rbx', 'rsi', 'rdi'), allocated(0x50)],
    [
      lea('rbx', 'rcx', -0x10),
      moveImmediate('rcx', 0x19),
      move('r8', 'rbx'),
      call('KeBugCheckEx'),
      breakpoint(),
    ],
    { exported: true },
  ),
];

const ioFunctions: FunctionSpec<PrologStep>[] = [
  x64Function('IofCallDriver', [allocated(0x38)], [load('rax', 'rcx', 8), callRax(), raw('90')], {
    exported: true,
  }),
  x64Function(
    'IopSynchronousServiceTail',
    [...pushedAll('rbx', 'rbp', 'rsi', 'r12'), allocated(0x48)],
    [call('IofCallDriver')],
  ),
  x64Function(
    'IopXxxControlFile',
    [
      ...pushedAll('rbp', 'rbx', 'rsi', 'rdi', 'r12', 'r13', 'r14', 'r15'),
      allocated(0xd8),
      frameAt('rbp', 0x40),
    ],
    [call('IopSynchronousServiceTail')],
  ),
  x64Function('NtDeviceIoControlFile', [allocated(0x68)], [call('IopXxxControlFile')], { exported: true }),
  x64Function('KiSystemCall64', trapProlog, [
    leaSymbol('r10', 'KeServiceDescriptorTable'),
    callRax(),
    raw('90'),
  ]),
];

const threadFunctions: FunctionSpec<PrologStep>[] = [
  x64Function(
    'PspUnhandledExceptionInSystemThread',
    [pushed('rbx'), allocated(0x30)],
    [load('rbx', 'rcx', 0), moveImmediate('rcx', 0x7e), call('KeBugCheckEx'), breakpoint()],
  ),
  x64Function(
    'PspSystemThreadStartupFilter',
    [pushed('rbp'), allocated(0x20)],
    [call('PspUnhandledExceptionInSystemThread')],
  ),
  x64Function(
    '_C_specific_handler',
    [...pushedAll('rbx', 'rsi', 'rdi', 'r12', 'r15'), allocated(0x40)],
    [load('rax', 'r9', 0x38), callRax()],
  ),
  x64Function(
    'PspSystemThreadStartup',
    [...pushedAll('rbx', 'rdi'), allocated(0x38)],
    [move('rcx', 'rbx'), callRax()],
  ),
  x64Function('KiStartSystemThread', [allocated(0x28)], [call('PspSystemThreadStartup'), breakpoint()], {
    noEpilog: true,
  }),
];

const startFunctions: FunctionSpec<PrologStep>[] = [
  x64Function('RtlpBreakWithStatusInstruction', [], [raw('cc c3')], { noEpilog: true }),
  x64Function('KiCallUserMode', [allocated(0x138)], [raw('90')]),
  x64Function('KiIdleLoop', [allocated(0x28)], [raw('fb f4'), mark('idle'), raw('eb fb')], {
    noEpilog: true,
  }),
  x64Function('KiSystemStartup', [allocated(0x38)], [callImport('hal!HalInitializeProcessor')]),
];

/** A wait: its service, the wait itself, and the way to the next thread. KSWITCH_FRAME is the frame of SwapContext. */
const waitFunctions: FunctionSpec<PrologStep>[] = [
  x64Function(
    'NtWaitForSingleObject',
    [...pushedAll('rbx', 'rsi'), allocated(0x38)],
    [call('KeWaitForSingleObject')],
    { exported: true },
  ),
  x64Function(
    'NtWaitForMultipleObjects',
    [...pushedAll('rbx', 'rdi'), allocated(0x48)],
    [call('KeWaitForMultipleObjects')],
    { exported: true },
  ),
  x64Function('NtDelayExecution', [pushed('rbx'), allocated(0x30)], [call('KeDelayExecutionThread')], {
    exported: true,
  }),
  x64Function(
    'ExpWorkerThread',
    [...pushedAll('rbp', 'rbx', 'rsi'), allocated(0x70)],
    [call('KeWaitForSingleObject')],
  ),
  x64Function(
    'KeWaitForSingleObject',
    [...pushedAll('rbx', 'rbp', 'rdi', 'r14'), allocated(0x68)],
    [call('KiCommitThreadWait')],
    { exported: true },
  ),
  x64Function(
    'KeWaitForMultipleObjects',
    [...pushedAll('rbx', 'rsi', 'r12', 'r13'), allocated(0x88)],
    [call('KiCommitThreadWait')],
    { exported: true },
  ),
  x64Function(
    'KeDelayExecutionThread',
    [...pushedAll('rbx', 'rdi'), allocated(0x58)],
    [call('KiCommitThreadWait')],
    { exported: true },
  ),
  x64Function(
    'KiCommitThreadWait',
    [...pushedAll('rbx', 'rsi', 'r12'), allocated(0x50)],
    [call('KiSwapThread')],
  ),
  x64Function(
    'KiSwapThread',
    [...pushedAll('rbp', 'rbx', 'rsi', 'rdi', 'r12', 'r13', 'r14', 'r15'), allocated(0xa8)],
    [call('KiSwapContext')],
  ),
  x64Function('KiSwapContext', exceptionFrameProlog(0x138), [call('SwapContext')]),
  x64Function('SwapContext', [allocated(0x38), saved('rbp', 0x30)], [raw('90')]),
];

export const kernelFunctions: readonly FunctionSpec<PrologStep>[] = [
  ...bugCheckFunctions,
  ...trapFunctions,
  ...poolFunctions,
  ...ioFunctions,
  ...threadFunctions,
  ...startFunctions,
  ...waitFunctions,
];
