import {
  type Instruction,
  InstructionInfoFactory,
  Mnemonic,
  OpAccess,
  OpKind,
  Register,
  RegisterExt,
} from 'iced-x86';

/** Registers of x86 in the order of their numbers. */
export const x86Names = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'] as const;
const [eax, esp, ebp] = [0, 4, 5];

export const entrySp = 0x8a00_5f00;

const infoFactory = new InstructionInfoFactory();
const is32 = (register: Register): boolean => register >= Register.EAX && register <= Register.EDI;
const numberOf = (register: Register): number => RegisterExt.number(register);

/** Registers and stack of a function that is being run; knows instructions and nothing of frame data. */
export class X86Emulator {
  readonly values: number[];
  readonly stack: Map<number, number>;
  /** False: something was done with esp or ebp that is not followed. */
  supported = true;
  #garbage = 0x1000;

  constructor(returnAddress: number) {
    this.values = x86Names.map((_, index) => 0x1111_0000 + index);
    this.values[esp] = entrySp;
    this.stack = new Map([[entrySp, returnAddress]]);
  }

  copy(): X86Emulator {
    const copy = new X86Emulator(0);
    copy.values.splice(0, 8, ...this.values);
    copy.stack.clear();
    for (const [at, value] of this.stack) copy.stack.set(at, value);
    copy.#garbage = this.#garbage;
    copy.supported = this.supported;
    return copy;
  }

  get esp(): number {
    return this.values[esp]!;
  }

  push(value: number): void {
    this.values[esp] = (this.esp - 4) >>> 0;
    this.#store(this.esp, value);
  }

  pop(): number {
    const value = this.#load(this.esp);
    this.values[esp] = (this.esp + 4) >>> 0;
    return value;
  }

  /** What a call leaves: its arguments are gone when the callee takes them, volatile registers hold anything. */
  afterCall(taken: number): void {
    this.values[esp] = (this.esp + taken) >>> 0;
    for (const register of [0, 1, 2]) this.values[register] = this.#unknown();
  }

  /** Runs one instruction that does not jump. */
  run(instruction: Instruction): void {
    if (this.#runStack(instruction) || this.#runMove(instruction) || this.#runSum(instruction)) return;
    this.#runOther(instruction);
  }

  #runStack(instruction: Instruction): boolean {
    const { mnemonic, op0Kind, op0Register } = instruction;
    if (mnemonic === Mnemonic.Push) this.push(this.#operand(instruction, 0) ?? this.#unknown());
    else if (mnemonic === Mnemonic.Leave) {
      this.values[esp] = this.values[ebp]!;
      this.values[ebp] = this.pop();
    } else if (mnemonic === Mnemonic.Pop && op0Kind === OpKind.Register)
      this.values[numberOf(op0Register)] = this.pop();
    else if (mnemonic === Mnemonic.Pop) this.pop();
    else return false;
    return true;
  }

  /** mov, lea, xchg of whole registers and of words of the stack. */
  #runMove(instruction: Instruction): boolean {
    const { mnemonic, op0Kind, op0Register } = instruction;
    if (
      mnemonic === Mnemonic.Xchg &&
      op0Register === Register.EAX &&
      instruction.op1Register === Register.ESP
    ) {
      [this.values[eax], this.values[esp]] = [this.values[esp]!, this.values[eax]!];
      return true;
    }
    if (mnemonic !== Mnemonic.Mov && mnemonic !== Mnemonic.Lea) return false;
    const value = mnemonic === Mnemonic.Lea ? this.#address(instruction) : this.#operand(instruction, 1);
    if (op0Kind === OpKind.Register && is32(op0Register)) {
      const to = numberOf(op0Register);
      // Nothing is known of a stack pointer that comes from memory which was not written.
      if (to === esp && (value === undefined || value === 0)) this.supported = false;
      this.values[to] = value ?? this.#unknown();
      return true;
    }
    const at = this.#address(instruction);
    if (op0Kind !== OpKind.Memory || at === undefined || mnemonic === Mnemonic.Lea) return false;
    if (this.#isStack(at)) this.#store((at & ~3) >>> 0, value ?? this.#unknown());
    return true;
  }

  #runSum(instruction: Instruction): boolean {
    const { mnemonic, op0Kind, op0Register } = instruction;
    const isSum = [Mnemonic.Add, Mnemonic.Sub, Mnemonic.And, Mnemonic.Neg].includes(mnemonic);
    if (!isSum || op0Kind !== OpKind.Register || !is32(op0Register)) return false;
    const to = numberOf(op0Register);
    const left = this.values[to]!;
    const right = mnemonic === Mnemonic.Neg ? left : this.#operand(instruction, 1);
    if (right === undefined) return false;
    const results = new Map([
      [Mnemonic.Add, left + right],
      [Mnemonic.Sub, left - right],
      [Mnemonic.And, left & right],
      [Mnemonic.Neg, -right],
    ]);
    this.values[to] = results.get(mnemonic)! >>> 0;
    return true;
  }

  /** Any other instruction leaves unknown values in the registers that it writes. */
  #runOther(instruction: Instruction): void {
    const info = infoFactory.info(instruction);
    for (const used of info.usedRegisters()) {
      const full = RegisterExt.fullRegister32(used.register);
      const writes = [
        OpAccess.Write,
        OpAccess.ReadWrite,
        OpAccess.CondWrite,
        OpAccess.ReadCondWrite,
      ].includes(used.access);
      if (writes && is32(full)) {
        if (numberOf(full) === esp) this.supported = false;
        this.values[numberOf(full)] = this.#unknown();
      }
      used.free();
    }
    info.free();
  }

  #operand(instruction: Instruction, index: number): number | undefined {
    const kind = instruction.opKind(index);
    if (kind === OpKind.Register) {
      const register = instruction.opRegister(index);
      return is32(register) ? this.values[numberOf(register)] : undefined;
    }
    if (kind === OpKind.Memory) {
      const at = this.#address(instruction);
      return at !== undefined && this.#isStack(at) ? this.#load(at) : undefined;
    }
    return Number(BigInt.asUintN(32, instruction.immediate(index)));
  }

  #address({ memoryBase, memoryIndex, memoryDisplacement, segmentPrefix }: Instruction): number | undefined {
    const isFs = segmentPrefix === Register.FS;
    if (!is32(memoryBase) || memoryIndex !== Register.None || isFs) return undefined;
    return (this.values[numberOf(memoryBase)]! + Number(BigInt.asIntN(32, memoryDisplacement))) >>> 0;
  }

  #isStack(at: number): boolean {
    return at > entrySp - 0x4000 && at <= entrySp + 0x2000;
  }

  #store(at: number, value: number): void {
    this.stack.set(at, value >>> 0);
  }

  #load(at: number): number {
    return this.stack.get(at) ?? 0;
  }

  #unknown(): number {
    return this.#garbage++;
  }
}
