import { readFileSync } from 'node:fs';
import { Decoder, DecoderOptions, FlowControl, type Instruction, Mnemonic, OpKind } from 'iced-x86';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedPath } from '../../../../test/shared-files.ts';
import { entrySp, X86Emulator, x86Names } from '../../test/x86-emulator.ts';
import { Fault, signExtend32, type Va } from '../base/index.ts';
import { RegisterSet } from '../cpu/index.ts';
import { BufferSource } from '../io/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';
import { PdbFile } from '../pdb/index.ts';
import { FileImage } from '../pe/index.ts';
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

/** Functions that make or undo the frame of their caller: they are run in full. */
const framing = /^(__SEH_|_SEH_|__EH_|_EH_|__chkstk|_chkstk|__alloca_probe|_alloca_probe)/;

interface Tally {
  functions: number;
  instructions: number;
  calls: number;
  /** Paths that end at something which the emulator does not follow. */
  stopped: number;
  searched: number;
  wrong: string[];
}

class Judge {
  readonly tally: Tally = { functions: 0, instructions: 0, calls: 0, stopped: 0, searched: 0, wrong: [] };
  readonly #image: FileImage;
  readonly #pdb: PdbFile;
  readonly #module: CodeModule;
  #name = '';

  constructor(image: string, pdb: string) {
    this.#image = new FileImage(new BufferSource(readFileSync(sharedPath(`pdbs/${image}`))));
    this.#pdb = new PdbFile(new BufferSource(readFileSync(sharedPath(`pdbs/${pdb}`))));
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
      if (framing.test(this.#name)) continue;
      this.tally.functions++;
      this.#runFunction(start, start + code.length);
    }
    return this.tally;
  }

  /** Every instruction once, with the state in which it was first reached. */
  #runFunction(start: number, end: number): void {
    const seen = new Set<number>();
    const open: (readonly [rva: number, machine: X86Emulator])[] = [[start, new X86Emulator(returnAddress)]];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [rva, machine] = next;
      if (seen.has(rva) || rva < start || rva >= end) continue;
      seen.add(rva);
      const instruction = this.#decode(rva);
      if (instruction.mnemonic === Mnemonic.Int3) continue;
      this.tally.instructions++;
      this.#compare(machine, rva, rva, 'context');
      for (const after of this.#follow(instruction, rva, machine)) open.push([after, machine.copy()]);
      instruction.free();
    }
  }

  /** Runs an instruction; where the code goes on. */
  #follow(instruction: Instruction, rva: number, machine: X86Emulator): number[] {
    const behind = rva + instruction.length;
    const target = instruction.op0Kind === OpKind.NearBranch32 ? Number(instruction.nearBranchTarget) : undefined;
    switch (instruction.flowControl) {
      case FlowControl.Next:
        machine.run(instruction);
        if (!machine.supported) this.tally.stopped++;
        return machine.supported ? [behind] : [];
      case FlowControl.ConditionalBranch:
        return [behind, target!];
      case FlowControl.UnconditionalBranch:
        return [target!];
      case FlowControl.Call:
        return this.#call(machine, target!, behind) ? [behind] : [];
      case FlowControl.IndirectCall:
        this.tally.stopped++;
        return [];
      default:
        return [];
    }
  }

  /** False where the callee does not come back, or it is not known how. */
  #call(machine: X86Emulator, target: number, behind: number): boolean {
    const name = this.#pdb.nameAt(target)?.name ?? '';
    if (framing.test(name)) return this.#runCallee(machine, target, behind);
    this.tally.calls++;
    this.#compare(machine, behind, behind - 1, 'unwind', target);
    const taken = this.#takenBy(target);
    if (taken === undefined) this.tally.stopped++;
    else machine.afterCall(taken);
    return taken !== undefined;
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

  /** Bytes that a function takes off the stack: the number of its first return. */
  #takenBy(target: number, depth = 0): number | undefined {
    const bounds = this.#pdb.boundsAt(target);
    for (let rva = target; rva < (bounds?.end ?? target + 5); ) {
      const instruction = this.#decode(rva);
      const { flowControl, length, op0Kind } = instruction;
      rva += length;
      if (flowControl === FlowControl.Return) return op0Kind === OpKind.Immediate16 ? instruction.immediate16 : 0;
      const isThunk = flowControl === FlowControl.UnconditionalBranch && rva === target + length;
      if (isThunk && depth < 4) return this.#takenBy(Number(instruction.nearBranchTarget), depth + 1);
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
    const called = callee === undefined ? undefined : { ...current, ip: at(callee), trust: 'context' as const };
    const found = findByFrameData(this.#context(machine), current, called, undefined);
    const wrong: string[] = [];
    if (found?.ip !== signExtend32(returnAddress)) wrong.push(`ip ${found?.ip.toString(16)}`);
    if (found?.sp !== signExtend32(entrySp + 4)) wrong.push(`sp ${found?.sp.toString(16)}`);
    for (const register of nonvolatile) {
      const value = found?.registers.get(x86Names[register]!);
      if (value !== BigInt(0x1111_0000 + register)) wrong.push(`${x86Names[register]} ${value?.toString(16)}`);
    }
    if (found?.note !== undefined) this.tally.searched++;
    if (wrong.length > 0) this.tally.wrong.push(`${trust} ${place.toString(16)} ${this.#name}: ${wrong.join(', ')}`);
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

const pairs = [
  ['seh-tests/x86/xcpt4.exe', 'seh-tests/x86/xcpt4.pdb'],
  ['seh-tests/x86/nested_collided.exe', 'seh-tests/x86/nested_collided.pdb'],
  ['seh-tests/x86/xframe_eh_exe.exe', 'seh-tests/x86/xframe_eh_exe.pdb'],
  ['seh-tests/x86/xframe_eh_dll.dll', 'seh-tests/x86/xframe_eh_dll.pdb'],
  ['misc/vs2019_cpp_override.exe', 'misc/vs2019_cpp_override.pdb'],
] as const;

describe.skipIf(!hasShared)('x86 frame data of real images (needs ../shared)', () => {
  it.each(pairs)('U-46 give back the caller at every instruction of %s', (image, pdb) => {
    const tally = new Judge(image, pdb).run();
    console.log({ ...tally, wrong: tally.wrong.length }, tally.wrong.slice(0, 60).join('\n'));
    expect(tally.wrong.length).toBe(0);
  });
});
