import { Fault, signExtend32, type Va } from '../base/index.ts';
import { RegisterSet } from '../cpu/index.ts';
import type { FrameData } from '../pdb/index.ts';
import { readSomeCode } from './code-bytes.ts';
import type { FoundFrame } from './found-frame.ts';
import { isInterrupted, type StackRange, type UnwindContext } from './frame.ts';
import { runFrameProgram } from './frame-program.ts';
import { judgeReturnAddress } from './scan.ts';
import { followEpilog, followProlog } from './x86-prolog.ts';

/** Registers that a call keeps. */
const nonvolatile = ['ebx', 'esi', 'edi', 'ebp'] as const;

/** Numbers of registers in programs. Source: microsoft-pdb, cvconst.h (CV_REG_*). */
const numbered: Readonly<Record<string, string>> = {
  $17: 'eax',
  $18: 'ecx',
  $19: 'edx',
  $20: 'ebx',
  $21: 'esp',
  $22: 'ebp',
  $23: 'esi',
  $24: 'edi',
};

const trapFrame = 1;
const ebpFrame = 3;
/** Bytes of code that are looked at for the end of a function, and for its beginning. */
const epilogRoom = 64;
const maxProlog = 0x200;
/** Words that are searched for a return address: pushed arguments of a call that was not made yet. */
const searchWords = 64;

/** How the code of a frame uses its stack; a return address may stand behind the last byte of its function. */
export function frameDataAt({ code }: UnwindContext, { ip, trust }: FoundFrame): FrameData | undefined {
  const module = code.findModule(ip);
  const rva = module === undefined ? 0 : Number(ip - module.base) - (isInterrupted(trust) ? 0 : 1);
  return module?.frameDataAt?.(rva);
}

/**
 * The caller of an x86 frame by the frame data of its function: what a program of the symbols computes, or what the sizes
 * of FPO_DATA say; inside of a prolog or an epilog what their instructions have done. `callee`: the frame that this one
 * called. Undefined where the symbols do not tell, or what they tell cannot be. A caller at address 0 is none: there the
 * stack ends.
 */
export function findByFrameData(
  context: UnwindContext,
  current: FoundFrame,
  callee: FoundFrame | undefined,
  stack: StackRange | undefined,
): FoundFrame | undefined {
  const data = frameDataAt(context, current);
  if (data === undefined || data.frameType === trapFrame) return undefined;
  const step = new X86Step(context, current, data, argumentBytes(context, current, callee));
  const caller = step.byEpilog() ?? step.byProlog() ?? step.byProgram() ?? step.bySizes();
  if (caller === undefined) return undefined;
  const { ip, sp } = caller;
  if (sp <= current.sp || sp % 4n !== 0n || (stack !== undefined && sp > stack.base)) return undefined;
  const judged = ip === 0n ? { note: undefined } : judgeReturnAddress(context, ip);
  if (judged === undefined) return undefined;
  const notes = [caller.note, judged.note].filter((text) => text !== undefined);
  return { ...caller, note: notes.length === 0 ? undefined : notes.join('; ') };
}

/** What the callee takes off the stack when it returns: it is still there. */
function argumentBytes(
  context: UnwindContext,
  current: FoundFrame,
  callee: FoundFrame | undefined,
): number {
  if (callee === undefined || isInterrupted(current.trust)) return 0;
  return frameDataAt(context, callee)?.parameterBytes ?? 0;
}

/** One frame undone, by each of the ways that there are. */
class X86Step {
  readonly #context: UnwindContext;
  readonly #current: FoundFrame;
  readonly #data: FrameData;
  readonly #arguments: number;
  readonly #esp: number;

  constructor(context: UnwindContext, current: FoundFrame, data: FrameData, callArguments: number) {
    this.#context = context;
    this.#current = current;
    this.#data = data;
    this.#arguments = callArguments;
    this.#esp = low32(current.sp);
  }

  /** Behind the last call, while the function gives back its stack. */
  byEpilog(): FoundFrame | undefined {
    const { ip, trust } = this.#current;
    if (!isInterrupted(trust)) return undefined;
    const code = readSomeCode(this.#context, ip, epilogRoom);
    const effect = followEpilog(code, { esp: this.#esp, ebp: this.#register('ebp') });
    return effect === undefined ? undefined : this.#frameAt(effect.returnAt, effect.restored);
  }

  /** While the function makes its frame: its data tell how the stack is behind that. */
  byProlog(): FoundFrame | undefined {
    const { beginsFunction, prologBytes } = this.#data;
    const done = Number(this.#current.ip - this.#start);
    if (!beginsFunction || done < 0 || done >= prologBytes) return undefined;
    const effect = this.#followProlog(done);
    if (effect === undefined) return undefined;
    const returnAt = (this.#esp + effect.depth) >>> 0;
    return this.#frameAt(returnAt, placesBelow(returnAt, effect.saved));
  }

  byProgram(): FoundFrame | undefined {
    const { program } = this.#data;
    if (program === undefined) return undefined;
    let note: string | undefined;
    const set = runFrameProgram(program, {
      read: (address) => this.#read(address),
      valueOf: (name) => {
        if (name !== '.raSearch' && name !== '.raSearchStart') return this.#valueOf(name);
        const found = this.#search(this.#esp + this.#arguments + (name === '.raSearch' ? this.#frameBytes : 0));
        note = found.note;
        return found.at;
      },
    });
    const [ip, sp] = [set?.get('$eip'), set?.get('$esp')];
    if (set === undefined || ip === undefined || sp === undefined) return undefined;
    const named = [...set].map(([name, value]) => [numbered[name] ?? name.slice(1), value] as const);
    const kept = named.filter(([name]) => (nonvolatile as readonly string[]).includes(name));
    return this.#frame(ip, sp, new Map(kept), note);
  }

  /** FPO_DATA: the return address is above variables and saved registers, or at ebp. */
  bySizes(): FoundFrame | undefined {
    const { frameType, prologBytes, savedRegisterBytes, usesEbp } = this.#data;
    if (frameType === undefined) return undefined;
    const effect = savedRegisterBytes === 0 ? undefined : this.#followProlog(prologBytes);
    if (frameType === ebpFrame) {
      const frame = this.#register('ebp');
      return frame === undefined ? undefined : this.#frameAt(frame + 4, this.#saved(frame + 4, effect, true));
    }
    if (frameType !== 0) return undefined;
    const { at, note } = this.#search(this.#esp + this.#arguments + this.#frameBytes);
    return this.#frameAt(at, this.#saved(at, effect, usesEbp === true), note);
  }

  get #frameBytes(): number {
    return this.#data.localBytes + this.#data.savedRegisterBytes;
  }

  get #start(): Va {
    return this.#context.code.findModule(this.#current.ip)!.base + BigInt(this.#data.start);
  }

  #followProlog(length: number): ReturnType<typeof followProlog> {
    if (length > maxProlog) return undefined;
    return followProlog(readSomeCode(this.#context, this.#start, length), length);
  }

  /**
   * Where registers stand that the function saved. FPO_DATA tells their number, the prolog which they are: where it does
   * not, they are not known.
   */
  #saved(
    returnAt: number,
    effect: ReturnType<typeof followProlog>,
    changesEbp: boolean,
  ): ReadonlyMap<string, number | undefined> {
    const { savedRegisterBytes, frameType } = this.#data;
    const frame: (readonly [string, number | undefined])[] =
      frameType === ebpFrame ? [['ebp', returnAt - 4]] : [];
    const known = [...(effect?.saved ?? [])].filter(([name]) => isKept(name));
    const others = known.filter(([name]) => frameType !== ebpFrame || name !== 'ebp');
    if (effect !== undefined && others.length * 4 === savedRegisterBytes)
      return new Map([...placesBelow(returnAt, new Map(others)), ...frame]);
    const lost = savedRegisterBytes === 0 ? [] : ['ebx', 'esi', 'edi'];
    const unknown = [...lost, ...(changesEbp ? ['ebp'] : [])].map((name) => [name, undefined] as const);
    return new Map([...unknown, ...frame]);
  }

  /** The first return address from `start` up: there it is, unless arguments of another call were pushed below it. */
  #search(start: number): { readonly at: number; readonly note?: string } {
    for (let words = 0; words < searchWords; words++) {
      const at = (start + words * 4) >>> 0;
      const word = this.#read(at);
      if (word === undefined) break;
      const judged = judgeReturnAddress(this.#context, signExtend32(word));
      if (judged === undefined || (words > 0 && judged.note !== undefined)) continue;
      if (words === 0) return { at };
      return { at, note: `the return address was searched for, and stands 0x${(words * 4).toString(16)} bytes higher` };
    }
    return { at: start >>> 0 };
  }

  #frameAt(
    returnAt: number,
    places: ReadonlyMap<string, number | undefined>,
    note?: string,
  ): FoundFrame | undefined {
    const ip = this.#read(returnAt);
    const restored = [...places].map(
      ([name, at]) => [name, at === undefined ? undefined : this.#read(at)] as const,
    );
    return ip === undefined ? undefined : this.#frame(ip, returnAt + 4, new Map(restored), note);
  }

  /** `restored`: what registers hold again; undefined: no longer known. */
  #frame(
    ip: number,
    sp: number,
    restored: ReadonlyMap<string, number | undefined>,
    note: string | undefined,
  ): FoundFrame {
    const kept = nonvolatile
      .map((name) => [name, restored.has(name) ? restored.get(name) : this.#register(name)] as const)
      .flatMap(([name, value]) => (value === undefined ? [] : [[name, BigInt(value)] as const]));
    const registers = new RegisterSet('x86', [['eip', BigInt(ip)], ['esp', BigInt(sp >>> 0)], ...kept]);
    return { ip: signExtend32(ip), sp: signExtend32(sp >>> 0), registers, trust: 'unwind', note };
  }

  #valueOf(name: string): number | undefined {
    const { localBytes, parameterBytes, savedRegisterBytes } = this.#data;
    const sizes: Readonly<Record<string, number>> = {
      '.cbLocals': localBytes,
      '.cbParams': parameterBytes,
      '.cbSavedRegs': savedRegisterBytes,
      '.cbCalleeParams': this.#arguments,
    };
    return sizes[name] ?? this.#register(numbered[name] ?? name.slice(1));
  }

  #register(name: string): number | undefined {
    if (name === 'esp') return this.#esp;
    if (name === 'eip') return low32(this.#current.ip);
    const value = this.#current.registers.get(name);
    return value === undefined ? undefined : Number(value & 0xffff_ffffn);
  }

  #read(address: number): number | undefined {
    const value = this.#context.memory.tryReadU32(signExtend32(address >>> 0));
    return value instanceof Fault ? undefined : value;
  }
}

const isKept = (name: string): boolean => (nonvolatile as readonly string[]).includes(name);

const low32 = (va: Va): number => Number(va & 0xffff_ffffn);

/** Addresses of what stands so many bytes below a return address. */
const placesBelow = (returnAt: number, distances: ReadonlyMap<string, number>): Map<string, number> =>
  new Map([...distances].map(([name, distance]) => [name, (returnAt - distance) >>> 0]));
