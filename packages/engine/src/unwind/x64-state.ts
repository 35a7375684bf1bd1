import { Fault, readU16, readU32, readU64, type Va, wrap64 } from '../base/index.ts';
import { RegisterSet } from '../cpu/index.ts';
import { KTRAP_FRAME64, MACHINE_FRAME64, StructView } from '../layouts/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';

/** Register names by their number in instructions and unwind codes. */
export const x64Names = 'rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15'.split(' ');

const rsp = 4;
const volatile = [0, 1, 2, 8, 9, 10, 11] as const;
const segments = ['cs', 'ds', 'es', 'fs', 'gs', 'ss'] as const;
const frameFields = MACHINE_FRAME64.fields;

/** Registers while a frame is undone. Undefined: not known. */
export class X64State {
  readonly #memory: VirtualMemory;
  readonly #start: RegisterSet;
  readonly #values: (bigint | undefined)[];
  rip: bigint | undefined;
  /** Address of the machine frame that was gone over. */
  machineFrame: Va | undefined;

  constructor(memory: VirtualMemory, start: RegisterSet) {
    this.#memory = memory;
    this.#start = start;
    this.#values = x64Names.map((name) => start.get(name));
  }

  get rsp(): bigint | undefined {
    return this.#values[rsp];
  }

  set rsp(value: bigint | undefined) {
    this.#values[rsp] = value;
  }

  get(register: number): bigint | undefined {
    return this.#values[register];
  }

  allocate(bytes: number): void {
    if (this.rsp !== undefined) this.rsp = wrap64(this.rsp + BigInt(bytes));
  }

  /** The register gets the u64 at `at`, or becomes unknown when that is absent. */
  restore(register: number, at: Va | undefined): void {
    this.#values[register] = this.read(at);
  }

  pop(register: number): void {
    const at = this.rsp;
    this.allocate(8);
    this.restore(register, at);
  }

  popReturnAddress(): void {
    this.rip = this.read(this.rsp);
    this.allocate(8);
  }

  popMachineFrame(hasErrorCode: boolean): void {
    if (hasErrorCode) this.allocate(8);
    this.machineFrame = this.rsp;
    this.rip = this.read(this.rsp);
    this.rsp =
      this.rsp === undefined ? undefined : this.read(wrap64(this.rsp + BigInt(frameFields.Rsp.offset)));
  }

  read(at: Va | undefined): bigint | undefined {
    const value = at === undefined ? undefined : this.#memory.tryReadU64(wrap64(at));
    return value instanceof Fault ? undefined : value;
  }

  /** Registers of a caller: the non-volatile ones. */
  callerRegisters(): RegisterSet {
    const kept = this.#values.map((value, index) => (isVolatile(index) ? undefined : value));
    return this.#build(
      kept,
      segments.map((name) => [name, this.#start.get(name)] as const),
    );
  }

  /** Registers of interrupted code; the volatile ones are those of its trap frame, when it has one. */
  interruptedRegisters(trapFrame: Va | undefined): RegisterSet {
    const trap = trapFrame === undefined ? undefined : this.#memory.tryRead(trapFrame, KTRAP_FRAME64.size);
    const saved = trap === undefined || trap instanceof Fault ? undefined : volatileRegisters(trap);
    const values = this.#values.map((value, index) =>
      isVolatile(index) ? saved?.get(x64Names[index]!) : value,
    );
    return this.#build(values, this.#machineFrameRegisters());
  }

  #machineFrameRegisters(): (readonly [string, bigint])[] {
    const bytes =
      this.machineFrame === undefined
        ? undefined
        : this.#memory.tryRead(this.machineFrame, MACHINE_FRAME64.size);
    if (bytes === undefined || bytes instanceof Fault) return [];
    return [
      ['cs', BigInt(readU16(bytes, frameFields.SegCs.offset))],
      ['efl', BigInt(readU32(bytes, frameFields.EFlags.offset))],
      ['ss', BigInt(readU16(bytes, frameFields.SegSs.offset))],
    ];
  }

  #build(
    values: readonly (bigint | undefined)[],
    others: readonly (readonly [string, bigint | undefined])[],
  ): RegisterSet {
    const named = values.map((value, index) => [x64Names[index]!, value] as const);
    const all = [...named, ['rip', this.rip] as const, ...others];
    return new RegisterSet(
      'x64',
      all.filter((entry): entry is readonly [string, bigint] => entry[1] !== undefined),
    );
  }
}

const isVolatile = (register: number): boolean => (volatile as readonly number[]).includes(register);

/** rax, rcx, rdx and r8 to r11 of a KTRAP_FRAME. */
export function volatileRegisters(trapFrame: Uint8Array): Map<string, bigint> {
  const { fields } = new StructView(KTRAP_FRAME64, trapFrame).layout;
  const { Rax, Rcx, Rdx, R8, R9, R10, R11 } = fields;
  const named = { rax: Rax, rcx: Rcx, rdx: Rdx, r8: R8, r9: R9, r10: R10, r11: R11 };
  return new Map(Object.entries(named).map(([name, { offset }]) => [name, readU64(trapFrame, offset)]));
}
