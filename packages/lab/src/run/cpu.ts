import type { Va } from '@poolscope/engine/base';
import type { BuiltImage } from '../image/built-image.ts';
import { type OperandSize, type X64Cpu, type X64Register, x64Registers } from '../image/x64-registers.ts';
import type { Registers } from '../machine/truth.ts';
import { CallRecord } from './call-record.ts';
import type { CodeMap, CodeSlot } from './code-map.ts';
import { CpuFault, type FaultKind, SystemStopped } from './cpu-fault.ts';
import type { CpuMemory } from './cpu-memory.ts';

/** Is told of every write before it is done. */
export interface WriteWatch {
  before(va: Va, size: OperandSize, by: CodeSlot | undefined): void;
  /** Not where the write was a fault. */
  after(va: Va, size: OperandSize, by: CodeSlot | undefined): void;
}

/** Interrupts on, and the bit that is always one. */
const alwaysOn = 0x202;
/** Set in the flags that a fault pushes: the instruction starts again. */
const resume = 0x1_0000;

const kernelCode = 0x10n;
const kernelStack = 0x18n;
const userCode = 0x33n;
const userStack = 0x2bn;

/** Where the processor goes when it takes an exception, and whether it pushes an error code. */
export type TrapHandlers = Readonly<Record<FaultKind, Va>>;

export interface CpuPlaces {
  readonly handlers: TrapHandlers;
  /** Where the processor goes when the stack has no room for the frame of an exception, and the stack it takes then. */
  readonly doubleFault?: { readonly handler: Va; stack(): Va };
  readonly bugCheck: Va;
  /** A hypervisor delivers page faults, and leaves the resume flag out. */
  readonly hasHypervisor?: boolean;
}

/** A processor of x64 that executes the lab's own instructions. */
export class Cpu implements X64Cpu {
  readonly registers: Record<X64Register, bigint>;
  readonly calls = new CallRecord();
  flags = 0;
  irql = 0;
  /** Looks on while memory is written. */
  watch: WriteWatch | undefined;
  #cr2: Va = 0n;
  readonly #memory: CpuMemory;
  readonly #code: CodeMap;
  readonly #places: CpuPlaces;
  #slot: CodeSlot | undefined;
  #next: CodeSlot | undefined;
  /** The address that is executed, when no instruction is known there. */
  #nowhere: Va = 0n;
  #running = false;

  constructor(memory: CpuMemory, code: CodeMap, places: CpuPlaces) {
    this.#memory = memory;
    this.#code = code;
    this.#places = places;
    this.registers = Object.fromEntries(x64Registers.map((name) => [name, 0n])) as Record<
      X64Register,
      bigint
    >;
  }

  get cr2(): Va {
    return this.#cr2;
  }

  get rip(): Va {
    return this.#slot?.va ?? this.#nowhere;
  }

  /** The instruction that is executed. */
  get slot(): CodeSlot | undefined {
    return this.#slot;
  }

  snapshot(ip = this.rip): Registers {
    return { ...this.registers, rip: ip, efl: BigInt(alwaysOn | this.flags) };
  }

  read = (va: Va, size: OperandSize): bigint => this.#memory.read(va, size);

  write = (va: Va, size: OperandSize, value: bigint): void => {
    this.watch?.before(va, size, this.#slot);
    this.#memory.write(va, size, value);
    this.watch?.after(va, size, this.#slot);
  };

  /** One by one where somebody looks on. */
  fillBytes(va: Va, value: number, count: number): number {
    if (this.watch === undefined) return this.#memory.fill(va, value, count);
    this.write(va, 1, BigInt(value));
    return 1;
  }

  copyBytes(to: Va, from: Va, count: number): number {
    if (this.watch === undefined) return this.#memory.copy(to, from, count);
    this.write(to, 1, this.read(from, 1));
    return 1;
  }

  /** The code of an image is gone. */
  forget(image: BuiltImage): void {
    this.#code.remove(image);
  }

  push(value: bigint): void {
    this.registers.rsp -= 8n;
    this.write(this.registers.rsp, 8, value);
  }

  jump(va: Va): void {
    this.#go(this.#code.target(va), va);
  }

  call(va: Va): void {
    const { end } = this.#slot!;
    this.calls.leave(this.#slot, this.snapshot(end), 'call');
    this.push(end);
    if (va === this.#places.bugCheck) {
      this.#slot = this.#code.entry(va);
      throw new SystemStopped();
    }
    this.#go(this.#code.entry(va), va);
  }

  ret(): void {
    const va = this.read(this.registers.rsp, 8);
    this.registers.rsp += 8n;
    this.calls.comeBack();
    this.#go(this.#code.entry(va), va);
  }

  iret(): void {
    const { registers } = this;
    const [ip, , flags, sp] = [0n, 8n, 16n, 24n].map((at) => this.read(registers.rsp + at, 8));
    registers.rsp = sp!;
    this.flags = Number(flags!) & 0xcd5;
    this.calls.comeBack();
    this.#go(this.#code.entry(ip!), ip!);
  }

  repeat(): void {
    this.#next = this.#slot;
  }

  breakpoint(): void {
    throw new CpuFault('breakpoint');
  }

  /** A kernel without a handler of its own for it takes it as a protection fault, as Windows 7 does. */
  fastFail(): void {
    const { handlers } = this.#places;
    const isKnown = handlers['fast-fail'] !== handlers['general-protection'];
    throw new CpuFault(isKnown ? 'fast-fail' : 'general-protection');
  }

  /** The thread is done with kernel mode. */
  leave(): void {
    this.#running = false;
  }

  /** Starts in a function that has nothing to return to. */
  start(va: Va): void {
    this.push(0n);
    this.#execute(va);
  }

  /** Goes on inside a function that has been entered before. */
  goOn(va: Va): void {
    this.#execute(va);
  }

  /** A system call: the processor is in user mode and goes to the handler. */
  enterFromUser(handler: Va, user: { readonly ip: Va; readonly sp: Va }, kernelSp: Va): void {
    const registers = { ...this.snapshot(user.ip), rsp: user.sp };
    this.calls.leaveUser(registers, user);
    this.registers.rsp = kernelSp;
    this.#pushMachineFrame(user.ip, userCode, user.sp, userStack, alwaysOn | this.flags);
    this.push(0n);
    this.#execute(handler);
  }

  #execute(va: Va): void {
    this.#running = true;
    this.#go(this.#code.entry(va), va);
    this.#slot = this.#next;
    while (this.#running) {
      try {
        this.#steps();
      } catch (fault) {
        if (!(fault instanceof CpuFault)) throw fault;
        this.#trap(fault);
        this.#slot = this.#next;
      }
    }
  }

  #steps(): void {
    while (this.#running) {
      const slot = this.#slot;
      if (slot === undefined) throw new CpuFault('page', this.#nowhere, 'execute');
      this.#next = slot.next;
      const { execute, mark } = slot.instruction;
      if (execute !== undefined) execute(this, slot.place);
      else if (mark === undefined) throw new CpuFault('invalid-opcode');
      if (this.#next === undefined) this.#nowhere = slot.end;
      this.#slot = this.#next;
    }
  }

  #go(slot: CodeSlot | undefined, va: Va): void {
    this.#next = slot;
    this.#nowhere = va;
    if (slot === undefined) {
      this.#slot = undefined;
      throw new CpuFault('page', va, 'execute');
    }
  }

  /** The processor takes an exception: its frame goes onto the stack, and the handler runs. */
  #trap(fault: CpuFault): void {
    // A breakpoint has been executed; its handler sets the address back.
    const ip = fault.kind === 'breakpoint' ? this.#slot!.end : this.rip;
    const flags = alwaysOn | this.flags | (this.#resumes(fault) ? resume : 0);
    this.calls.leave(this.#slot, { ...this.snapshot(), efl: BigInt(flags) }, 'trap', fault);
    if (fault.kind === 'page') this.#cr2 = fault.address;
    const interrupted = this.registers.rsp;
    const double = this.#hasRoom ? undefined : this.#places.doubleFault;
    this.registers.rsp = double?.stack() ?? interrupted & ~0xfn;
    this.#pushMachineFrame(ip, kernelCode, interrupted, kernelStack, flags);
    const hasErrorCode = fault.kind === 'page' || fault.kind === 'general-protection';
    if (double !== undefined) this.push(0n);
    else if (hasErrorCode) this.push(BigInt(fault.errorCode));
    const handler = double?.handler ?? this.#places.handlers[fault.kind];
    this.#go(this.#code.entry(handler), handler);
  }

  /** The stack can take a machine frame and an error code. */
  get #hasRoom(): boolean {
    return this.#memory.isMapped((this.registers.rsp & ~0xfn) - 0x30n);
  }

  #resumes({ kind }: CpuFault): boolean {
    return kind !== 'breakpoint' && !(kind === 'page' && this.#places.hasHypervisor === true);
  }

  #pushMachineFrame(ip: Va, code: bigint, sp: Va, stack: bigint, flags: number): void {
    for (const value of [stack, sp, BigInt(flags), code, ip]) this.push(value);
  }
}
