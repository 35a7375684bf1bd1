import { assert, signExtend32, type Va } from '@poolscope/engine/base';
import { u32Bytes } from '../../bytes/integers.ts';
import type { PlacedFunction } from '../../image/built-image.ts';
import { type X86Register, x86Registers } from '../../image/x86-code.ts';
import type { X86Step } from '../../image/x86-function.ts';
import type { KernelWorld } from '../kernel-world.ts';
import type { TrapFrameX86 } from '../profiles/profile.ts';
import type { FaultReport, SimulatedThread } from '../simulated-thread.ts';
import type { Registers, TrueFrame } from '../truth.ts';

export type X86Function = PlacedFunction<X86Step>;

const eflags = 0x1_0246;
const selectors = {
  kernelCode: 0x08,
  userCode: 0x1b,
  userStack: 0x23,
  data: 0x23,
  processor: 0x30,
  teb: 0x3b,
};

/** A thread of x86. Addresses are 32 bits; registers and truth give them sign-extended. */
export class CallChain implements SimulatedThread<X86Step> {
  readonly #world: KernelWorld;
  readonly #frame: TrapFrameX86;
  readonly #registers: Record<X86Register, number>;
  readonly #older: TrueFrame[] = [];
  #current: X86Function | undefined;
  #ip = 0;
  #trapFrame: number | undefined;
  #nextValue = 0x101;

  constructor(world: KernelWorld, stackPointer: Va) {
    this.#world = world;
    assert(world.profile.trapFrame !== undefined, 'the profile of an x86 kernel has trap frames');
    this.#frame = world.profile.trapFrame;
    this.#registers = Object.fromEntries(x86Registers.map((name) => [name, 0])) as Record<
      X86Register,
      number
    >;
    this.#registers.esp = low32(stackPointer);
  }

  get registers(): Registers {
    const values = Object.entries(this.#registers).map(([name, value]) => [name, signExtend32(value)]);
    return { ...Object.fromEntries(values), eip: signExtend32(this.#ip), efl: BigInt(eflags) };
  }

  get stackPointer(): Va {
    return signExtend32(this.#registers.esp);
  }

  get trapFrame(): Va | undefined {
    return this.#trapFrame === undefined ? undefined : signExtend32(this.#trapFrame);
  }

  set(values: Registers): this {
    for (const [name, value] of Object.entries(values)) this.#registers[name as X86Register] = low32(value);
    return this;
  }

  store(offset: number, bytes: Uint8Array): Va {
    const va = signExtend32(this.#registers.esp + offset);
    this.#world.space.write(va, bytes);
    return va;
  }

  start(first: X86Function): this {
    this.#push(0);
    return this.#enter(first);
  }

  /** The trap frame is the first thing on the kernel stack. */
  enterFromUser(handler: X86Function, user: { ip: Va; sp: Va }): this {
    this.#older.push({
      function: undefined,
      offset: 0,
      ip: user.ip,
      sp: user.sp,
      leftBy: 'trap',
      registers: { ...this.registers, eip: user.ip, esp: user.sp },
    });
    this.#current = handler;
    const interrupted = { ...this.#registers, esp: low32(user.sp) };
    this.#registers.esp -= this.#frame.size;
    this.#writeTrapFrame(interrupted, low32(user.ip), selectors.userCode, 0);
    return this;
  }

  /** Pushes arguments, last first, then calls and runs the prolog. */
  call(callee: X86Function, values: Registers = {}, stackArguments: readonly bigint[] = []): this {
    this.#leaveByCall(callee, stackArguments);
    return this.#enter(callee).set(values);
  }

  moveTo(part: X86Function): this {
    this.#current = part;
    return this;
  }

  stopAt(callee: X86Function, values: readonly bigint[]): this {
    this.#leaveByCall(callee, values);
    this.#current = callee;
    this.#trapFrame = undefined;
    this.#ip = low32(callee.address);
    return this;
  }

  /** A fault in the kernel: the processor pushes flags, selector, address and error code on the same stack. */
  trap(at: string, handler: X86Function, { errorCode }: FaultReport): this {
    this.#ip = low32(this.#running().mark(at));
    this.#note('trap');
    const interrupted = { ...this.#registers };
    this.#current = handler;
    this.#registers.esp -= this.#frame.members.HardwareEsp[0];
    this.#writeTrapFrame(interrupted, this.#ip, selectors.kernelCode, errorCode);
    return this;
  }

  frames(): readonly TrueFrame[] {
    this.#note('context');
    return this.#older.toReversed();
  }

  #leaveByCall(callee: X86Function, stackArguments: readonly bigint[]): void {
    const caller = this.#running();
    for (const argument of stackArguments.toReversed()) this.#push(low32(argument));
    const name = caller.image === callee.image ? callee.spec.name : callee.symbol;
    this.#ip = low32(caller.returnFrom(name));
    this.#note('call');
    this.#push(this.#ip);
  }

  #enter(callee: X86Function): this {
    this.#current = callee;
    this.#trapFrame = undefined;
    for (const step of callee.spec.prolog) this.#run(step);
    for (const step of callee.spec.prolog)
      if (step.op === 'push') this.#registers[step.register] = this.#nextValue++;
    return this;
  }

  #run(step: X86Step): void {
    if (step.op === 'frame') {
      this.#push(this.#registers.ebp);
      this.#registers.ebp = this.#registers.esp;
    } else if (step.op === 'allocate') this.#registers.esp -= step.size;
    else if (step.op === 'push') this.#push(this.#registers[step.register]);
  }

  #writeTrapFrame(
    interrupted: Record<X86Register, number>,
    ip: number,
    segCs: number,
    errorCode: number,
  ): void {
    const va = this.#registers.esp;
    const fromUser = segCs === selectors.userCode;
    const frame = this.#world.view(this.#frame, signExtend32(va));
    const { eax, ecx, edx, ebx, esi, edi, ebp } = interrupted;
    frame.setAll({ Eax: eax, Ecx: ecx, Edx: edx, Ebx: ebx, Esi: esi, Edi: edi, Ebp: ebp });
    frame.setAll({ DbgEbp: ebp, DbgEip: ip, ErrCode: errorCode, Eip: ip, SegCs: segCs, EFlags: eflags });
    frame.setAll({ SegDs: selectors.data, SegEs: selectors.data, SegGs: 0 });
    frame.set('SegFs', fromUser ? selectors.teb : selectors.processor);
    if (fromUser) frame.setAll({ HardwareEsp: interrupted.esp, HardwareSegSs: selectors.userStack });
    this.#registers.ebp = va;
    this.#trapFrame = va;
  }

  #running(): X86Function {
    assert(this.#current !== undefined, 'the thread runs no function yet');
    return this.#current;
  }

  #note(leftBy: TrueFrame['leftBy']): void {
    const running = this.#running();
    const ip = signExtend32(this.#ip);
    this.#older.push({
      function: running.symbol,
      offset: Number(ip - running.address),
      ip,
      leftBy,
      sp: this.stackPointer,
      registers: this.registers,
      ...(this.#trapFrame === undefined ? {} : { trapFrame: signExtend32(this.#trapFrame) }),
    });
  }

  #push(value: number): void {
    this.#registers.esp -= 4;
    this.#world.space.write(this.stackPointer, u32Bytes(value));
  }
}

export const low32 = (va: Va): number => Number(va & 0xffff_ffffn);
