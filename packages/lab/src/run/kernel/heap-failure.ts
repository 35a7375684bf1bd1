import type { CodePlace, Instruction } from '../../image/code.ts';
import { mark } from '../../image/code.ts';
import { call, fastFail, jump, load, move, moveImmediate, moveTo, store } from '../../image/x64-code.ts';
import { nothing } from '../../image/x64-data.ts';
import type { X64Cpu, X64Register } from '../../image/x64-registers.ts';
import { PoolBugCheck, PoolFault, type PoolValueName } from '../../pool/pool-fault.ts';
import { goTo, intrinsic } from '../code-map.ts';

const heapCorruption = 0x13a;
const securityCheckFailure = 0x139;
/** FAST_FAIL_INVALID_BALANCED_TREE; the other code is FAST_FAIL_CORRUPT_LIST_ENTRY. */
const invalidTree = 0x1d;
const corruptList = 3;

/** Where the heap's functions keep what they have in hand: registers that their callees save, so that stacks show them. */
const registers: Readonly<Partial<Record<PoolValueName, X64Register>>> = {
  heap: 'rbx',
  node: 'rsi',
  context: 'rdi',
  range: 'r12',
  subsegment: 'r13',
  header: 'r14',
  chunk: 'r15',
  tree: 'r10',
  previous: 'r11',
  next: 'rdx',
  entry: 'rax',
};

/**
 * What the pool's code has met, on the way to the function that meets it: each function on that way looks whether it is the
 * last one, or which it has to call.
 */
export class HeapFailure {
  #error: PoolBugCheck | PoolFault | undefined;
  /** Functions of the path that were entered. */
  #depth = 0;

  /** Does the work; a failure of the pool goes on at the label of the function that has to be called, or of the last step. */
  attempt(cpu: X64Cpu, place: CodePlace, callees: readonly string[], work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof PoolBugCheck || error instanceof PoolFault)) throw error;
      this.#error = error;
      this.#depth = 0;
      this.#enter(cpu, place, callees, error);
    }
  }

  /** The beginning of a function on the way. */
  entry(callees: readonly string[]): Instruction {
    return intrinsic((cpu, place) => {
      if (this.#error === undefined) goTo(cpu, place, 'done');
      else this.#enter(cpu, place, callees, this.#error);
    });
  }

  #enter(cpu: X64Cpu, place: CodePlace, callees: readonly string[], error: PoolBugCheck | PoolFault): void {
    for (const [name, register] of Object.entries(registers)) {
      const value = error.values[name as PoolValueName];
      if (value !== undefined) cpu.registers[register] = value;
    }
    // Functions that this one does not call are part of it.
    const next = error.path.findIndex((name, index) => index >= this.#depth && callees.includes(name));
    if (next >= 0) {
      this.#depth = next + 1;
      return goTo(cpu, place, callOf(error.path[next]!));
    }
    return error instanceof PoolFault ? faultAt(cpu, place, error) : stopAt(cpu, place, error);
  }
}

function faultAt(cpu: X64Cpu, place: CodePlace, { address, irql, write }: PoolFault): void {
  cpu.irql = Math.max(cpu.irql, irql);
  cpu.registers.rcx = address;
  goTo(cpu, place, write ? 'write' : 'read');
}

function stopAt(cpu: X64Cpu, place: CodePlace, { code, parameters }: PoolBugCheck): void {
  const [first, second, third, fourth] = parameters;
  if (code === securityCheckFailure)
    return goTo(cpu, place, first === BigInt(invalidTree) ? 'corrupt tree' : 'corrupt list');
  if (code === heapCorruption) {
    Object.assign(cpu.registers, { rcx: first, rdx: second, r8: third, r9: 0n });
    return goTo(cpu, place, 'log');
  }
  Object.assign(cpu.registers, { rcx: BigInt(code), rdx: first, r8: second, r9: third, r10: fourth });
  return goTo(cpu, place, 'stop');
}

/** The label in front of a function's call. */
const callOf = (name: string): string => `call ${name}`;

/** Accesses and checks that may be the last step of a function, and its calls of those that may be next on the way. */
export const lastSteps = (callees: readonly string[]): Instruction[] => [
  ...callees.flatMap((name) => [
    mark(callOf(name)),
    move('rcx', 'rdi'),
    move('r8', 'rsi'),
    call(name),
    jump('done'),
  ]),
  mark('corrupt list'),
  moveImmediate('rcx', corruptList),
  fastFail(),
  mark('corrupt tree'),
  moveImmediate('rcx', invalidTree),
  fastFail(),
  mark('read'),
  load('rdx', 'rcx', 0),
  jump('done'),
  mark('write'),
  store('rcx', 0, 'r8'),
  jump('done'),
  mark('log'),
  call('RtlpLogHeapFailure'),
  jump('done'),
  mark('stop'),
  store('rsp', 0x20, 'r10'),
  moveTo('rcx', 'rcx', 4),
  call('KeBugCheckEx'),
  nothing(),
  mark('done'),
];
