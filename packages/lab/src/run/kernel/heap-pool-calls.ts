import { mark } from '../../image/code.ts';
import type { FunctionSpec } from '../../image/image-spec.ts';
import { call, jump, load, move, moveImmediate, moveTo, store } from '../../image/x64-code.ts';
import { jumpIf, nothing, test, xor } from '../../image/x64-data.ts';
import { x64Function } from '../../image/x64-function.ts';
import { allocated, type PrologStep, pushedAll } from '../../image/x64-prolog.ts';
import { goTo, intrinsic } from '../code-map.ts';
import type { KernelServices } from '../kernel-services.ts';
import { HeapFailure, lastSteps } from './heap-failure.ts';
import { allocationSteps, freeSteps, heapStepFunctions, prologOf } from './heap-steps.ts';
import { poolTypeOfFlags, uninitialized } from './pool-flags.ts';
import type { WatchedPool } from './watched-pool.ts';

/** Tag of blocks that come without one. */
const noTag = 0x656e_6f4e;

/** POOL_TYPE in ecx, bytes in rdx, tag in r8d, and whether memory is zeroed in r9d. */
const allocateHeapPool = (
  services: KernelServices,
  watched: WatchedPool,
  failure: HeapFailure,
): FunctionSpec<PrologStep> =>
  x64Function('ExAllocateHeapPool', prologOf(0x140), [
    moveTo('rdi', 'rcx', 4),
    move('rbp', 'rdx'),
    moveTo('rbx', 'r8', 4),
    store('rsp', 0x40, 'r9'),
    intrinsic((cpu, place) => {
      const { rbp, rbx } = cpu.registers;
      if (!watched.chooses(rbp, Number(rbx))) goTo(cpu, place, 'ordinary');
    }),
    move('rcx', 'rbp'),
    moveTo('rdx', 'rbx', 4),
    moveTo('r8', 'rdi', 4),
    xor('r9', 'r9', 4),
    call('ExAllocateHeapSpecialPool'),
    test('rax', 'rax'),
    jumpIf('ne', 'allocated'),
    mark('ordinary'),
    xor('r12', 'r12', 4),
    intrinsic((cpu, place) => {
      const { rdi, rbp, rbx } = cpu.registers;
      failure.attempt(cpu, place, allocationSteps, () => {
        cpu.registers.rax = services.allocatePool(Number(rdi), rbp, Number(rbx));
        goTo(cpu, place, 'allocated');
      });
    }),
    mark('allocated'),
    load('rcx', 'rsp', 0x40),
    test('rcx', 'rcx'),
    jumpIf('e', 'done'),
    test('rax', 'rax'),
    jumpIf('e', 'done'),
    move('r8', 'rbp'),
    xor('rdx', 'rdx', 4),
    move('rcx', 'rax'),
    call('memset'),
    jump('done'),
    ...lastSteps(allocationSteps),
  ]);

const allocateWithTag = (): FunctionSpec<PrologStep> =>
  x64Function(
    'ExAllocatePoolWithTag',
    [...pushedAll('rbx', 'rbp', 'rsi', 'rdi'), allocated(0x28)],
    [
      moveTo('rbx', 'r8', 4),
      move('rsi', 'rdx'),
      moveTo('rdi', 'rcx', 4),
      xor('r9', 'r9', 4),
      call('ExAllocateHeapPool'),
      nothing(),
    ],
    { exported: true },
  );

/** POOL_TYPE in ecx, bytes in rdx, tag in r8d; not 0 in r9d: the block is not zeroed. */
const allocateFromNode = (): FunctionSpec<PrologStep> =>
  x64Function(
    'ExpAllocatePoolWithTagFromNode',
    [...pushedAll('rbx', 'rbp', 'rsi', 'rdi'), allocated(0x28)],
    [
      moveTo('rbx', 'r8', 4),
      move('rsi', 'rdx'),
      moveTo('rdi', 'rcx', 4),
      call('ExAllocateHeapPool'),
      nothing(),
    ],
  );

/** POOL_FLAGS in rcx, bytes in rdx, tag in r8d. */
const allocate2 = (): FunctionSpec<PrologStep> =>
  x64Function(
    'ExAllocatePool2',
    [...pushedAll('rbx', 'rbp', 'rsi', 'rdi', 'r14'), allocated(0x80)],
    [
      move('rsi', 'rdx'),
      moveTo('rbx', 'r8', 4),
      move('rbp', 'rcx'),
      xor('rax', 'rax', 4),
      ...poolTypeOfFlags(),
      moveImmediate('r9', 1),
      test('rbp', uninitialized, 4),
      jumpIf('e', 'zeroed'),
      xor('r9', 'r9', 4),
      mark('zeroed'),
      moveTo('r8', 'rbx', 4),
      move('rdx', 'rsi'),
      moveTo('rcx', 'rdi', 4),
      call('ExpAllocatePoolWithTagFromNode'),
      mark('done'),
    ],
    { exported: true },
  );

/** Address in rcx, tag in edx. */
const freeHeapPool = (
  services: KernelServices,
  watched: WatchedPool,
  failure: HeapFailure,
): FunctionSpec<PrologStep> =>
  x64Function('ExFreeHeapPool', prologOf(0xe0), [
    move('rbp', 'rcx'),
    moveTo('rbx', 'rdx', 4),
    intrinsic((cpu, place) => {
      const { rbp, rbx } = cpu.registers;
      if (watched.holds(rbp)) return goTo(cpu, place, 'special');
      return failure.attempt(cpu, place, freeSteps, () => {
        services.freePool(rbp, Number(rbx));
        goTo(cpu, place, 'done');
      });
    }),
    mark('special'),
    move('rcx', 'rbp'),
    call('ExpFreeHeapSpecialPool'),
    jump('done'),
    ...lastSteps(freeSteps),
  ]);

/** Calls that only hand on to those above. */
const shortCalls = (): FunctionSpec<PrologStep>[] => [
  x64Function('ExAllocatePool', [], [moveImmediate('r8', noTag), jump('ExAllocatePoolWithTag')], {
    exported: true,
    noEpilog: true,
  }),
  x64Function('ExFreePool', [allocated(0x28)], [call('ExFreeHeapPool'), nothing()], { exported: true }),
  x64Function('ExFreePoolWithTag', [allocated(0x28)], [call('ExFreeHeapPool'), nothing()], {
    exported: true,
  }),
];

/** Allocation and free on kernels whose pool is a segment heap. */
export function heapPoolFunctions(
  services: KernelServices,
  watched: WatchedPool,
): FunctionSpec<PrologStep>[] {
  const failure = new HeapFailure();
  return [
    allocateWithTag(),
    allocateFromNode(),
    allocate2(),
    allocateHeapPool(services, watched, failure),
    freeHeapPool(services, watched, failure),
    ...shortCalls(),
    ...heapStepFunctions(failure),
  ];
}
