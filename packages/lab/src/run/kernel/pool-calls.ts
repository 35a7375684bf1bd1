import type { CodePlace, Instruction } from '../../image/code.ts';
import { mark } from '../../image/code.ts';
import type { FunctionSpec } from '../../image/image-spec.ts';
import {
  call,
  fastFail,
  jump,
  lea,
  leaSymbol,
  load,
  move,
  moveImmediate,
  moveTo,
  store,
} from '../../image/x64-code.ts';
import { compare, exchange, jumpIf, nothing, test, xor } from '../../image/x64-data.ts';
import { x64Function } from '../../image/x64-function.ts';
import { at } from '../../image/x64-operands.ts';
import { allocated, type PrologStep, pushedAll } from '../../image/x64-prolog.ts';
import type { X64Cpu } from '../../image/x64-registers.ts';
import { PoolBugCheck, PoolFault, type PoolStep, type PoolValues } from '../../pool/pool-fault.ts';
import { goTo, intrinsic } from '../code-map.ts';
import type { KernelServices } from '../kernel-services.ts';
import type { WatchedPool } from './watched-pool.ts';

/** Tag of blocks that come without one. */
const noTag = 0x656e_6f4e;

const securityCheckFailure = 0x139;
/** POOL_DESCRIPTOR.PagedLock and NonPagedLock. */
const descriptorLock = 8n;

/** Steps at which the list of free blocks is walked: all are in one row of instructions. */
const listSteps: ReadonlySet<PoolStep> = new Set([
  'read-list-head',
  'read-entry-flink',
  'unlink-blink',
  'read-entry-blink',
  'unlink-flink',
]);

/** Goes on where the list of free blocks is walked, with the head in hand: the instructions themselves find the fault. */
function walkFrom(cpu: X64Cpu, place: CodePlace, { head = 0n, descriptor }: PoolValues): void {
  const { registers } = cpu;
  registers.rbx = head;
  if (descriptor !== undefined) {
    registers.rbp = descriptor;
    registers.r13 = descriptor + descriptorLock;
  }
  goTo(cpu, place, 'walk');
}

/** Registers and place of the instruction that fails, when the pool's own code cannot go on. */
function resumeAtFault(cpu: X64Cpu, place: CodePlace, fault: PoolFault, walks: boolean): void {
  const { registers } = cpu;
  const { values, step } = fault;
  cpu.irql = Math.max(cpu.irql, fault.irql);
  if (walks && values.head !== undefined && listSteps.has(step)) {
    return walkFrom(cpu, place, values);
  }
  if (!walks && step === 'read-deferred' && values.entry !== undefined) {
    registers.rbp = values.descriptor ?? 0n;
    registers.rsi = values.entry;
    return goTo(cpu, place, 'deferred');
  }
  registers.rcx = fault.address;
  registers.rax = values.entry ?? values.header ?? 0n;
  registers.r8 = values.next ?? values.flink ?? 0n;
  return goTo(cpu, place, fault.write ? 'write' : 'read');
}

/** The pool's parameters go where the code takes them from. */
function resumeAtBugCheck(cpu: X64Cpu, place: CodePlace, error: PoolBugCheck, walks: boolean): void {
  const { registers } = cpu;
  const { code, parameters, values } = error;
  if (code === securityCheckFailure) {
    if (walks && values.head !== undefined) return walkFrom(cpu, place, values);
    registers.rbx = values.head ?? registers.rbx;
    registers.r8 = values.entry ?? 0n;
    return goTo(cpu, place, 'corrupt');
  }
  [registers.rsi, registers.r12, registers.r13, registers.r14] = parameters as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  registers.rbp = BigInt(code);
  return goTo(cpu, place, 'stop');
}

function attempt(cpu: X64Cpu, place: CodePlace, walks: boolean, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (error instanceof PoolFault) resumeAtFault(cpu, place, error, walks);
    else if (error instanceof PoolBugCheck) resumeAtBugCheck(cpu, place, error, walks);
    else throw error;
  }
}

/** Accesses that fail outside the walk of a list, and the bug check. */
const lastSteps: readonly Instruction[] = [
  // A list entry that is not linked as it should be: FAST_FAIL_CORRUPT_LIST_ENTRY.
  mark('corrupt'),
  moveImmediate('rcx', 3),
  fastFail(),
  mark('read'),
  load('rdx', 'rcx', 0),
  jump('done'),
  mark('write'),
  store('rcx', 0, 'r8'),
  jump('done'),
  mark('stop'),
  store('rsp', 0x20, 'r14'),
  move('r9', 'r13'),
  move('r8', 'r12'),
  move('rdx', 'rsi'),
  moveTo('rcx', 'rbp', 4),
  call('KeBugCheckEx'),
  nothing(),
];

/** The list head is in rbx, the entry goes to r8, what follows it to rax: does that point back? */
const walkSteps: readonly Instruction[] = [
  // What the article's registers hold besides: a table of the pools, the number of the list, and the size of a page.
  mark('walk'),
  leaSymbol('rcx', 'PoolVector'),
  move('r10', 'rcx'),
  lea('r11', 'r14', -1),
  moveImmediate('r9', 1),
  moveImmediate('rsi', 0x1000),
  mark('unlink'),
  lea('rdx', 'rsp', 0x40),
  exchange('rdx', at('r13')),
  test('rdx', 'rdx'),
  jumpIf('ne', 'wait'),
  mark('locked'),
  compare(at('rbx'), 'rbx'),
  jumpIf('e', 'empty'),
  load('r8', 'rbx', 0),
  load('rax', 'r8', 0),
  load('r9', 'rax', 8),
  compare('r9', 'r8'),
  jumpIf('ne', 'corrupt'),
  load('rcx', 'r8', 8),
  compare(at('rcx'), 'r8'),
  jumpIf('ne', 'corrupt'),
  store('rcx', 0, 'rax'),
  store('rax', 8, 'rcx'),
  jump('done'),
  mark('wait'),
  lea('rcx', 'rsp', 0x40),
  jump('locked'),
];

/**
 * POOL_TYPE in ecx, bytes in rdx, tag in r8d. The walk from `unlink` on is that of the article's part 1: the list head in
 * rbx, the entry in r8, what follows it in rax, and the check that this points back.
 */
const allocate = (services: KernelServices, watched: WatchedPool): FunctionSpec<PrologStep> =>
  x64Function(
    'ExAllocatePoolWithTag',
    [...pushedAll('rbx', 'rbp', 'rsi', 'rdi', 'r12', 'r13', 'r14', 'r15'), allocated(0x58)],
    [
      moveTo('r15', 'r8', 4),
      moveTo('rdi', 'rcx', 4),
      move('rsi', 'rdx'),
      lea('r14', 'rdx', 0x1f),
      intrinsic((cpu, place) => {
        const { rsi, r15, r14 } = cpu.registers;
        cpu.registers.r14 = r14 >> 4n;
        if (!watched.chooses(rsi, Number(r15))) goTo(cpu, place, 'ordinary');
      }),
      move('rcx', 'rsi'),
      moveTo('rdx', 'r15', 4),
      moveTo('r8', 'rdi', 4),
      xor('r9', 'r9', 4),
      call('MmAllocateSpecialPool'),
      test('rax', 'rax'),
      jumpIf('ne', 'done'),
      mark('ordinary'),
      xor('r12', 'r12', 4),
      intrinsic((cpu, place) => {
        const { rdi, rsi, r15 } = cpu.registers;
        attempt(cpu, place, true, () => {
          cpu.registers.rax = services.allocatePool(Number(rdi), rsi, Number(r15));
          goTo(cpu, place, 'done');
        });
      }),
      ...walkSteps,
      ...lastSteps,
      mark('empty'),
      xor('rax', 'rax', 4),
      mark('done'),
    ],
    { exported: true },
  );

/** Address in rcx, tag in edx. */
const free = (services: KernelServices, watched: WatchedPool): FunctionSpec<PrologStep> =>
  x64Function(
    'ExFreePoolWithTag',
    [...pushedAll('rbx', 'rbp', 'rsi', 'rdi', 'r12', 'r13', 'r14', 'r15'), allocated(0x58)],
    [
      move('rbx', 'rcx'),
      moveTo('r15', 'rdx', 4),
      lea('rdi', 'rcx', -0x10),
      intrinsic((cpu, place) => {
        if (watched.holds(cpu.registers.rbx)) return goTo(cpu, place, 'special');
        return attempt(cpu, place, false, () => {
          services.freePool(cpu.registers.rbx, Number(cpu.registers.r15));
          goTo(cpu, place, 'done');
        });
      }),
      mark('special'),
      move('rcx', 'rbx'),
      call('MmFreeSpecialPool'),
      jump('done'),
      mark('deferred'),
      move('rcx', 'rbp'),
      move('rdx', 'rsi'),
      call('ExDeferredFreePool'),
      jump('done'),
      ...lastSteps,
      mark('done'),
    ],
    { exported: true },
  );

/** The walk over blocks that wait for their free: descriptor in rcx, a block's body in rdx, linked by its first word. */
const deferredFree = (): FunctionSpec<PrologStep> =>
  x64Function(
    'ExDeferredFreePool',
    [...pushedAll('rbx', 'rbp', 'rsi', 'rdi'), allocated(0x28)],
    [
      move('rbp', 'rcx'),
      move('rbx', 'rdx'),
      mark('again'),
      test('rbx', 'rbx'),
      jumpIf('e', 'empty'),
      lea('rsi', 'rbx', -0x10),
      load('rdi', 'rbx', 0),
      move('rbx', 'rdi'),
      jump('again'),
      mark('empty'),
    ],
  );

/** Calls that only hand on to the two above. */
const shortCalls: readonly FunctionSpec<PrologStep>[] = [
  x64Function('ExAllocatePool', [], [moveImmediate('r8', noTag), jump('ExAllocatePoolWithTag')], {
    exported: true,
    noEpilog: true,
  }),
  x64Function('ExFreePool', [], [xor('rdx', 'rdx', 4), jump('ExFreePoolWithTag')], {
    exported: true,
    noEpilog: true,
  }),
];

export const poolFunctions = (services: KernelServices, watched: WatchedPool): FunctionSpec<PrologStep>[] => [
  allocate(services, watched),
  free(services, watched),
  deferredFree(),
  ...shortCalls,
];
