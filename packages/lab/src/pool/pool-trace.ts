import { wrap64 } from '@poolscope/engine/base';
import type { KernelAddress } from './kernel-address.ts';
import {
  MemoryFault,
  PoolBugCheck,
  PoolFault,
  type PoolStep,
  type PoolValueName,
  type PoolValues,
  poolValueNames,
} from './pool-fault.ts';
import type { PoolMemory } from './pool-memory.ts';

const absent = Number.NaN;

/**
 * Where the pool's code is and which pointers it has in hand, kept as the processor keeps them in registers: when an access
 * fails, this is what the fault tells.
 */
export class PoolTrace {
  step: PoolStep = 'start';
  irql = 0;
  descriptor: KernelAddress = absent;
  head: KernelAddress = absent;
  entry: KernelAddress = absent;
  flink: KernelAddress = absent;
  blink: KernelAddress = absent;
  header: KernelAddress = absent;
  next: KernelAddress = absent;
  previous: KernelAddress = absent;
  list: KernelAddress = absent;
  process: KernelAddress = absent;
  heap: KernelAddress = absent;
  context: KernelAddress = absent;
  subsegment: KernelAddress = absent;
  chunk: KernelAddress = absent;
  node: KernelAddress = absent;
  tree: KernelAddress = absent;
  range: KernelAddress = absent;
  /** Functions of nt that the code is in, outermost first: what a stack is made from when it fails. */
  readonly #path: string[] = [];
  /** What the access adds to the pointer that it goes through. */
  #base: KernelAddress = absent;
  #offset = 0;

  begin(irql: number): void {
    this.step = 'start';
    this.irql = irql;
    this.descriptor = absent;
    this.head = absent;
    this.entry = absent;
    this.flink = absent;
    this.blink = absent;
    this.header = absent;
    this.next = absent;
    this.previous = absent;
    this.list = absent;
    this.process = absent;
    this.heap = absent;
    this.context = absent;
    this.subsegment = absent;
    this.chunk = absent;
    this.node = absent;
    this.tree = absent;
    this.range = absent;
    this.#path.length = 0;
  }

  /** The code is in a function of nt from here to `leave`. One that fails before that stays on the path. */
  enter(name: string): void {
    this.#path.push(name);
  }

  leave(): void {
    this.#path.pop();
  }

  /** Does work of a function of nt. */
  in<T>(name: string, work: () => T): T {
    this.enter(name);
    const result = work();
    this.leave();
    return result;
  }

  /** The next access goes to `base + offset`. */
  at(step: PoolStep, base: KernelAddress, offset = 0): void {
    this.step = step;
    this.#base = base;
    this.#offset = offset;
  }

  values(memory: PoolMemory): PoolValues {
    const values: Partial<Record<PoolValueName, bigint>> = {};
    for (const name of poolValueNames) {
      const value = this[name];
      if (!Number.isNaN(value)) values[name] = memory.exact(value);
    }
    return values;
  }

  /** Tells a failed access with its step, and a failed check with the functions it was in; any other error stays what it is. */
  explain(error: unknown, memory: PoolMemory): unknown {
    if (error instanceof PoolBugCheck && error.path.length === 0 && this.#path.length > 0) {
      const values = { ...this.values(memory), ...error.values };
      return new PoolBugCheck(error.code, error.parameters, values, [...this.#path]);
    }
    if (!(error instanceof MemoryFault)) return error;
    const isProtection = error.kind === 'general-protection';
    return new PoolFault({
      kind: error.kind,
      step: this.step,
      address: isProtection
        ? wrap64(memory.exact(this.#base) + BigInt(this.#offset))
        : memory.exact(error.address),
      write: error.write,
      values: this.values(memory),
      irql: this.irql,
      path: [...this.#path],
    });
  }
}
