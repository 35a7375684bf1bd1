import type { Instruction } from '../../image/code.ts';
import { mark } from '../../image/code.ts';
import type { FunctionSpec } from '../../image/image-spec.ts';
import {
  call,
  executing,
  iretq,
  jump,
  lea,
  load,
  move,
  moveFrom,
  moveImmediate,
  moveTo,
  store,
} from '../../image/x64-code.ts';
import {
  and,
  compare,
  jumpIf,
  moveConstant,
  moveZeroExtended,
  nothing,
  readCr2,
  readIrql,
  test,
  xor,
} from '../../image/x64-data.ts';
import { x64Function } from '../../image/x64-function.ts';
import { at, fixed } from '../../image/x64-operands.ts';
import { allocated, frameAt, machineFrame, type PrologStep, pushed, saved } from '../../image/x64-prolog.ts';
import { intrinsic } from '../code-map.ts';
import type { KernelServices } from '../kernel-services.ts';

/** A trap handler: machine frame (and error code) from the processor, then a KTRAP_FRAME; rbp is 0x80 above it. */
const trapProlog = (errorCode: boolean): PrologStep[] => [
  machineFrame(errorCode),
  ...(errorCode ? [] : [allocated(8)]),
  pushed('rbp'),
  allocated(0x158),
  frameAt('rbp', 0x80),
];

/** Saves the nonvolatile registers as a KEXCEPTION_FRAME at the bottom of its frame. */
export const exceptionFrameProlog = (size: number): PrologStep[] => [
  allocated(size),
  saved('rbx', 0x100),
  saved('rdi', 0x108),
  saved('rsi', 0x110),
  saved('r12', 0x118),
  saved('r13', 0x120),
  saved('r14', 0x128),
  saved('r15', 0x130),
];

const controlWord = 0x1f80n;

/** Volatile registers go to their places in the trap frame. */
const saveVolatile = (services: KernelServices): Instruction[] => [
  moveConstant(at('rbp', -0x55), 1, 1),
  store('rbp', -0x50, 'rax'),
  store('rbp', -0x48, 'rcx'),
  store('rbp', -0x40, 'rdx'),
  store('rbp', -0x38, 'r8'),
  store('rbp', -0x30, 'r9'),
  store('rbp', -0x28, 'r10'),
  store('rbp', -0x20, 'r11'),
  // stmxcsr [rbp-54h]
  executing(fixed(0x0f, 0xae, 0x5d, 0xac), (cpu) => cpu.write(cpu.registers.rbp - 0x54n, 4, controlWord)),
  intrinsic((cpu) => services.noteTrapFrame(cpu.registers.rbp - 0x80n)),
];

/** Back to the interrupted code. */
const resume = (): Instruction[] => [
  mark('resume'),
  load('r11', 'rbp', -0x20),
  load('r10', 'rbp', -0x28),
  load('r9', 'rbp', -0x30),
  load('r8', 'rbp', -0x38),
  load('rdx', 'rbp', -0x40),
  load('rcx', 'rbp', -0x48),
  load('rax', 'rbp', -0x50),
  lea('rsp', 'rbp', 0xd8),
  executing(fixed(0x5d), (cpu) => {
    cpu.registers.rbp = cpu.read(cpu.registers.rsp, 8);
    cpu.registers.rsp += 8n;
  }),
  executing(fixed(0x48, 0x83, 0xc4, 8), (cpu) => {
    cpu.registers.rsp += 8n;
  }),
  iretq(),
];

function pageFault(services: KernelServices): FunctionSpec<PrologStep> {
  return x64Function(
    'KiPageFault',
    trapProlog(true),
    [
      ...saveVolatile(services),
      readCr2('rdx'),
      store('rbp', 0x50, 'rdx'),
      moveFrom('rcx', at('rbp', 0xe0), 4),
      readIrql('rax'),
      compare('rax', 2, 1),
      jumpIf('ae', 'high'),
      moveZeroExtended('r8', at('rbp', 0xf0), 1),
      and('r8', 1, 4),
      lea('r9', 'rbp', -0x80),
      call('MmAccessFault'),
      test('rax', 'rax', 4),
      jumpIf('ns', 'resume'),
      // The status becomes an exception: is it a write, and where?
      move('rcx', 'rax'),
      moveImmediate('rdx', 2),
      load('r8', 'rbp', 0xe8),
      moveFrom('r9', at('rbp', 0xe0), 4),
      executing(fixed(0x41, 0xd1, 0xe9), (cpu) => {
        cpu.registers.r9 = (cpu.registers.r9 & 0xffff_ffffn) >> 1n;
      }),
      and('r9', 9, 4),
      load('r10', 'rbp', 0x50),
      call('KiExceptionDispatch'),
      nothing(),
      mark('high'),
      move('r8', 'rax'),
      moveFrom('r9', at('rbp', 0xe0), 4),
      executing(fixed(0x41, 0xd1, 0xe9), (cpu) => {
        cpu.registers.r9 = (cpu.registers.r9 & 0xffff_ffffn) >> 1n;
      }),
      and('r9', 9, 4),
      load('r10', 'rbp', 0xe8),
      intrinsic((cpu) => {
        cpu.registers.rcx = BigInt(services.irqlBugCheck(cpu.registers.r10));
      }),
      call('KiBugCheckDispatch'),
      nothing(),
      ...resume(),
    ],
    { noEpilog: true },
  );
}

/** An exception that the processor reports without an address. */
const exceptionTrap = (
  services: KernelServices,
  name: string,
  errorCode: boolean,
  raise: readonly Instruction[],
): FunctionSpec<PrologStep> =>
  x64Function(
    name,
    trapProlog(errorCode),
    [
      ...saveVolatile(services),
      load('r8', 'rbp', 0xe8),
      ...raise,
      call('KiExceptionDispatch'),
      nothing(),
      ...resume(),
    ],
    { noEpilog: true },
  );

/** KERNEL_SECURITY_CHECK_FAILURE: reason, trap frame, exception record. The record is in the dispatcher's frame. */
const fastFailTrap = (services: KernelServices): FunctionSpec<PrologStep> =>
  x64Function(
    'KiRaiseSecurityCheckFailure',
    trapProlog(false),
    [
      ...saveVolatile(services),
      load('r8', 'rbp', 0xe8),
      moveTo('r9', 'rcx', 4),
      moveImmediate('rdx', 1),
      moveImmediate('rcx', 0xc000_0409),
      call('KiFastFailDispatch'),
      nothing(),
    ],
    { noEpilog: true },
  );

const fastFailDispatch = (services: KernelServices): FunctionSpec<PrologStep> =>
  x64Function(
    'KiFastFailDispatch',
    exceptionFrameProlog(0x1d8),
    [
      moveTo(at('rsp', 0x140), 'rcx', 4),
      moveConstant(at('rsp', 0x144), 1, 4),
      xor('rax', 'rax', 4),
      store('rsp', 0x148, 'rax'),
      store('rsp', 0x150, 'r8'),
      moveTo(at('rsp', 0x158), 'rdx', 4),
      store('rsp', 0x160, 'r9'),
      intrinsic((cpu) => services.noteRecords(cpu.registers.rsp + 0x140n, 0n)),
      move('rdx', 'r9'),
      lea('r8', 'rbp', -0x80),
      lea('r9', 'rsp', 0x140),
      xor('r10', 'r10', 4),
      moveImmediate('rcx', 0x139),
      call('KiBugCheckDispatch'),
      nothing(),
    ],
    { noEpilog: true },
  );

/**
 * UNEXPECTED_KERNEL_MODE_TRAP: the trap, CR0, CR4 and the instruction, as dumps of Windows 7 and 8 have them. Its stack is
 * one that the processor switches to.
 */
const doubleFault = (services: KernelServices): FunctionSpec<PrologStep> =>
  x64Function(
    'KiDoubleFaultAbort',
    trapProlog(true),
    [
      ...saveVolatile(services),
      load('r10', 'rbp', 0xe8),
      moveImmediate('r9', 0x6f8),
      moveImmediate('r8', 0x8005_0031),
      moveImmediate('rdx', 8),
      moveImmediate('rcx', 0x7f),
      call('KiBugCheckDispatch'),
      nothing(),
    ],
    { noEpilog: true },
  );

/** Code in ecx, number of words in edx, address in r8, words in r9, r10, r11. */
function exceptionDispatch(): FunctionSpec<PrologStep> {
  return x64Function(
    'KiExceptionDispatch',
    exceptionFrameProlog(0x1d8),
    [
      moveTo(at('rsp', 0x140), 'rcx', 4),
      xor('rax', 'rax', 4),
      moveTo(at('rsp', 0x144), 'rax', 4),
      store('rsp', 0x148, 'rax'),
      store('rsp', 0x150, 'r8'),
      moveTo(at('rsp', 0x158), 'rdx', 4),
      store('rsp', 0x160, 'r9'),
      store('rsp', 0x168, 'r10'),
      store('rsp', 0x170, 'r11'),
      moveZeroExtended('r9', at('rbp', 0xf0), 1),
      and('r9', 1, 4),
      moveConstant(at('rsp', 0x20), 1, 1),
      lea('r8', 'rbp', -0x80),
      lea('rcx', 'rsp', 0x140),
      move('rdx', 'rsp'),
      call('KiDispatchException'),
      nothing(),
    ],
    { noEpilog: true },
  );
}

/** Code in ecx, parameters in rdx, r8, r9, r10. */
const bugCheckDispatch = (): FunctionSpec<PrologStep> =>
  x64Function(
    'KiBugCheckDispatch',
    exceptionFrameProlog(0x138),
    [store('rsp', 0x20, 'r10'), call('KeBugCheckEx'), nothing()],
    { noEpilog: true },
  );

/** The part of the page fault's way that ends the machine, out of line: its last steps are those of `stop`. */
export const systemFault = (
  stop: readonly Instruction[] = [call('KeBugCheckEx'), nothing()],
): FunctionSpec<PrologStep> =>
  x64Function(
    'MiSystemFault',
    [pushed('rbx'), allocated(0x90)],
    [
      move('rbx', 'r9'),
      load('rax', 'rsp', 0xc0),
      store('rsp', 0x20, 'rax'),
      // A write to what is read-only tells its trap frame, all others the instruction.
      compare('rcx', 0xbe, 4),
      jumpIf('e', 'stop'),
      load('r9', 'rbx', 0x168),
      mark('stop'),
      ...stop,
    ],
    { noEpilog: true },
  );

/** Error code in ecx, address in rdx, mode in r8, trap frame in r9; a status in eax. */
function accessFault(services: KernelServices): FunctionSpec<PrologStep> {
  return x64Function(
    'MmAccessFault',
    [
      pushed('rbp'),
      pushed('rbx'),
      pushed('rsi'),
      pushed('rdi'),
      pushed('r12'),
      pushed('r13'),
      pushed('r14'),
      allocated(0x100),
    ],
    [
      move('rdi', 'rdx'),
      move('rbx', 'rcx'),
      move('rsi', 'r9'),
      intrinsic((cpu, place) => {
        const { registers } = cpu;
        const label = (name: string): bigint => place.base + BigInt(place.rvaOf(name));
        if (services.isUserAddress(registers.rdi)) return cpu.jump(label('violation'));
        const ip = cpu.read(registers.rsi + 0x168n, 8);
        const verdict = services.judgeFault(registers.rdi, Number(registers.rbx), ip);
        if (verdict.kind === 'exception') return cpu.jump(label('violation'));
        registers.r12 = BigInt(verdict.code);
        registers.r13 = verdict.access;
        registers.r14 = verdict.fourth;
        return cpu.jump(label('stop'));
      }),
      mark('violation'),
      moveImmediate('rax', 0xc000_0005),
      jump('out'),
      mark('stop'),
      store('rsp', 0x20, 'r14'),
      move('r9', 'rsi'),
      move('r8', 'r13'),
      move('rdx', 'rdi'),
      moveTo('rcx', 'r12', 4),
      call('MiSystemFault'),
      nothing(),
      mark('out'),
    ],
  );
}

export const trapFunctions = (services: KernelServices): FunctionSpec<PrologStep>[] => [
  bugCheckDispatch(),
  pageFault(services),
  exceptionTrap(services, 'KiGeneralProtectionFault', true, [
    moveImmediate('rcx', 0xc000_0005),
    moveImmediate('rdx', 2),
    xor('r9', 'r9', 4),
    // mov r10,-1
    moveConstant('r10', -1),
  ]),
  exceptionTrap(services, 'KiBreakpointTrap', false, [
    // The exception is at the instruction itself.
    executing(fixed(0x49, 0xff, 0xc8), (cpu) => {
      cpu.registers.r8 -= 1n;
    }),
    store('rbp', 0xe8, 'r8'),
    moveImmediate('rcx', 0x8000_0003),
    moveImmediate('rdx', 1),
    xor('r9', 'r9', 4),
  ]),
  exceptionTrap(services, 'KiInvalidOpcodeFault', false, [
    moveImmediate('rcx', 0xc000_001d),
    xor('rdx', 'rdx', 4),
  ]),
  doubleFault(services),
  fastFailTrap(services),
  fastFailDispatch(services),
  exceptionDispatch(),
  systemFault(),
  accessFault(services),
];
