import { assert, type Va } from '@poolscope/engine/base';
import type { DriverVerifier, VerifierCaller } from '../../driver-verifier/index.ts';
import type { SpecialPool } from '../../special-pool/index.ts';
import type { Cpu } from '../cpu.ts';

/** What the functions of special pool and of the verifier work on, once the machine is up. */
export interface WatchedPoolHost {
  readonly cpu: Cpu;
  /** Number of the processor that runs. */
  readonly processor: number;
  readonly special: SpecialPool | undefined;
  readonly verifier: DriverVerifier | undefined;
  /** ETHREAD of the thread that runs. */
  readonly thread: () => Va;
}

/** Special pool and the verifier as their functions of nt see them. */
export class WatchedPool {
  #host: WatchedPoolHost | undefined;

  attach(host: WatchedPoolHost): void {
    this.#host = host;
  }

  /** Is a block to come from special pool, whoever asks? */
  chooses(bytes: bigint, tag: number): boolean {
    return this.#host?.special?.chooses(Number(bytes), tag) ?? false;
  }

  holds(va: Va): boolean {
    return this.#host?.special?.holds(va) ?? false;
  }

  /** 0: the block has to come from ordinary pool. */
  allocateSpecial(bytes: bigint, tag: number, type: number, byVerifier: boolean): Va {
    const { special, cpu } = this.#up;
    if (special === undefined || bytes > 0x1000n) return 0n;
    return special.allocate({ type, bytes: Number(bytes), tag, irql: cpu.irql, byVerifier }) ?? 0n;
  }

  freeSpecial(va: Va): void {
    const { special, cpu, thread } = this.#up;
    assert(special !== undefined, 'the machine has special pool');
    special.free(va, { irql: cpu.irql, thread: thread(), stackPointer: cpu.registers.rsp });
  }

  checkSlop(va: Va): void {
    this.#up.special?.checkSlop(va);
  }

  checkAllocation(type: number, bytes: bigint, tag: number): void {
    const { verifier, cpu } = this.#up;
    verifier?.checkAllocation(type, bytes, tag, cpu.irql);
  }

  noteAllocation(address: Va, bytes: bigint, type: number, tag: number): void {
    this.#up.verifier?.noteAllocation({ address, bytes: Number(bytes), type, tag }, this.#caller());
  }

  /** What is in front of a block has been read: it is there. */
  checkFree(address: Va): void {
    const { verifier, cpu } = this.#up;
    const isWhole = (address & 0xfffn) === 0n;
    verifier?.checkFree(address, isWhole ? undefined : Number(cpu.read(address - 0x10n, 4)), cpu.irql);
  }

  noteFree(address: Va): void {
    this.#up.verifier?.noteFree(address, this.#caller());
  }

  /** A verified driver wants another IRQL. */
  changeIrql(from: number, to: number, raises: boolean): void {
    const { verifier, processor } = this.#up;
    verifier?.changeIrql({ from, to, processor, ...this.#caller() }, raises);
  }

  /** A driver is done: what has it not freed? `base` is the start of its image. */
  checkUnload(base: Va): void {
    this.#up.verifier?.unload(base);
  }

  get #up(): WatchedPoolHost {
    assert(this.#host !== undefined, 'the machine is not up');
    return this.#host;
  }

  /** Return addresses of the functions on the stack, but for that of user mode. */
  #caller(): VerifierCaller {
    const { cpu, thread } = this.#up;
    const [, ...older] = cpu.calls.frames(cpu.slot, cpu.snapshot());
    return { thread: thread(), stack: older.map(({ ip }) => ip).filter((ip) => ip >> 63n === 1n) };
  }
}
