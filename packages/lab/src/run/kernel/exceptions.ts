import { mark } from '../../image/code.ts';
import type { FunctionSpec } from '../../image/image-spec.ts';
import { call, callTo, lea, load, move, moveFrom, moveImmediate, store } from '../../image/x64-code.ts';
import { jumpIf, moveSignExtended, nothing, test, xor } from '../../image/x64-data.ts';
import { x64Function } from '../../image/x64-function.ts';
import { at } from '../../image/x64-operands.ts';
import { allocated, frameAt, type PrologStep, pushed, pushedAll, saved } from '../../image/x64-prolog.ts';
import { intrinsic } from '../code-map.ts';
import type { KernelServices } from '../kernel-services.ts';

/** Where KiDispatchException builds the context, in its frame. */
const contextOffset = 0x90;

const windows8 = 9200;
/** Its frame beside the saved registers. That of Windows 8 has room for more: the article's part 1. */
const dispatchFrame = (build: number): number => (build === windows8 ? 0x6d8 : 0x5d8);

/** Record in rcx, exception frame in rdx, trap frame in r8, mode in r9. Nobody handles it: a bug check. */
const dispatchException = (services: KernelServices, build: number): FunctionSpec<PrologStep> =>
  x64Function(
    'KiDispatchException',
    [
      ...pushedAll('rbp', 'rbx', 'rsi', 'rdi', 'r12', 'r13', 'r14', 'r15'),
      allocated(dispatchFrame(build)),
      frameAt('rbp', 0x80),
    ],
    [
      move('rbx', 'rcx'),
      move('rdi', 'rdx'),
      move('rsi', 'r8'),
      intrinsic((cpu) => {
        const { rsp, rsi, rdi, rbx } = cpu.registers;
        const context = rsp + BigInt(contextOffset);
        services.writeContext(context, rsi, rdi);
        services.noteRecords(rbx, context);
      }),
      move('rcx', 'rbx'),
      lea('rdx', 'rsp', contextOffset),
      call('RtlDispatchException'),
      test('rax', 'rax', 1),
      jumpIf('ne', 'handled'),
      // KMODE_EXCEPTION_NOT_HANDLED: code, address and the first two words.
      load('rax', 'rbx', 0x28),
      store('rsp', 0x20, 'rax'),
      load('r9', 'rbx', 0x20),
      load('r8', 'rbx', 0x10),
      moveSignExtended('rdx', at('rbx')),
      moveImmediate('rcx', 0x1e),
      call('KeBugCheckEx'),
      nothing(),
      mark('handled'),
    ],
  );

/** Record in rcx, context in rdx. Its DISPATCHER_CONTEXT is at rsp+38h. */
const rtlDispatchException = (services: KernelServices): FunctionSpec<PrologStep> =>
  x64Function(
    'RtlDispatchException',
    [...pushedAll('rbx', 'rsi', 'rdi'), allocated(0x90), saved('r12', 0xb8), saved('r14', 0xc0)],
    [
      move('rbx', 'rcx'),
      move('rsi', 'rdx'),
      intrinsic((cpu) => {
        const kind = services.exceptionHandler();
        const handlers = {
          service: ['nt!KiSystemServiceHandler', ''],
          thread: ['nt!_C_specific_handler', 'nt!PspSystemThreadStartupFilter'],
          none: ['', ''],
        }[kind];
        const [handler, data] = handlers.map((symbol) => (symbol === '' ? 0n : services.address(symbol)));
        cpu.registers.r12 = handler!;
        cpu.registers.r14 = data!;
      }),
      test('r12', 'r12'),
      jumpIf('e', 'none'),
      store('rsp', 0x60, 'rsi'),
      store('rsp', 0x68, 'r12'),
      store('rsp', 0x70, 'r14'),
      lea('r9', 'rsp', 0x38),
      move('r8', 'rsi'),
      xor('rdx', 'rdx', 4),
      move('rcx', 'rbx'),
      call('RtlpExecuteHandlerForException'),
      mark('none'),
      xor('rax', 'rax', 4),
    ],
  );

const executeHandler = (): FunctionSpec<PrologStep> =>
  x64Function(
    'RtlpExecuteHandlerForException',
    [allocated(0x28)],
    [store('rsp', 0x20, 'r9'), callTo(at('r9', 0x30)), nothing()],
  );

/** SYSTEM_SERVICE_EXCEPTION: code (not sign-extended, as real dumps have it), address, context. */
const serviceHandler = (): FunctionSpec<PrologStep> =>
  x64Function(
    'KiSystemServiceHandler',
    [pushed('rbx'), allocated(0x20)],
    [
      xor('r10', 'r10', 4),
      load('r9', 'r9', 0x28),
      moveFrom('r8', at('rcx', 0x10)),
      moveFrom('rdx', at('rcx'), 4),
      moveImmediate('rcx', 0x3b),
      call('KiBugCheckDispatch'),
      nothing(),
    ],
  );

/** Calls the filter of a function's `__except` with the exception's two records. */
const languageHandler = (): FunctionSpec<PrologStep> =>
  x64Function(
    '_C_specific_handler',
    [...pushedAll('rbx', 'rsi', 'rdi', 'r12', 'r15'), allocated(0x40)],
    [
      move('rsi', 'rdx'),
      store('rsp', 0x30, 'rcx'),
      store('rsp', 0x38, 'r8'),
      lea('rcx', 'rsp', 0x30),
      move('rdx', 'rsi'),
      callTo(at('r9', 0x38)),
      nothing(),
    ],
  );

const threadFilter = (): FunctionSpec<PrologStep> =>
  x64Function(
    'PspSystemThreadStartupFilter',
    [pushed('rbp'), allocated(0x20)],
    [move('rbp', 'rdx'), call('PspUnhandledExceptionInSystemThread'), nothing()],
  );

/** SYSTEM_THREAD_EXCEPTION_NOT_HANDLED: code, address, record, context. */
const unhandledInThread = (): FunctionSpec<PrologStep> =>
  x64Function(
    'PspUnhandledExceptionInSystemThread',
    [pushed('rbx'), allocated(0x30)],
    [
      load('rbx', 'rcx', 0),
      load('rax', 'rcx', 8),
      store('rsp', 0x20, 'rax'),
      move('r9', 'rbx'),
      load('r8', 'rbx', 0x10),
      moveSignExtended('rdx', at('rbx')),
      moveImmediate('rcx', 0x7e),
      call('KeBugCheckEx'),
      nothing(),
    ],
    { noEpilog: true },
  );

export const exceptionFunctions = (services: KernelServices, build: number): FunctionSpec<PrologStep>[] => [
  dispatchException(services, build),
  rtlDispatchException(services),
  executeHandler(),
  serviceHandler(),
  languageHandler(),
  threadFilter(),
  unhandledInThread(),
];
