import { fourCc } from '../../bytes/integers.ts';
import type { Instruction } from '../../image/code.ts';
import { mark } from '../../image/code.ts';
import type { FunctionSpec } from '../../image/image-spec.ts';
import {
  call,
  callTo,
  executing,
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
  add,
  compare,
  decrement,
  jumpIf,
  moveConstant,
  moveZeroExtended,
  nothing,
  shiftLeft,
  subtract,
  test,
  xor,
} from '../../image/x64-data.ts';
import { x64Function } from '../../image/x64-function.ts';
import { at, atIndex, atSymbol, withOperand } from '../../image/x64-operands.ts';
import { allocated, type PrologStep, pushed, pushedAll } from '../../image/x64-prolog.ts';
import { intrinsic } from '../code-map.ts';
import type { KernelServices } from '../kernel-services.ts';

/** Offsets of IRP and IO_STACK_LOCATION on x64, the same from Windows XP on. */
const irp = { systemBuffer: 0x18, status: 0x30, stackCount: 0x42, currentLocation: 0x43, location: 0xb8 };
const stackLocationSize = 0x48;
const irpSize = 0xd0;

/** Steps to the next stack location, and finds the dispatch routine: rax location, r8 major function, r9 driver. */
const nextLocation: readonly Instruction[] = [
  decrement(at('rdx', irp.currentLocation), 1),
  load('rax', 'rdx', irp.location),
  subtract('rax', stackLocationSize),
  store('rdx', irp.location, 'rax'),
  store('rax', 0x28, 'rcx'),
  moveZeroExtended('r8', at('rax'), 1),
  load('r9', 'rcx', 8),
];

const dispatchRoutine = atIndex('r9', 'r8', 8, 0x70);

/** jmp qword ptr [r9+r8*8+70h] */
const jumpToDispatch: Instruction = executing(
  withOperand(dispatchRoutine, { opcode: [0xff], size: 8, field: 4, wideByNature: true }),
  (cpu) => {
    const { r9, r8 } = cpu.registers;
    cpu.jump(cpu.read(r9 + r8 * 8n + 0x70n, 8));
  },
);

/** Before Windows 10 the dispatch routine is reached by a jump, so that nt!IofCallDriver is on no stack. */
const callDriver = (jumps: boolean): FunctionSpec<PrologStep> =>
  jumps
    ? x64Function(
        'IofCallDriver',
        [],
        [
          compare(atSymbol('IopFunctionPointerMask'), 0, 4),
          jumpIf('ne', 'IovCallDriver'),
          ...nextLocation,
          jumpToDispatch,
        ],
        { exported: true, noEpilog: true },
      )
    : x64Function(
        'IofCallDriver',
        [allocated(0x38)],
        [
          compare(atSymbol('IopFunctionPointerMask'), 0, 4),
          jumpIf('ne', 'verified'),
          ...nextLocation,
          callTo(dispatchRoutine),
          jump('done'),
          mark('verified'),
          call('IovCallDriver'),
          mark('done'),
          nothing(),
        ],
        { exported: true },
      );

/** With I/O verification on. */
const verifiedCall = (): FunctionSpec<PrologStep> =>
  x64Function(
    'IovCallDriver',
    [...pushedAll('rbx', 'rbp', 'rsi', 'rdi', 'r14'), allocated(0x20)],
    [
      load('r14', 'rsp', 0x48),
      move('rdi', 'rcx'),
      move('rbx', 'rdx'),
      ...nextLocation,
      callTo(dispatchRoutine),
      move('rbp', 'rax'),
    ],
  );

/** An IRP with as many stack locations as cl says. */
const allocateIrp = (): FunctionSpec<PrologStep> =>
  x64Function(
    'IoAllocateIrp',
    [pushed('rbx'), allocated(0x20)],
    [
      moveZeroExtended('rbx', 'rcx', 1),
      lea('rdx', 'rbx', 0),
      shiftLeft('rdx', 3, 4),
      add('rdx', 'rbx', 4),
      shiftLeft('rdx', 3, 4),
      add('rdx', irpSize, 4),
      moveImmediate('r8', fourCc('Irp ')),
      xor('rcx', 'rcx', 4),
      call('ExAllocatePoolWithTag'),
      test('rax', 'rax'),
      jumpIf('e', 'out'),
      moveTo(at('rax', irp.stackCount), 'rbx', 1),
      moveTo(at('rax', irp.currentLocation), 'rbx', 1),
      mark('out'),
    ],
    { exported: true },
  );

const completeRequest = (): FunctionSpec<PrologStep> =>
  x64Function(
    'IofCompleteRequest',
    [pushed('rbx'), allocated(0x20)],
    [
      move('rbx', 'rcx'),
      // Every location is used up.
      moveZeroExtended('rax', at('rbx', irp.stackCount), 1),
      add('rax', 1, 1),
      moveTo(at('rbx', irp.currentLocation), 'rax', 1),
    ],
    { exported: true },
  );

/** Handle in rcx; code, buffer and length come on the stack, behind a frame of 0x190 bytes. */
const frame = 0x190;
const argument = (index: number) => at('rsp', frame + 8 * (index - 1));

const controlFile = (services: KernelServices, viaTail: boolean): FunctionSpec<PrologStep> =>
  x64Function(
    'IopXxxControlFile',
    [...pushedAll('rbx', 'rsi', 'rdi', 'r12', 'r13', 'r14', 'r15'), allocated(0x150)],
    [
      intrinsic((cpu) => {
        const { file, device } = services.fileOf(cpu.registers.rcx);
        cpu.registers.rsi = file;
        cpu.registers.r12 = device;
      }),
      // The request, with the driver's stack locations.
      moveZeroExtended('rcx', at('r12', 0x4c), 1),
      xor('rdx', 'rdx', 4),
      call('IoAllocateIrp'),
      move('rbx', 'rax'),
      xor('r15', 'r15', 4),
      moveFrom('rdx', argument(8), 4),
      test('rdx', 'rdx', 4),
      jumpIf('e', 'ready'),
      // METHOD_BUFFERED: a copy of the caller's buffer.
      xor('rcx', 'rcx', 4),
      moveImmediate('r8', fourCc('IoSB')),
      call('ExAllocatePoolWithTag'),
      move('r15', 'rax'),
      mark('ready'),
      intrinsic((cpu) => {
        const { rbx, rsi, r12, r15, rsp } = cpu.registers;
        const value = (index: number): bigint => cpu.read(rsp + BigInt(frame + 8 * (index - 1)), 8);
        const control = {
          code: Number(value(6) & 0xffff_ffffn),
          buffer: r15,
          input: value(7),
          length: Number(value(8) & 0xffff_ffffn),
        };
        services.prepareIrp(rbx, { file: rsi, device: r12 }, control);
      }),
      move('rdx', 'rbx'),
      move('rcx', 'r12'),
      xor('r12', 'r12', 4),
      ...(viaTail ? [move('r8', 'rsi'), call('IopSynchronousServiceTail')] : [call('IofCallDriver')]),
      move('rdi', 'rax'),
      test('r15', 'r15'),
      jumpIf('e', 'release'),
      move('rcx', 'r15'),
      xor('rdx', 'rdx', 4),
      call('ExFreePoolWithTag'),
      mark('release'),
      intrinsic((cpu) => services.forgetIrp(cpu.registers.rbx)),
      move('rcx', 'rbx'),
      xor('rdx', 'rdx', 4),
      call('ExFreePoolWithTag'),
      move('rax', 'rdi'),
    ],
  );

const serviceTail = (): FunctionSpec<PrologStep> =>
  x64Function(
    'IopSynchronousServiceTail',
    [...pushedAll('rbx', 'rbp', 'rsi', 'r12'), allocated(0x48)],
    [move('rbx', 'rdx'), move('rsi', 'r8'), call('IofCallDriver'), moveConstant(at('rsp', 0x20), 0, 1)],
  );

/** The way of a device control from its service to a driver. */
export const deviceIoFunctions = (
  services: KernelServices,
  { jumpsToDrivers }: { readonly jumpsToDrivers: boolean },
): FunctionSpec<PrologStep>[] => [
  allocateIrp(),
  completeRequest(),
  callDriver(jumpsToDrivers),
  verifiedCall(),
  serviceTail(),
  controlFile(services, !jumpsToDrivers),
];
