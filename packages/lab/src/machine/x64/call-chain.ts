import { assert, type Va } from '@poolscope/engine/base';
import { KTRAP_FRAME64 } from '@poolscope/engine/layouts';
import { u64Bytes } from '../../bytes/integers.ts';
import { structBytes } from '../../bytes/struct-writer.ts';
import type { PlacedFunction } from '../../image/built-image.ts';
import { type X64Register, x64Registers } from '../../image/x64-code.ts';
import type { PrologStep } from '../../image/x64-prolog.ts';
import type { AddressSpace } from '../../memory/address-space.ts';
import type { FaultReport, SimulatedThread } from '../simulated-thread.ts';
import type { Registers, TrueFrame } from '../truth.ts';

export type X64Function = PlacedFunction<PrologStep>;

const nonvolatile: readonly X64Register[] = ['rbx', 'rbp', 'rsi', 'rdi', 'r12', 'r13', 'r14', 'r15'];

const kernelCode = 0x10n;
const kernelStack = 0x18n;
const userCode = 0x33n;
const userStack = 0x2bn;
/** Interrupts on, and the bit that is always one. */
const usualFlags = 0x5_0246n;

/** A thread of x64. */
export class CallChain implements SimulatedThread<PrologStep> {
  readonly #space: AddressSpace;
  readonly #registers: Record<X64Register, bigint>;
  readonly #older: TrueFrame[] = [];
  #current: X64Function | undefined;
  #ip: Va = 0n;
  #flags = usualFlags;
  #trapFrame: Va | undefined;
  /** Made-up values of nonvolatile registers: small, so that none looks like an address. */
  #nextValue = 0x101n;

  constructor(space: AddressSpace, stackPointer: Va) {
    this.#space = space;
    this.#registers = Object.fromEntries(x64Registers.map((name) => [name, 0n])) as Record<
      X64Register,
      bigint
    >;
    this.#registers.rsp = stackPointer;
  }

  get registers(): Registers {
    return { ...this.#registers, rip: this.#ip, efl: this.#flags };
  }

  get stackPointer(): Va {
    return this.#registers.rsp;
  }

  get trapFrame(): Va | undefined {
    return this.#trapFrame;
  }

  set({ efl = this.#flags, ...values }: Registers): this {
    this.#flags = efl;
    Object.assign(this.#registers, values);
    return this;
  }

  store(offset: number, bytes: Uint8Array): Va {
    const va = this.local(offset);
    this.#space.write(va, bytes);
    return va;
  }

  local(offset: number): Va {
    return this.stackPointer + BigInt(offset);
  }

  start(first: X64Function): this {
    this.#push(0n);
    return this.#enter(first);
  }

  enterFromUser(handler: X64Function, user: { ip: Va; sp: Va }): this {
    this.#older.push({
      function: undefined,
      offset: 0,
      ip: user.ip,
      sp: user.sp,
      leftBy: 'trap',
      registers: { ...this.registers, rip: user.ip, rsp: user.sp },
    });
    this.#pushMachineFrame(user.ip, userCode, user.sp, userStack);
    this.#push(0n);
    return this.#enterTrap(handler);
  }

  call(callee: X64Function, values: Registers = {}): this {
    this.#leaveByCall(callee);
    return this.#enter(callee).set(values);
  }

  /** Four arguments go into registers, the fifth to its place above their home slots. */
  stopAt(callee: X64Function, [rcx = 0n, rdx = 0n, r8 = 0n, r9 = 0n, fifth = 0n]: readonly bigint[]): this {
    this.set({ rcx, rdx, r8, r9 }).store(0x20, u64Bytes(fifth));
    this.#leaveByCall(callee);
    this.#current = callee;
    this.#trapFrame = undefined;
    this.#ip = callee.address;
    return this;
  }

  moveTo(part: X64Function): this {
    this.#current = part;
    return this;
  }

  trap(at: string, handler: X64Function, { errorCode, address }: FaultReport): this {
    this.#ip = this.#running().mark(at);
    this.#note('trap');
    const interrupted = this.stackPointer;
    this.#registers.rsp &= ~0xfn;
    this.#pushMachineFrame(this.#ip, kernelCode, interrupted, kernelStack);
    this.#push(BigInt(errorCode));
    return this.#enterTrap(handler, address);
  }

  frames(): readonly TrueFrame[] {
    this.#note('context');
    return this.#older.toReversed();
  }

  #leaveByCall(callee: X64Function): void {
    const caller = this.#running();
    const sameImage = caller.image === callee.image;
    this.#ip = caller.returnFrom(sameImage ? callee.spec.name : callee.symbol);
    this.#note('call');
    this.#push(this.#ip);
  }

  #enter(callee: X64Function): this {
    this.#current = callee;
    this.#trapFrame = undefined;
    for (const step of callee.spec.prolog) this.#run(step);
    for (const register of this.#savedBy(callee)) this.#registers[register] = this.#nextValue++;
    return this;
  }

  #enterTrap(handler: X64Function, faultAddress = 0n): this {
    const interrupted = { ...this.#registers };
    this.#enter(handler);
    const trapFrame = this.stackPointer;
    this.#writeTrapFrame(trapFrame, interrupted, faultAddress);
    this.#registers.rbp = trapFrame + 0x80n;
    this.#trapFrame = trapFrame;
    return this;
  }

  /** Volatile registers only: the others stay in the processor until some function saves them. */
  #writeTrapFrame(va: Va, values: Record<X64Register, bigint>, faultAddress: Va): void {
    const { rax, rcx, rdx, r8, r9, r10, r11 } = values;
    const volatile = { Rax: rax, Rcx: rcx, Rdx: rdx, R8: r8, R9: r9, R10: r10, R11: r11 };
    const first = structBytes(KTRAP_FRAME64, { ...volatile, MxCsr: 0x1f80, FaultAddress: faultAddress });
    this.#space.write(va, first.subarray(0, KTRAP_FRAME64.fields.TrapFrame.offset));
  }

  #run(step: PrologStep): void {
    const registers = this.#registers;
    switch (step.op) {
      case 'push':
        this.#push(registers[step.register]);
        break;
      case 'allocate':
        registers.rsp -= BigInt(step.size);
        break;
      case 'setFrame':
        registers[step.register] = this.local(step.offset);
        break;
      case 'save':
        this.store(step.offset, u64Bytes(registers[step.register]));
        break;
      case 'saveXmm':
        this.store(step.offset, new Uint8Array(16));
        break;
      case 'machineFrame':
        break;
    }
  }

  /** Registers that the callee saved and so may use; a frame register keeps its value. */
  #savedBy(callee: X64Function): X64Register[] {
    const { prolog } = callee.spec;
    const frame = prolog.find((step) => step.op === 'setFrame');
    return nonvolatile.filter(
      (register) =>
        !(frame?.op === 'setFrame' && frame.register === register) &&
        prolog.some((step) => (step.op === 'push' || step.op === 'save') && step.register === register),
    );
  }

  #running(): X64Function {
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
      ...(this.#trapFrame === undefined ? {} : { trapFrame: this.#trapFrame }),
    });
  }

  #push(value: bigint): void {
    this.#registers.rsp -= 8n;
    this.#space.write(this.#registers.rsp, u64Bytes(value));
  }

  #pushMachineFrame(ip: Va, code: bigint, sp: Va, stack: bigint): void {
    for (const value of [stack, sp, this.#flags, code, ip]) this.#push(value);
  }
}
