import type { Va } from '@poolscope/engine/base';
import { mark, raw } from '../../image/code.ts';
import type { FunctionSpec } from '../../image/image-spec.ts';
import { call, callTo, jump, load, move, moveImmediate } from '../../image/x64-code.ts';
import { nothing, writeIrql, xor } from '../../image/x64-data.ts';
import { x64Function } from '../../image/x64-function.ts';
import { at } from '../../image/x64-operands.ts';
import { allocated, type PrologStep, pushedAll } from '../../image/x64-prolog.ts';
import type { KernelWorld } from '../../machine/kernel-world.ts';
import { goTo, intrinsic } from '../code-map.ts';
import type { KernelServices } from '../kernel-services.ts';

const dispatchLevel = 2;

/** A KDPC of x64, the same from Windows 7 to 11; its type is KOBJECTS.DpcObject, its importance medium. */
const kdpc = { size: 0x40, routine: 0x18, context: 0x20, argument1: 0x28, argument2: 0x30 } as const;
const [dpcObject, mediumImportance] = [0x13, 1];

export function createDpc(world: KernelWorld, routine: Va, context: Va): Va {
  const dpc = world.nonPagedPool.allocate(kdpc.size, 0x10);
  world.space.write(dpc, Uint8Array.of(dpcObject, mediumImportance));
  world.writePointer(dpc + BigInt(kdpc.routine), routine);
  world.writePointer(dpc + BigInt(kdpc.context), context);
  return dpc;
}

/** Where a processor waits that has nothing to do; at `retire` it has got a DPC. */
const idleLoop = (services: KernelServices): FunctionSpec<PrologStep> =>
  x64Function(
    'KiIdleLoop',
    [allocated(0x28)],
    [
      raw('fb f4'),
      mark('idle'),
      raw('eb fb'),
      mark('retire'),
      call('KiRetireDpcList'),
      intrinsic((cpu) => services.leave(cpu)),
      jump('idle'),
    ],
    { noEpilog: true },
  );

/** Runs what waits, at DISPATCH_LEVEL: a DPC that was queued, or one whose timer has expired. */
const retire = (services: KernelServices): FunctionSpec<PrologStep> =>
  x64Function(
    'KiRetireDpcList',
    [...pushedAll('rbx', 'rbp', 'rsi', 'rdi', 'r14', 'r15'), allocated(0x58)],
    [
      moveImmediate('rax', dispatchLevel),
      writeIrql('rax'),
      intrinsic((cpu, place) => {
        const { address, isTimer } = services.takeDpc();
        cpu.registers.rbx = address;
        if (isTimer) goTo(cpu, place, 'timer');
      }),
      move('rcx', 'rbx'),
      call('KiExecuteAllDpcs'),
      jump('done'),
      mark('timer'),
      move('rcx', 'rbx'),
      call('KiProcessExpiredTimerList'),
      mark('done'),
      xor('rax', 'rax', 4),
      writeIrql('rax'),
    ],
  );

/** A KDPC in rcx: its routine gets the KDPC, its context and both arguments. */
const execute = (name: string): FunctionSpec<PrologStep> =>
  x64Function(
    name,
    [...pushedAll('rbx', 'rsi', 'rdi'), allocated(0x30)],
    [
      move('rbx', 'rcx'),
      load('r9', 'rbx', kdpc.argument2),
      load('r8', 'rbx', kdpc.argument1),
      load('rdx', 'rbx', kdpc.context),
      callTo(at('rbx', kdpc.routine)),
      nothing(),
    ],
  );

/** The way of a processor to a deferred procedure call. */
export const dpcFunctions = (services: KernelServices): FunctionSpec<PrologStep>[] => [
  idleLoop(services),
  retire(services),
  execute('KiExecuteAllDpcs'),
  execute('KiProcessExpiredTimerList'),
];
