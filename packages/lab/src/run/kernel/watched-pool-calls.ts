import type { Instruction } from '../../image/code.ts';
import { mark } from '../../image/code.ts';
import type { FunctionSpec } from '../../image/image-spec.ts';
import {
  call,
  callTo,
  jump,
  lea,
  load,
  move,
  moveFrom,
  moveImmediate,
  moveTo,
  store,
} from '../../image/x64-code.ts';
import { and, jumpIf, nothing, test, xor } from '../../image/x64-data.ts';
import { x64Function } from '../../image/x64-function.ts';
import { at, atSymbol } from '../../image/x64-operands.ts';
import { allocated, type PrologStep, pushed, pushedAll } from '../../image/x64-prolog.ts';
import type { X64Cpu } from '../../image/x64-registers.ts';
import { PoolBugCheck } from '../../pool/pool-fault.ts';
import { goTo, intrinsic } from '../code-map.ts';
import { poolTypeOfFlags, uninitialized } from './pool-flags.ts';
import type { WatchedPool } from './watched-pool.ts';

/** `Wrap`: what the verifier makes of a request without a tag. Source: the article's part 2. */
const noTag = 0x7061_7257;
/** NormalPoolPriority */
const normalPriority = 0x10;
const [specialPool, poolTracking] = [1, 8];

/** Work that goes on at `done`, and with a bug check at `stop`: its code and parameters in rcx, rdx, r8, r9 and r10. */
export const checked = (
  work: (cpu: X64Cpu) => void,
  labelOf: (error: PoolBugCheck) => string = () => 'stop',
): Instruction =>
  intrinsic((cpu, place) => {
    try {
      work(cpu);
    } catch (error) {
      if (!(error instanceof PoolBugCheck)) throw error;
      const label = labelOf(error);
      if (label === 'stop') {
        const [rdx, r8, r9, r10] = error.parameters;
        Object.assign(cpu.registers, { rcx: BigInt(error.code), rdx, r8, r9, r10 });
      }
      return goTo(cpu, place, label);
    }
    return goTo(cpu, place, 'done');
  });

const stopWith = (name: string): Instruction[] => [
  mark('stop'),
  store('rsp', 0x20, 'r10'),
  call(name),
  nothing(),
];

/** What functions of special pool are called. */
interface SpecialNames {
  readonly allocate: string;
  readonly free: string;
  /** Looks at the bytes around a block; absent: the free itself does. */
  readonly checkSlop?: string;
}

const classicNames: SpecialNames = {
  allocate: 'MmAllocateSpecialPool',
  free: 'MmFreeSpecialPool',
  checkSlop: 'MiCheckSpecialPoolSlop',
};
const heapNames: SpecialNames = { allocate: 'ExAllocateHeapSpecialPool', free: 'ExpFreeHeapSpecialPool' };

/** Bytes in rcx, tag in edx, POOL_TYPE in r8d; r9d is not 0 for the verifier. 0 comes back where there is no room. */
const allocateSpecial = (pool: WatchedPool, names: SpecialNames): FunctionSpec<PrologStep> =>
  x64Function(
    names.allocate,
    [...pushedAll('rbx', 'rsi', 'rdi'), allocated(0x30)],
    [
      move('rbx', 'rcx'),
      moveTo('rsi', 'rdx', 4),
      moveTo('rdi', 'r8', 4),
      checked((cpu) => {
        const { rbx, rsi, rdi, r9 } = cpu.registers;
        cpu.registers.rax = pool.allocateSpecial(rbx, Number(rsi), Number(rdi), r9 !== 0n);
      }),
      ...stopWith('KeBugCheckEx'),
      mark('done'),
    ],
  );

/** 0xC1 for a byte of the slop is found in a function of its own. */
const slopKinds: ReadonlySet<bigint> = new Set([0x23n, 0x24n, 0x32n]);

const freeSpecial = (pool: WatchedPool, { free: name, checkSlop }: SpecialNames): FunctionSpec<PrologStep> =>
  x64Function(
    name,
    [...pushedAll('rbx', 'rsi', 'rdi'), allocated(0x30)],
    [
      move('rbx', 'rcx'),
      checked(
        (cpu) => pool.freeSpecial(cpu.registers.rbx),
        ({ parameters }) => (checkSlop !== undefined && slopKinds.has(parameters[3]) ? 'slop' : 'stop'),
      ),
      ...(checkSlop === undefined ? [] : [mark('slop'), move('rcx', 'rbx'), call(checkSlop), jump('done')]),
      ...stopWith('KeBugCheckEx'),
      mark('done'),
    ],
  );

const checkSlop = (pool: WatchedPool, name: string): FunctionSpec<PrologStep> =>
  x64Function(
    name,
    [allocated(0x38)],
    [checked((cpu) => pool.checkSlop(cpu.registers.rcx)), ...stopWith('KeBugCheckEx'), mark('done')],
  );

/** Calls of a verified driver arrive here instead. */
const allocateWithTag = (): FunctionSpec<PrologStep> =>
  x64Function(
    'VerifierExAllocatePoolWithTag',
    [allocated(0x28)],
    [moveImmediate('r9', normalPriority), call('VeAllocatePoolWithTagPriority')],
  );

const allocate = (): FunctionSpec<PrologStep> =>
  x64Function(
    'VerifierExAllocatePool',
    [allocated(0x28)],
    [moveImmediate('r8', noTag), moveImmediate('r9', normalPriority), call('VeAllocatePoolWithTagPriority')],
  );

/** POOL_TYPE in ecx, bytes in rdx, tag in r8d: from special pool, or else from ordinary pool with room for a record's address. */
const allocateVerified = ({ allocate: allocateFromSpecial }: SpecialNames): FunctionSpec<PrologStep> =>
  x64Function(
    'VeAllocatePoolWithTagPriority',
    [...pushedAll('rbx', 'rsi', 'rdi', 'r14', 'r15'), allocated(0x30)],
    [
      moveTo('rdi', 'rcx', 4),
      move('rbx', 'rdx'),
      moveTo('r15', 'r8', 4),
      call('ExAllocatePoolSanityChecks'),
      test(atSymbol('MmVerifierData'), specialPool, 4),
      jumpIf('e', 'ordinary'),
      move('rcx', 'rbx'),
      moveTo('rdx', 'r15', 4),
      moveTo('r8', 'rdi', 4),
      moveImmediate('r9', 2),
      call(allocateFromSpecial),
      move('rsi', 'rax'),
      test('rax', 'rax'),
      jumpIf('ne', 'note'),
      mark('ordinary'),
      move('rdx', 'rbx'),
      test(atSymbol('MmVerifierData'), poolTracking, 4),
      jumpIf('e', 'ask'),
      lea('rdx', 'rbx', 0xf),
      and('rdx', -8),
      mark('ask'),
      moveTo('rcx', 'rdi', 4),
      moveTo('r8', 'r15', 4),
      call('ExAllocatePoolWithTag'),
      move('rsi', 'rax'),
      mark('note'),
      move('rcx', 'rsi'),
      move('rdx', 'rbx'),
      moveTo('r8', 'rdi', 4),
      moveTo('r9', 'r15', 4),
      call('ViPostPoolAllocation'),
      move('rax', 'rsi'),
    ],
  );

const checkAllocation = (pool: WatchedPool): FunctionSpec<PrologStep> =>
  x64Function(
    'ExAllocatePoolSanityChecks',
    [allocated(0x38)],
    [
      checked((cpu) => {
        const { rcx, rdx, r8 } = cpu.registers;
        pool.checkAllocation(Number(rcx & 0xffff_ffffn), rdx, Number(r8 & 0xffff_ffffn));
      }),
      ...stopWith('VerifierBugCheckIfAppropriate'),
      mark('done'),
    ],
  );

/** Address in rcx, bytes in rdx, POOL_TYPE in r8d, tag in r9d: record and log. */
const noteAllocation = (pool: WatchedPool): FunctionSpec<PrologStep> =>
  x64Function(
    'ViPostPoolAllocation',
    [pushed('rbx'), allocated(0x20)],
    [
      move('rbx', 'rcx'),
      intrinsic((cpu) => {
        const { rbx, rdx, r8, r9 } = cpu.registers;
        pool.noteAllocation(rbx, rdx, Number(r8), Number(r9));
      }),
    ],
  );

const freeWithTag = (): FunctionSpec<PrologStep> =>
  x64Function(
    'VerifierExFreePoolWithTag',
    [pushed('rbx'), allocated(0x20)],
    [
      store('rsp', 0x38, 'rdx'),
      move('rbx', 'rcx'),
      call('ExFreePoolSanityChecks'),
      move('rcx', 'rbx'),
      call('VfFreePoolNotification'),
      load('rdx', 'rsp', 0x38),
      move('rcx', 'rbx'),
      call('ExFreePoolWithTag'),
    ],
  );

const free = (): FunctionSpec<PrologStep> =>
  x64Function(
    'VerifierExFreePool',
    [allocated(0x28)],
    [xor('rdx', 'rdx', 4), call('VerifierExFreePoolWithTag'), nothing()],
  );

/** The header in front of a block is read before anything else: where the block is gone, this faults. */
const checkFree = (pool: WatchedPool): FunctionSpec<PrologStep> =>
  x64Function(
    'ExFreePoolSanityChecks',
    [...pushedAll('rbx', 'rsi'), allocated(0x28)],
    [
      move('rbx', 'rcx'),
      move('r10', 'rcx'),
      lea('r8', 'rcx', 1),
      xor('rax', 'rax', 4),
      lea('r9', 'rcx', -0x10),
      test('rcx', 0xfff, 4),
      jumpIf('e', 'whole'),
      mark('header'),
      moveFrom('rax', at('r9'), 4),
      mark('whole'),
      moveTo('rsi', 'rax', 4),
      checked((cpu) => pool.checkFree(cpu.registers.rbx)),
      ...stopWith('VerifierBugCheckIfAppropriate'),
      mark('done'),
    ],
  );

const freeNotification = (): FunctionSpec<PrologStep> =>
  x64Function(
    'VfFreePoolNotification',
    [pushed('rbx'), allocated(0x20)],
    [move('rbx', 'rcx'), call('ViFreeTrackedPool'), nothing()],
  );

const noteFree = (pool: WatchedPool): FunctionSpec<PrologStep> =>
  x64Function(
    'ViFreeTrackedPool',
    [allocated(0x38)],
    [
      checked((cpu) => pool.noteFree(cpu.registers.rcx)),
      ...stopWith('VerifierBugCheckIfAppropriate'),
      mark('done'),
    ],
  );

/** A driver object in rcx: the driver's own routine, then its image, whose start is in the object. */
const unloadDriver = (): FunctionSpec<PrologStep> =>
  x64Function(
    'IopUnloadDriver',
    [pushed('rbx'), allocated(0x20)],
    [move('rbx', 'rcx'), callTo(at('rbx', 0x68)), load('rcx', 'rbx', 0x18), call('MmUnloadSystemImage')],
  );

const unloadImage = (): FunctionSpec<PrologStep>[] => [
  x64Function(
    'MmUnloadSystemImage',
    [pushed('rbx'), allocated(0x20)],
    [move('rbx', 'rcx'), call('VfDriverUnloadImage'), nothing()],
  ),
  x64Function('VfDriverUnloadImage', [allocated(0x28)], [call('VfPoolCheckForLeaks'), nothing()]),
];

const checkForLeaks = (pool: WatchedPool): FunctionSpec<PrologStep> =>
  x64Function(
    'VfPoolCheckForLeaks',
    [allocated(0x38)],
    [
      checked((cpu) => pool.checkUnload(cpu.registers.rcx)),
      ...stopWith('VerifierBugCheckIfAppropriate'),
      mark('done'),
    ],
  );

/** Code and parameters as nt!KeBugCheckEx takes them. */
const bugCheckIfAppropriate = (): FunctionSpec<PrologStep> =>
  x64Function(
    'VerifierBugCheckIfAppropriate',
    [allocated(0x38)],
    [load('rax', 'rsp', 0x60), store('rsp', 0x20, 'rax'), call('KeBugCheckEx'), nothing()],
    { noEpilog: true },
  );

/** POOL_FLAGS in rcx, bytes in rdx, tag in r8d: as VerifierExAllocatePoolWithTag, and the block is zeroed. */
const allocate2 = (): FunctionSpec<PrologStep> =>
  x64Function(
    'VerifierExAllocatePool2',
    [...pushedAll('rbx', 'rbp', 'rsi', 'rdi'), allocated(0x28)],
    [
      move('rbp', 'rcx'),
      move('rsi', 'rdx'),
      xor('rax', 'rax', 4),
      ...poolTypeOfFlags(),
      moveImmediate('r9', normalPriority),
      move('rdx', 'rsi'),
      moveTo('rcx', 'rdi', 4),
      call('VeAllocatePoolWithTagPriority'),
      test('rax', 'rax'),
      jumpIf('e', 'done'),
      test('rbp', uninitialized, 4),
      jumpIf('ne', 'done'),
      move('r8', 'rsi'),
      xor('rdx', 'rdx', 4),
      move('rcx', 'rax'),
      call('memset'),
      mark('done'),
    ],
  );

/** Functions of special pool and of Driver Verifier; with a segment heap special pool is part of it. */
export function watchedPoolFunctions(pool: WatchedPool, isHeap: boolean): FunctionSpec<PrologStep>[] {
  const names = isHeap ? heapNames : classicNames;
  return [
    allocateSpecial(pool, names),
    freeSpecial(pool, names),
    ...(names.checkSlop === undefined ? [] : [checkSlop(pool, names.checkSlop)]),
    allocateWithTag(),
    allocate(),
    allocateVerified(names),
    ...verifierFunctions(pool),
    ...(isHeap ? [allocate2()] : []),
  ];
}

const verifierFunctions = (pool: WatchedPool): FunctionSpec<PrologStep>[] => [
  checkAllocation(pool),
  noteAllocation(pool),
  freeWithTag(),
  free(),
  checkFree(pool),
  freeNotification(),
  noteFree(pool),
  unloadDriver(),
  ...unloadImage(),
  checkForLeaks(pool),
  bugCheckIfAppropriate(),
];
