import { Decoder, DecoderOptions, FlowControl, type Instruction, Mnemonic, OpKind, Register } from 'iced-x86';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedBytes } from '../../../../test/shared-files.ts';
import { entrySp, X86Emulator, x86Names } from '../../test/x86-emulator.ts';
import { unpackCabinet } from '../archive/index.ts';
import { Fault, signExtend32, type Va } from '../base/index.ts';
import { RegisterSet } from '../cpu/index.ts';
import { BufferSource } from '../io/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';
import { PdbFile } from '../pdb/index.ts';
import { FileImage, type ImageHeaders, readImageHeaders } from '../pe/index.ts';
import type { CodeModule, Trust, UnwindContext } from './frame.ts';
import { findByFrameData } from './x86.ts';

/*
 * The judge of the frame data of x86: every path through every function of real images is run by an emulator that knows
 * instructions only, and at every instruction the caller has to come out. The PDBs are those of the images.
 */

const base = 0xffffffff_82000000n;
const callerBase = 0xffffffff_81000000n;
const returnAddress = 0x8100_0502;
const nonvolatile = [3, 5, 6, 7];
/** Where a function's ebp is, above the return address of a block that it calls. */
const parentFrame = 0x1000;

/** Functions that make or undo the frame of their caller: they are run in full. */
const framing = /^(__SEH_|_SEH_|__EH_|_EH_|__chkstk|_chkstk|__alloca_probe|_alloca_probe)/;

interface Tally {
  functions: number;
  funclets: number;
  instructions: number;
  calls: number;
  /** Paths that end at something which the emulator does not follow. */
  stopped: number;
  searched: number;
  /** Nonvolatile registers that are said to be unknown. */
  unknown: number;
  /** No caller: other ways of finding frames come next. */
  missed: number;
  /** Callers that are not the caller. */
  wrong: string[];
  /** Registers of the right caller that it does not have. */
  wrongRegisters: string[];
}

class Judge {
  readonly tally: Tally = {
    functions: 0,
    funclets: 0,
    instructions: 0,
    calls: 0,
    stopped: 0,
    searched: 0,
    unknown: 0,
    missed: 0,
    wrong: [],
    wrongRegisters: [],
  };
  readonly #image: FileImage;
  readonly #pdb: PdbFile;
  readonly #preferredBase: number;
  readonly #module: CodeModule;
  #name = '';
  /** Blocks of SEH run on the frame of their function: what the program says of registers is of that one's caller. */
  #inFunclet = false;

  constructor(image: FileImage, pdb: PdbFile) {
    this.#image = image;
    this.#pdb = pdb;
    this.#preferredBase = Number((readImageHeaders(image) as ImageHeaders).imageBase);
    this.#module = {
      base,
      size: 0x100_0000,
      image: this.#image,
      isExecutable: () => true,
      frameDataAt: (rva) => this.#pdb.fpoAt(rva),
    };
  }

  run(): Tally {
    for (const code of this.#pdb.privates.procedures()) {
      const start = this.#pdb.sections.rvaOf(code);
      if (start === undefined || code.kind !== 'procedure' || this.#pdb.fpoAt(start) === undefined) continue;
      this.#name = this.#pdb.nameAt(start)?.name ?? '';
      if (framing.test(this.#name) || this.#pdb.lineAt(start)?.file?.endsWith('.asm') === true) continue;
      this.tally.functions++;
      this.#runFunction(start, start + code.length);
      this.#runFunclets(start, start + code.length);
    }
    return this.tally;
  }

  /** Blocks that are called while ebp is that of their function, as filters and handlers of SEH are. */
  #runFunclets(start: number, end: number): void {
    this.#inFunclet = true;
    for (let rva = start; rva < end; rva++) {
      const data = this.#pdb.fpoAt(rva);
      if (data?.start !== rva || data.program?.includes('.raSearchStart') !== true) continue;
      this.tally.funclets++;
      const machine = new X86Emulator(returnAddress);
      machine.values[5] = entrySp + parentFrame;
      this.#runFunction(rva, rva + data.length, machine);
    }
    this.#inFunclet = false;
  }

  /** Every instruction once, with the state in which it was first reached. */
  #runFunction(start: number, end: number, machine = new X86Emulator(returnAddress)): void {
    const seen = new Set<number>();
    const open: (readonly [rva: number, machine: X86Emulator])[] = [[start, machine]];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [rva, state] = next;
      if (seen.has(rva) || rva < start || rva >= end) continue;
      seen.add(rva);
      const instruction = this.#decode(rva);
      if (instruction.mnemonic === Mnemonic.Int3) continue;
      this.tally.instructions++;
      this.#compare(state, rva, rva, 'context');
      for (const after of this.#follow(instruction, rva, state)) open.push([after, state.copy()]);
      instruction.free();
    }
  }

  /** Runs an instruction; where the code goes on. */
  #follow(instruction: Instruction, rva: number, machine: X86Emulator): number[] {
    const behind = rva + instruction.length;
    const target =
      instruction.op0Kind === OpKind.NearBranch32 ? Number(instruction.nearBranchTarget) : undefined;
    const { flowControl } = instruction;
    if (flowControl === FlowControl.Next) {
      machine.run(instruction);
      if (!machine.supported) this.tally.stopped++;
      return machine.supported ? [behind] : [];
    }
    if (flowControl === FlowControl.ConditionalBranch) return [behind, target!];
    if (flowControl === FlowControl.UnconditionalBranch) return [target!];
    const returns =
      (flowControl === FlowControl.Call && this.#call(machine, target!, behind)) ||
      (flowControl === FlowControl.IndirectCall && this.#callImport(instruction, machine, behind));
    return returns ? [behind] : [];
  }

  /** False where the callee does not come back, or it is not known how. */
  #call(machine: X86Emulator, called: number, behind: number): boolean {
    const target = this.#throughJump(called);
    const name = this.#pdb.nameAt(target)?.name ?? '';
    if (framing.test(name)) return this.#runCallee(machine, target, behind);
    this.tally.calls++;
    this.#compare(machine, behind, behind - 1, 'unwind', target);
    const taken = this.#takenBy(target);
    if (taken === undefined) this.tally.stopped++;
    else machine.afterCall(taken);
    return taken !== undefined;
  }

  /** Names of imported functions tell what they take: `__imp__ExitProcess@4`. */
  #callImport(instruction: Instruction, machine: X86Emulator, behind: number): boolean {
    const { memoryBase, memoryIndex, memoryDisplacement } = instruction;
    const isFixed = memoryBase === Register.None && memoryIndex === Register.None;
    const place = this.#pdb.sections.placeOf(Number(memoryDisplacement) - this.#preferredBase);
    const index = isFixed && place !== undefined ? this.#pdb.publics.findIndexBefore(place) : undefined;
    const symbol = index === undefined ? undefined : this.#pdb.publics.at(index);
    const isHere = symbol?.section === place?.section && symbol?.offset === place?.offset;
    if (!isHere || symbol?.name.startsWith('__imp_') !== true) this.tally.stopped++;
    else {
      this.tally.calls++;
      this.#compare(machine, behind, behind - 1, 'unwind');
      // Names of C++ do not tell, and some functions never return.
      if (/^__imp_(\?|.*longjmp)/.test(symbol.name)) return false;
      machine.afterCall(Number(/@(\d+)$/.exec(symbol.name)?.[1] ?? 0));
      return true;
    }
    return false;
  }

  #runCallee(machine: X86Emulator, target: number, behind: number): boolean {
    machine.push(behind);
    for (let rva = target, count = 0; count < 64; count++) {
      const instruction = this.#decode(rva);
      const { flowControl } = instruction;
      if (flowControl === FlowControl.Return) {
        const back = machine.pop();
        instruction.free();
        return back === behind;
      }
      if (flowControl === FlowControl.Next) machine.run(instruction);
      // The way without a guard page.
      else if (flowControl !== FlowControl.ConditionalBranch) break;
      rva += instruction.length;
      instruction.free();
    }
    this.tally.stopped++;
    return false;
  }

  /** Programs that are linked incrementally call through jumps. */
  #throughJump(target: number): number {
    const instruction = this.#decode(target);
    const { flowControl, nearBranchTarget } = instruction;
    instruction.free();
    return flowControl === FlowControl.UnconditionalBranch ? Number(nearBranchTarget) : target;
  }

  /** Bytes that a function takes off the stack: the number of its first return. */
  #takenBy(target: number): number | undefined {
    const bounds = this.#pdb.boundsAt(target);
    for (let rva = target; rva < (bounds?.end ?? target + 5); ) {
      const instruction = this.#decode(rva);
      const { flowControl, length, op0Kind } = instruction;
      rva += length;
      if (flowControl === FlowControl.Return)
        return op0Kind === OpKind.Immediate16 ? instruction.immediate16 : 0;
    }
    return undefined;
  }

  #decode(rva: number): Instruction {
    const bytes = this.#image.tryReadRva(rva, 16);
    const decoder = new Decoder(32, bytes instanceof Fault ? bytes.got : bytes, DecoderOptions.None);
    decoder.ip = BigInt(rva);
    const instruction = decoder.decode();
    decoder.free();
    return instruction;
  }

  #compare(machine: X86Emulator, ip: number, place: number, trust: Trust, callee?: number): void {
    const values = x86Names.map((name, index) => [name, BigInt(machine.values[index]!)] as const);
    const at = (rva: number) => base + BigInt(rva);
    const registers = new RegisterSet('x86', [...values, ['eip', at(ip)]]);
    const current = { ip: at(ip), sp: signExtend32(machine.esp), registers, trust };
    const called =
      callee === undefined ? undefined : { ...current, ip: at(callee), trust: 'context' as const };
    const found = findByFrameData(this.#context(machine), current, called, undefined);
    if (found === undefined) {
      this.tally.missed++;
      return;
    }
    const where = `${trust} ${place.toString(16)} ${this.#name}`;
    if (found.note !== undefined) this.tally.searched++;
    if (found.ip !== signExtend32(returnAddress) || found.sp !== signExtend32(entrySp + 4))
      this.tally.wrong.push(`${where}: ${found.ip.toString(16)} ${found.sp.toString(16)}`);
    if (this.#inFunclet) return;
    for (const register of nonvolatile) {
      const value = found.registers.get(x86Names[register]!);
      if (value === undefined) this.tally.unknown++;
      else if (value !== BigInt(0x1111_0000 + register))
        this.tally.wrongRegisters.push(`${where}: ${x86Names[register]} ${value.toString(16)}`);
    }
  }

  #context(machine: X86Emulator): UnwindContext {
    const caller: CodeModule = { ...this.#module, base: callerBase, size: 0x1000 };
    return {
      machine: 'x86',
      memory: stackMemory(machine.stack),
      code: {
        findModule: (va) =>
          va >= base && va < base + 0x100_0000n
            ? this.#module
            : va >= callerBase && va < callerBase + 0x1000n
              ? caller
              : undefined,
      },
    };
  }
}

/** The stack of the emulator, and the call at the caller's place. */
function stackMemory(stack: ReadonlyMap<number, number>): VirtualMemory {
  const call = [0x90, 0x90, 0x90, 0x90, 0x90, 0xff, 0xd0];
  return {
    kind: 'blocks',
    tryRead(va, length) {
      const from = Number(va - callerBase) - 0x4fb;
      const got = Uint8Array.from(from >= 0 && from < 7 ? call.slice(from, from + length) : []);
      return got.length === length ? got : new Fault('not-in-dump', va, { got });
    },
    tryReadU64: (va) => new Fault('not-in-dump', va),
    tryReadU32: (va: Va) => stack.get(Number(va & 0xffff_ffffn)) ?? 0,
    nextCandidate: () => undefined,
  };
}

/** Images and their PDBs, the functions in them that have frame data, and blocks of SEH. */
const pairs = [
  ['seh-tests/x86/xcpt4.exe', 'seh-tests/x86/xcpt4.pdb', 99, 183],
  ['seh-tests/x86/nested_collided.exe', 'seh-tests/x86/nested_collided.pdb', 61, 6],
  ['seh-tests/x86/xframe_eh_exe.exe', 'seh-tests/x86/xframe_eh_exe.pdb', 67, 17],
  ['seh-tests/x86/xframe_eh_dll.dll', 'seh-tests/x86/xframe_eh_dll.pdb', 57, 12],
  ['misc/vs2019_cpp_override.exe', 'misc/vs2019_cpp_override.pdb', 78, 2],
  ['misc/basic32.dll', 'misc/basic32.pd_', 3000, 65],
] as const;

describe.skipIf(!hasShared)('x86 frame data of real images (needs ../shared)', () => {
  it.each(pairs)(
    'U-49 give back the caller at every instruction of %s',
    async (image, pdb, functions, funclets) => {
      const packed = new BufferSource(sharedBytes(`pdbs/${pdb}`));
      const symbols = pdb.endsWith('_') ? (await unpackCabinet(packed)).source : packed;
      const file = new FileImage(new BufferSource(sharedBytes(`pdbs/${image}`)));
      const tally = new Judge(file, new PdbFile(symbols)).run();
      expect(tally.wrong).toEqual([]);
      expect(tally).toMatchObject({ functions, funclets });
      expect(tally.instructions).toBeGreaterThan(10 * functions);
      // Functions that end by a jump through a register.
      expect(tally.missed).toBeLessThanOrEqual(tally.instructions * 0.001);
      // One program has code that some paths reach without the saves that its data tell of.
      const inexact = image.includes('basic32') ? tally.instructions * 0.003 : 0;
      expect(tally.wrongRegisters.length).toBeLessThanOrEqual(inexact);
    },
  );
});
