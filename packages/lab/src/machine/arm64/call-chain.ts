import { assert, type Va } from '@poolscope/engine/base';
import { concatBytes, u64Bytes } from '../../bytes/integers.ts';
import type { Arm64Step } from '../../image/arm64-function.ts';
import type { PlacedFunction } from '../../image/built-image.ts';
import type { AddressSpace } from '../../memory/address-space.ts';
import type { SimulatedThread } from '../simulated-thread.ts';
import type { Registers, TrueFrame } from '../truth.ts';

export type Arm64Function = PlacedFunction<Arm64Step>;

/** Saved program state: EL1 with interrupts on. */
const cpsr = 0x6000_0044n;

/** What the entry of a trap handler stores: sp and pc of the interrupted code. */
const machineFrameSize = 0x10n;

/** A thread of arm64: registers are x0..x28, fp, lr, sp. A return address is in lr until the callee stores it. */
export class CallChain implements SimulatedThread<Arm64Step> {
  readonly #space: AddressSpace;
  readonly #registers: Record<string, bigint>;
  readonly #older: TrueFrame[] = [];
  #current: Arm64Function | undefined;
  #ip: Va = 0n;
  #nextValue = 0x101n;

  constructor(space: AddressSpace, stackPointer: Va) {
    this.#space = space;
    const general = Array.from({ length: 29 }, (_, index) => [`x${index}`, 0n]);
    this.#registers = { ...Object.fromEntries(general), fp: 0n, lr: 0n, sp: stackPointer };
  }

  get registers(): Registers {
    return { ...this.#registers, pc: this.#ip, cpsr };
  }

  get stackPointer(): Va {
    return this.#registers['sp']!;
  }

  /** Not known: KTRAP_FRAME of arm64 is not published. */
  get trapFrame(): undefined {
    return undefined;
  }

  set(values: Registers): this {
    Object.assign(this.#registers, values);
    return this;
  }

  store(offset: number, bytes: Uint8Array): Va {
    const va = this.stackPointer + BigInt(offset);
    this.#space.write(va, bytes);
    return va;
  }

  start(first: Arm64Function): this {
    return this.set({ lr: 0n }).#enter(first);
  }

  enterFromUser(handler: Arm64Function, user: { ip: Va; sp: Va }): this {
    this.#older.push({
      function: undefined,
      offset: 0,
      ip: user.ip,
      sp: user.sp,
      leftBy: 'trap',
      registers: { ...this.registers, pc: user.ip, sp: user.sp },
    });
    this.#pushMachineFrame(user.ip, user.sp);
    return this.#enter(handler);
  }

  call(callee: Arm64Function, values: Registers = {}): this {
    this.#leaveByCall(callee);
    return this.#enter(callee).set(values);
  }

  moveTo(part: Arm64Function): this {
    this.#current = part;
    return this;
  }

  stopAt(callee: Arm64Function, values: readonly bigint[]): this {
    this.set(Object.fromEntries(values.map((value, index) => [`x${index}`, value])));
    this.#leaveByCall(callee);
    this.#current = callee;
    this.#ip = callee.address;
    return this;
  }

  trap(at: string, handler: Arm64Function): this {
    this.#ip = this.#running().mark(at);
    this.#note('trap');
    this.#pushMachineFrame(this.#ip, this.stackPointer);
    return this.#enter(handler);
  }

  frames(): readonly TrueFrame[] {
    this.#note('context');
    return this.#older.toReversed();
  }

  #leaveByCall(callee: Arm64Function): void {
    const caller = this.#running();
    const name = caller.image === callee.image ? callee.spec.name : callee.symbol;
    this.#ip = caller.returnFrom(name);
    this.#note('call');
    this.#registers['lr'] = this.#ip;
  }

  #enter(callee: Arm64Function): this {
    this.#current = callee;
    for (const step of callee.spec.prolog) this.#run(step);
    for (const step of callee.spec.prolog)
      if (step.op === 'savePair')
        for (const number of [step.first, step.first + 1]) this.#registers[`x${number}`] = this.#nextValue++;
    return this;
  }

  #run(step: Arm64Step): void {
    const registers = this.#registers;
    if (step.op === 'pushFrame') {
      registers['sp'] = this.stackPointer - BigInt(step.size);
      this.#storePair(0, registers['fp']!, registers['lr']!);
    } else if (step.op === 'setFrame') registers['fp'] = this.stackPointer;
    else if (step.op === 'allocate') registers['sp'] = this.stackPointer - BigInt(step.size);
    else if (step.op === 'savePair') {
      const second = step.first === 28 ? 'fp' : `x${step.first + 1}`;
      this.#storePair(step.offset, registers[`x${step.first}`]!, registers[second]!);
    }
  }

  #storePair(offset: number, first: bigint, second: bigint): void {
    this.store(offset, concatBytes([u64Bytes(first), u64Bytes(second)]));
  }

  #pushMachineFrame(ip: Va, sp: Va): void {
    this.#registers['sp'] = this.stackPointer - machineFrameSize;
    this.#storePair(0, sp, ip);
  }

  #running(): Arm64Function {
    assert(this.#current !== undefined, 'the thread runs no function yet');
    return this.#current;
  }

  #note(leftBy: TrueFrame['leftBy']): void {
    const running = this.#running();
    this.#older.push({
      function: running.symbol,
      offset: Number(this.#ip - running.address),
      ip: this.#ip,
      leftBy,
      sp: this.stackPointer,
      registers: this.registers,
    });
  }
}
