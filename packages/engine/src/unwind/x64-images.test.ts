import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  Decoder,
  DecoderOptions,
  FlowControl,
  type Instruction,
  InstructionInfoFactory,
  Mnemonic,
  OpAccess,
  OpKind,
  Register,
  RegisterExt,
} from 'iced-x86';
import { describe, expect, it } from 'vitest';
import { Fault, readU32 } from '../base/index.ts';
import { RegisterSet } from '../cpu/index.ts';
import { BufferSource } from '../io/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';
import {
  type ExceptionDirectory,
  FileImage,
  type RuntimeFunction,
  readExceptionDirectory,
} from '../pe/index.ts';
import { ModuleCodeMap, type UnwindContext, UnwindFailure, unwindX64 } from './index.ts';

/*
 * The judge of the x64 unwinder: prologs and epilogs of real images are run by the small interpreter below, which knows
 * instructions and nothing of unwind codes, and at every instruction the unwinder must give the caller's registers back.
 */

const shared = new URL('../../../../../shared/pdbs/', import.meta.url);
const names = [
  'rax',
  'rcx',
  'rdx',
  'rbx',
  'rsp',
  'rbp',
  'rsi',
  'rdi',
  'r8',
  'r9',
  'r10',
  'r11',
  'r12',
  'r13',
  'r14',
  'r15',
];
const nonVolatile = [3, 5, 6, 7, 12, 13, 14, 15];
const rsp = 4;
const base = 0xfffff800_12340000n;
const entrySp = 0xffffb000_00028fb8n;
const returnAddress = 0xfffff800_aabbccddn;
const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);

/** Registers and stack of a function that is being run. */
class Machine {
  readonly values = names.map((_, index) => 0x1111_0000_0000_0000n + BigInt(index) * 0x0101_0101n);
  readonly stack = new Map<bigint, bigint>([[entrySp, returnAddress]]);
  readonly caller: readonly bigint[];
  /** Non-volatile registers whose value at entry was stored. */
  readonly saved = new Set<number>();
  /** Of those, the pushed ones. */
  readonly pushed = new Set<number>();
  supported = true;
  #garbage = 0xdead_0000_0000_0000n;

  constructor() {
    this.values[rsp] = entrySp;
    this.caller = [...this.values];
  }

  junk(register: number): void {
    this.values[register] = this.#garbage++;
  }

  store(address: bigint, value: bigint): void {
    if (address % 8n !== 0n) this.supported = false;
    this.stack.set(address, value);
    const register = this.caller.indexOf(value);
    if (nonVolatile.includes(register) && this.values[register] === value) this.saved.add(register);
  }

  push(value: bigint): void {
    this.values[rsp] = this.values[rsp]! - 8n;
    this.store(this.values[rsp]!, value);
  }
}

const numberOf = (register: Register): number => RegisterExt.number(register);
const isRegister64 = (register: Register): boolean => register >= Register.RAX && register <= Register.R15;
const infoFactory = new InstructionInfoFactory();

function memoryAddress(machine: Machine, instruction: Instruction): bigint | undefined {
  const { memoryBase, memoryIndex, memoryDisplacement } = instruction;
  if (!isRegister64(memoryBase) || memoryIndex !== Register.None) return undefined;
  return wrap(machine.values[numberOf(memoryBase)]! + memoryDisplacement);
}

/** Runs one instruction that does not jump. */
function execute(machine: Machine, instruction: Instruction): void {
  const { mnemonic, op0Kind, op1Kind, op0Register, op1Register } = instruction;
  const toRegister = op0Kind === OpKind.Register && isRegister64(op0Register);
  const fromRegister = op1Kind === OpKind.Register && isRegister64(op1Register);
  const target = toRegister ? numberOf(op0Register) : -1;
  const address = memoryAddress(machine, instruction);
  if (mnemonic === Mnemonic.Push && toRegister) {
    if (nonVolatile.includes(target)) machine.pushed.add(target);
    return machine.push(machine.values[target]!);
  }
  if (mnemonic === Mnemonic.Sub && target === rsp) {
    const amount = fromRegister ? machine.values[numberOf(op1Register)]! : instruction.immediate(1);
    machine.values[rsp] = wrap(machine.values[rsp]! - amount);
    return;
  }
  if (mnemonic === Mnemonic.Lea && toRegister && address !== undefined) {
    machine.values[target] = address;
    return;
  }
  if (mnemonic === Mnemonic.Mov && toRegister && fromRegister) {
    machine.values[target] = machine.values[numberOf(op1Register)]!;
    return;
  }
  if (mnemonic === Mnemonic.Mov && op0Kind === OpKind.Memory && fromRegister && address !== undefined) {
    return machine.store(address, machine.values[numberOf(op1Register)]!);
  }
  if (mnemonic === Mnemonic.Mov && op0Kind === OpKind.Register && op1Kind === OpKind.Immediate32) {
    machine.values[numberOf(op0Register)] = instruction.immediate(1);
    return;
  }
  // __chkstk, the only call in a prolog, keeps rax and every register that is not volatile.
  if (instruction.flowControl === FlowControl.Call)
    return [1, 2, 8, 9, 10, 11].forEach((each) => machine.junk(each));
  executeOther(machine, instruction);
}

/** Any other instruction leaves unknown values in the registers that it writes. */
function executeOther(machine: Machine, instruction: Instruction): void {
  const info = infoFactory.info(instruction);
  for (const used of info.usedRegisters()) {
    const full = RegisterExt.fullRegister(used.register);
    const writes = [OpAccess.Write, OpAccess.ReadWrite, OpAccess.CondWrite, OpAccess.ReadCondWrite].includes(
      used.access,
    );
    if (writes && isRegister64(full)) {
      if (numberOf(full) === rsp) machine.supported = false;
      machine.junk(numberOf(full));
    }
    used.free();
  }
  info.free();
}

interface Code {
  readonly rva: number;
  readonly instruction: Instruction;
}

function disassemble(image: FileImage, { begin, end }: RuntimeFunction): Code[] {
  const bytes = image.tryReadRva(begin, end - begin) as Uint8Array;
  const decoder = new Decoder(64, bytes, DecoderOptions.None);
  decoder.ip = BigInt(begin);
  const code: Code[] = [];
  while (decoder.canDecode) {
    const instruction = decoder.decode();
    code.push({ rva: Number(instruction.ip), instruction });
  }
  decoder.free();
  return code;
}

/** Fields of UNWIND_INFO, read here a second time so that the judge does not depend on what it judges. */
function unwindHeader(image: FileImage, { unwindData }: RuntimeFunction) {
  const bytes = image.tryReadRva(unwindData, 4) as Uint8Array;
  const tail = unwindData + 4 + ((bytes[2]! + 1) & ~1) * 2;
  const chained = (bytes[0]! >> 3) & 4 ? (image.tryReadRva(tail, 12) as Uint8Array) : undefined;
  const parent: RuntimeFunction | undefined = chained && {
    begin: readU32(chained, 0),
    end: readU32(chained, 4),
    unwindData: readU32(chained, 8),
  };
  return { version: bytes[0]! & 7, sizeOfProlog: bytes[1]!, frameRegister: bytes[3]! & 15, parent };
}

interface Tally {
  functions: number;
  skipped: number;
  prolog: number;
  body: number;
  epilog: number;
  readonly versions: Record<number, number>;
  readonly wrong: string[];
}

class Judge {
  readonly tally: Tally = {
    functions: 0,
    skipped: 0,
    prolog: 0,
    body: 0,
    epilog: 0,
    versions: {},
    wrong: [],
  };
  readonly #image: FileImage;
  readonly #directory: ExceptionDirectory;
  readonly #context: Omit<UnwindContext, 'memory'>;

  constructor(path: string) {
    this.#image = new FileImage(new BufferSource(readFileSync(new URL(path, shared))));
    this.#directory = readExceptionDirectory(this.#image) as ExceptionDirectory;
    this.#context = {
      machine: 'x64',
      code: new ModuleCodeMap([{ base, size: 0x1000000, image: this.#image }]),
    };
  }

  run(): Tally {
    for (let index = 0; index < this.#directory.count; index++) {
      const entry = this.#directory.functionAt(index) as RuntimeFunction;
      if ((entry.unwindData & 1) === 0) this.#checkFunction(entry);
    }
    return this.tally;
  }

  #checkFunction(entry: RuntimeFunction): void {
    const { version } = unwindHeader(this.#image, entry);
    const machine = this.#prologOf(entry, true);
    this.tally.versions[version] = (this.tally.versions[version] ?? 0) + 1;
    if (!machine.supported) {
      this.tally.skipped++;
      return;
    }
    this.tally.functions++;
    const { body, epilogs } = this.#split(entry, disassemble(this.#image, entry), machine);
    this.#intoBody(machine, entry);
    for (const { rva } of body) this.#compare('body', machine, rva);
    for (const epilog of epilogs) this.#checkEpilog(machine, epilog);
  }

  /** The machine behind the prologs of the parents and of the function itself, checked on the way for the function. */
  #prologOf(entry: RuntimeFunction, check: boolean): Machine {
    const { parent, sizeOfProlog } = unwindHeader(this.#image, entry);
    const machine = parent === undefined ? new Machine() : this.#prologOf(parent, false);
    for (const { rva, instruction } of disassemble(this.#image, entry)) {
      if (rva - entry.begin >= sizeOfProlog) break;
      if (check && machine.supported) this.#compare('prolog', machine, rva);
      execute(machine, instruction);
    }
    return machine;
  }

  /** The body uses its registers: everything but the frame register is overwritten, and the stack may grow under it. */
  #intoBody(machine: Machine, entry: RuntimeFunction): void {
    const { frameRegister } = unwindHeader(this.#image, entry);
    const scratch = [0, 1, 2, 8, 9, 10, 11, ...machine.saved].filter(
      (register) => register !== frameRegister,
    );
    for (const register of scratch) machine.junk(register);
    if (frameRegister !== 0) machine.values[rsp] = machine.values[rsp]! - 0x130n;
  }

  /** Epilogs end in a return or a jump out of the function; before it are pops and one release of the frame. */
  #split(
    entry: RuntimeFunction,
    code: readonly Code[],
    machine: Machine,
  ): { body: Code[]; epilogs: Code[][] } {
    const { sizeOfProlog } = unwindHeader(this.#image, entry);
    const inEpilog = new Set<Code>();
    const epilogs: Code[][] = [];
    const isPop = ({ instruction }: Code): boolean => instruction.mnemonic === Mnemonic.Pop;
    code.forEach((last, index) => {
      const returns = last.instruction.flowControl === FlowControl.Return;
      if (!returns && !this.#isTailCall(entry, last.instruction)) return;
      let first = index;
      while (first > 0 && isPop(code[first - 1]!)) first--;
      const isRelease = ({ instruction: { mnemonic, op0Register } }: Code): boolean =>
        op0Register === Register.RSP && (mnemonic === Mnemonic.Add || mnemonic === Mnemonic.Lea);
      if (first > 0 && isRelease(code[first - 1]!)) first--;
      const epilog = code.slice(first, index + 1);
      // A jump that leaves the frame as it is does not end the function.
      if (!returns && epilog.length === 1 && machine.values[rsp] !== entrySp) return;
      epilogs.push(epilog);
      for (const each of epilog) inEpilog.add(each);
    });
    // Padding is never run.
    const isRun = ({ instruction }: Code): boolean => instruction.mnemonic !== Mnemonic.Int3;
    const body = code.filter(
      (each) => each.rva - entry.begin >= sizeOfProlog && !inEpilog.has(each) && isRun(each),
    );
    return { body, epilogs };
  }

  #isTailCall({ begin, end }: RuntimeFunction, instruction: Instruction): boolean {
    // Compilers mark jumps out of the function by an otherwise useless REX.W prefix, except those through an import.
    if (instruction.flowControl === FlowControl.IndirectBranch) {
      const rexW = (this.#image.tryReadRva(Number(instruction.ip), 1) as Uint8Array)[0] === 0x48;
      return rexW || instruction.memoryBase === Register.RIP;
    }
    if (instruction.flowControl !== FlowControl.UnconditionalBranch) return false;
    const target = Number(instruction.nearBranchTarget);
    return target < begin || target >= end;
  }

  #checkEpilog(body: Machine, epilog: readonly Code[]): void {
    const machine: Machine = Object.assign(new Machine(), { values: [...body.values] });
    for (const [at, value] of body.stack) machine.stack.set(at, value);
    const pops = epilog.filter(({ instruction }) => instruction.mnemonic === Mnemonic.Pop).length;
    for (const register of body.saved) {
      if (!body.pushed.has(register)) machine.values[register] = body.caller[register]!;
    }
    const release = epilog[0]!.instruction;
    const start = entrySp - BigInt(pops) * 8n;
    if (release.mnemonic === Mnemonic.Add) machine.values[rsp] = start - release.immediate(1);
    else if (release.mnemonic !== Mnemonic.Lea) machine.values[rsp] = start;
    for (const { rva, instruction } of epilog) {
      this.#compare('epilog', machine, rva);
      if (instruction.mnemonic === Mnemonic.Add)
        machine.values[rsp] = machine.values[rsp]! + instruction.immediate(1);
      if (instruction.mnemonic === Mnemonic.Lea) machine.values[rsp] = memoryAddress(machine, instruction)!;
      if (instruction.mnemonic !== Mnemonic.Pop) continue;
      machine.values[numberOf(instruction.op0Register)] = machine.stack.get(machine.values[rsp]!) ?? 0n;
      machine.values[rsp] = machine.values[rsp]! + 8n;
    }
  }

  #compare(where: 'prolog' | 'body' | 'epilog', machine: Machine, rva: number): void {
    this.tally[where]++;
    const registers = new RegisterSet('x64', [
      ...names.map((name, index) => [name, machine.values[index]!] as const),
      ['rip', base + BigInt(rva)],
    ]);
    const step = unwindX64(registers, { ...this.#context, memory: stackMemory(machine.stack) });
    const result = step instanceof UnwindFailure ? undefined : step.registers;
    const good =
      result?.ip === returnAddress &&
      result.sp === entrySp + 8n &&
      nonVolatile.every((register) => result.get(names[register]!) === machine.caller[register]);
    const reason =
      step instanceof UnwindFailure
        ? step.reason
        : [...step.registers.entries()].map(([n, v]) => `${n}=${v.toString(16)}`);
    if (!good) this.tally.wrong.push(`${where} ${rva.toString(16)}: ${String(reason)}`);
  }
}

function stackMemory(stack: ReadonlyMap<bigint, bigint>): VirtualMemory {
  return {
    kind: 'blocks',
    tryRead: (va) => new Fault('not-in-dump', va),
    tryReadU64: (va) => stack.get(va) ?? new Fault('not-in-dump', va),
    tryReadU32: (va) => new Fault('not-in-dump', va),
    nextCandidate: () => undefined,
  };
}

/** Functions in each image's table; all of them are run. */
const images: readonly (readonly [path: string, functions: number])[] = [
  ['seh-tests/x64/xcpt4.exe', 241],
  ['seh-tests/x64/nested_collided.exe', 39],
  ['seh-tests/x64/xframe_eh_exe.exe', 53],
  ['seh-tests/x64/xframe_eh_dll.dll', 47],
  ['systeminformer/amd64/systeminformer.sys', 447],
  ['systeminformer/amd64/ksi.dll', 21],
  ['misc/exceptions-test.exe', 231],
];

describe.skipIf(!existsSync(fileURLToPath(shared)))('x64 unwinding of real images (needs ../shared)', () => {
  it.each(images)('U-10 gives back the caller at every instruction of %s', (path, functions) => {
    const tally = new Judge(path).run();
    expect(tally.wrong).toEqual([]);
    expect(tally).toMatchObject({ functions, skipped: 0 });
    expect(Math.min(tally.prolog, tally.body, tally.epilog)).toBeGreaterThan(functions);
  });
});
