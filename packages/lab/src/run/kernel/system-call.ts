import type { Instruction } from '../../image/code.ts';
import type { FunctionSpec } from '../../image/image-spec.ts';
import {
  call,
  callTo,
  executing,
  jump,
  load,
  moveFrom,
  moveTo,
  store,
  subRsp,
} from '../../image/x64-code.ts';
import { jumpIf, moveConstant, nothing, test } from '../../image/x64-data.ts';
import { x64Function } from '../../image/x64-function.ts';
import { at, atSymbol, fixed } from '../../image/x64-operands.ts';
import { allocated, frameAt, machineFrame, type PrologStep, pushed } from '../../image/x64-prolog.ts';
import { intrinsic } from '../code-map.ts';
import type { KernelServices } from '../kernel-services.ts';

/** Arguments of a system call: the first four in registers, the others on the user's stack. */
export interface SystemCall {
  readonly service: string;
  readonly arguments: readonly bigint[];
}

/** Room for the arguments that are copied from the user's stack, below the trap frame. */
const argumentRoom = 0x70;
const firstOnStack = 0x20n;

const systemCallProlog: PrologStep[] = [
  machineFrame(true),
  pushed('rbp'),
  allocated(0x158),
  frameAt('rbp', 0x80),
];

/** The part of nt!KiSystemCall64 that shows on every stack of a system call is a symbol of its own. */
export const systemCallFunctions = (
  services: KernelServices,
  pending: () => SystemCall,
): FunctionSpec<PrologStep>[] => [
  x64Function(
    'KiSystemCall64',
    systemCallProlog,
    [
      moveConstant(at('rbp', -0x55), 2, 1),
      store('rbp', -0x50, 'rax'),
      store('rbp', -0x48, 'rcx'),
      store('rbp', -0x40, 'rdx'),
      store('rbp', -0x38, 'r8'),
      store('rbp', -0x30, 'r9'),
      intrinsic((cpu) => services.noteTrapFrame(cpu.registers.rbp - 0x80n)),
      subRsp(argumentRoom),
      intrinsic((cpu) => {
        const { service, arguments: values } = pending();
        const [rcx = 0n, rdx = 0n, r8 = 0n, r9 = 0n, ...more] = values;
        Object.assign(cpu.registers, { rcx, rdx, r8, r9, r10: services.address(service) });
        for (const [index, value] of more.entries())
          cpu.write(cpu.registers.rsp + firstOnStack + BigInt(8 * index), 8, value);
      }),
      jump('KiSystemServiceCopyEnd'),
    ],
    { noEpilog: true },
  ),
  x64Function(
    'KiSystemServiceCopyEnd',
    [],
    [
      test(atSymbol('PerfGlobalGroupMask', 8), 0x40, 4),
      jumpIf('ne', 'KiSystemServiceTrace'),
      callTo('r10'),
      jump('KiSystemServiceExit'),
    ],
    { chainTo: 'KiSystemCall64', noEpilog: true },
  ),
  x64Function('KiSystemServiceTrace', [], [callTo('r10'), jump('KiSystemServiceExit')], {
    chainTo: 'KiSystemCall64',
    noEpilog: true,
  }),
  x64Function('KiSystemServiceExit', [], systemExit(services), {
    chainTo: 'KiSystemCall64',
    noEpilog: true,
  }),
];

const systemExit = (services: KernelServices): Instruction[] => [
  load('rcx', 'rbp', 0xe8),
  load('r11', 'rbp', 0xf8),
  load('r8', 'rbp', 0x100),
  load('rbp', 'rbp', 0xd8),
  executing(fixed(0x4c, 0x89, 0xc4), (cpu) => {
    cpu.registers.rsp = cpu.registers.r8;
  }),
  // sysretq
  executing(fixed(0x48, 0x0f, 0x07), (cpu) => services.leave(cpu)),
];

/** Ten arguments are handed on, and one is added: that this is a device control. */
export const deviceControlService = (): FunctionSpec<PrologStep> =>
  x64Function(
    'NtDeviceIoControlFile',
    [allocated(0x68)],
    [
      moveConstant(at('rsp', 0x50), 1, 1),
      moveFrom('rax', at('rsp', 0xb8), 4),
      moveTo(at('rsp', 0x48), 'rax', 4),
      load('rax', 'rsp', 0xb0),
      store('rsp', 0x40, 'rax'),
      moveFrom('rax', at('rsp', 0xa8), 4),
      moveTo(at('rsp', 0x38), 'rax', 4),
      load('rax', 'rsp', 0xa0),
      store('rsp', 0x30, 'rax'),
      moveFrom('rax', at('rsp', 0x98), 4),
      moveTo(at('rsp', 0x28), 'rax', 4),
      load('rax', 'rsp', 0x90),
      store('rsp', 0x20, 'rax'),
      call('IopXxxControlFile'),
    ],
    { exported: true },
  );

/** Threads of the kernel: routine and its argument come in rcx and rdx. */
export const threadFunctions = (services: KernelServices): FunctionSpec<PrologStep>[] => [
  x64Function('KiStartSystemThread', [allocated(0x28)], [call('PspSystemThreadStartup'), nothing()], {
    noEpilog: true,
  }),
  x64Function(
    'PspSystemThreadStartup',
    [pushed('rbx'), pushed('rdi'), allocated(0x38)],
    [
      moveTo('rdi', 'rcx'),
      moveTo('rbx', 'rdx'),
      moveTo('rcx', 'rbx'),
      callTo('rdi'),
      nothing(),
      intrinsic((cpu) => services.leave(cpu)),
    ],
  ),
];
