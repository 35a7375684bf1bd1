import { Fault, signExtend32, type Va } from '../base/index.ts';
import { RegisterSet } from '../cpu/index.ts';
import type { FrameData } from '../pdb/index.ts';
import { readSomeCode } from './code-bytes.ts';
import type { FoundFrame } from './found-frame.ts';
import { isInterrupted, type UnwindContext } from './frame.ts';
import { runFrameProgram, unknownValue } from './frame-program.ts';
import { judgeReturnAddress } from './scan.ts';
import {
  followEpilog,
  followProlog,
  isNonvolatile,
  type PrologEffect,
  x86Nonvolatile,
} from './x86-prolog.ts';

/** Nonvolatile registers that are never frame pointers. */
const otherRegisters = x86Nonvolatile.filter((name) => name !== 'ebp');

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

const noFrame = 0;
const ebpFrame = 3;
/** Bytes of code that are looked at for the end of a function, and for its beginning. */
const epilogRoom = 64;
const maxProlog = 0x200;
/** Words that are searched for a return address: pushed arguments of a call that was not made yet. */
const searchWords = 64;

/** One frame undone, by each of the ways that there are. */
export class X86Step {
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
    const { length, beginsFunction } = this.#data;
    const at = Number(ip - this.#start);
    const leaves = (distance: number): boolean =>
      beginsFunction && (at + distance < 0 || at + distance >= length);
    const code = readSomeCode(this.#context, ip, epilogRoom);
    const effect = followEpilog(code, { esp: this.#esp, ebp: this.#register('ebp') }, leaves);
    return effect === undefined ? undefined : this.#frameAt(effect.returnAt, effect.restored);
  }

  /** While the function makes its frame: its data tell how the stack is behind that. */
  byProlog(): FoundFrame | undefined {
    if (!this.#isInProlog) return undefined;
    const effect = this.#followProlog(Number(this.#current.ip - this.#start));
    if (effect === undefined) return undefined;
    const returnAt = (this.#esp + effect.depth) >>> 0;
    return this.#frameAt(returnAt, placesBelow(returnAt, effect.saved));
  }

  byProgram(): FoundFrame | undefined {
    const { program } = this.#data;
    if (program === undefined) return undefined;
    let found: FoundPlace | undefined;
    let isMissing = false;
    const set = runFrameProgram(program, {
      read: (address) => {
        // Nothing below esp is saved: what will be saved there is still in its register.
        const word = address < this.#esp ? undefined : this.#read(address);
        isMissing ||= word === undefined && address >= this.#esp;
        return word;
      },
      valueOf: (name) => {
        if (name !== '.raSearch' && name !== '.raSearchStart') return this.#valueOf(name);
        found = this.#search(name === '.raSearch' ? this.#frameBytes : 0);
        return found.at;
      },
    });
    const [ip, sp] = [set?.get('$eip') ?? unknownValue, set?.get('$esp') ?? unknownValue];
    if (set === undefined || Number.isNaN(ip) || Number.isNaN(sp)) return undefined;
    const named = new Map<string, number | undefined>();
    for (const [variable, value] of set) {
      const name = numbered[variable] ?? variable.slice(1);
      if (!isNonvolatile(name) || (Number.isNaN(value) && !isMissing)) continue;
      named.set(name, Number.isNaN(value) || (name !== 'ebp' && this.#isInProlog) ? undefined : value);
    }
    return this.#frame(ip, sp, new Map([...this.#unsure(found), ...named]), found?.note);
  }

  /**
   * What holds of registers that the data do not name. Those that an inner part saved, of which the end is not sure, and those
   * that may have been pushed on a larger frame than the data know, are not known; where such a frame stands on a frame record,
   * that holds ebp.
   */
  #unsure(found: FoundPlace | undefined): Map<string, number | undefined> {
    const isLarger = found?.note !== undefined;
    if (!isLarger && !this.#data.isBehindPart) return new Map();
    const unknown = otherRegisters.map((name) => [name, undefined] as const);
    const ebp = this.#register('ebp');
    const hasRecord = isLarger && ebp !== undefined && found.at === ebp + 4;
    return new Map<string, number | undefined>([
      ...unknown,
      ...(hasRecord ? [['ebp', this.#read(ebp)] as const] : []),
    ]);
  }

  get #isInProlog(): boolean {
    const done = Number(this.#current.ip - this.#start);
    return this.#data.beginsFunction && done >= 0 && done < this.#data.prologBytes;
  }

  /** FPO_DATA: the return address is above variables and saved registers, or at ebp. */
  bySizes(): FoundFrame | undefined {
    const { frameType } = this.#data;
    const ebp = this.#register('ebp');
    if (frameType === ebpFrame && ebp !== undefined) return this.#bySizesAt({ at: ebp + 4 });
    return frameType === noFrame ? this.#bySizesAt(this.#search(this.#frameBytes)) : undefined;
  }

  #bySizesAt(found: FoundPlace): FoundFrame | undefined {
    const registers = new Map([...this.#savedBySizes(found), ...this.#unsure(found)]);
    if (this.#data.frameType === ebpFrame) registers.set('ebp', this.#read(found.at - 4));
    const ip = this.#read(found.at);
    return ip === undefined ? undefined : this.#frame(ip, found.at + 4, registers, found.note);
  }

  get #frameBytes(): number {
    return this.#data.localBytes + this.#data.savedRegisterBytes;
  }

  get #start(): Va {
    return this.#context.code.findModule(this.#current.ip)!.base + BigInt(this.#data.start);
  }

  #followProlog(length: number): PrologEffect | undefined {
    if (length > maxProlog) return undefined;
    return followProlog(readSomeCode(this.#context, this.#start, length), length);
  }

  /** FPO_DATA tells how many registers the function saved, its prolog which: where that does not fit, they are not known. */
  #savedBySizes({ at }: FoundPlace): Map<string, number | undefined> {
    const { savedRegisterBytes, usesEbp, prologBytes, frameType } = this.#data;
    if (savedRegisterBytes === 0) return new Map();
    const all = this.#followProlog(prologBytes)?.saved ?? new Map<string, number>();
    const saved = [...all].filter(
      ([name]) => isNonvolatile(name) && (frameType !== ebpFrame || name !== 'ebp'),
    );
    if (saved.length * 4 === savedRegisterBytes) return this.#readAll(placesBelow(at, new Map(saved)));
    const lost = [...otherRegisters, ...(usesEbp === true ? ['ebp'] : [])];
    return new Map(lost.map((name) => [name, undefined]));
  }

  /**
   * The return address above `size` bytes of frame. There it is, or below the callee's arguments where the symbols count some
   * that are in registers; else it is searched for, upwards first: arguments of another call may have been pushed below it.
   */
  #search(size: number): FoundPlace {
    const lowest = this.#esp + size;
    const exact = lowest + this.#arguments;
    const found = [exact, lowest].find((at) => this.#isReturnAddress(at, false));
    if (found !== undefined) return { at: found >>> 0 };
    for (let words = 1; words < searchWords; words++)
      if (this.#isReturnAddress(lowest + words * 4, true)) return searched(lowest + words * 4);
    for (let at = this.#esp; at < lowest && at < this.#esp + searchWords * 4; at += 4)
      if (this.#isReturnAddress(at, true)) return searched(at);
    return { at: exact >>> 0 };
  }

  /** `surely`: the code before it has to be there and be a call. */
  #isReturnAddress(at: number, surely: boolean): boolean {
    const word = this.#read(at);
    const judged = word === undefined ? undefined : judgeReturnAddress(this.#context, signExtend32(word));
    return judged !== undefined && (!surely || judged.note === undefined);
  }

  #frameAt(returnAt: number, places: ReadonlyMap<string, number>): FoundFrame | undefined {
    const ip = this.#read(returnAt);
    return ip === undefined ? undefined : this.#frame(ip, returnAt + 4, this.#readAll(places), undefined);
  }

  #readAll(places: ReadonlyMap<string, number>): Map<string, number | undefined> {
    return new Map([...places].map(([name, at]) => [name, this.#read(at)]));
  }

  /** `restored`: what registers hold again; undefined: no longer known. */
  #frame(
    ip: number,
    sp: number,
    restored: ReadonlyMap<string, number | undefined>,
    note: string | undefined,
  ): FoundFrame {
    const kept = x86Nonvolatile
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

/** Where a return address stands, and that it was not where the sizes say. */
interface FoundPlace {
  readonly at: number;
  readonly note?: string;
}

const low32 = (va: Va): number => Number(va & 0xffff_ffffn);

/** Addresses of what stands so many bytes below a return address. */
const placesBelow = (returnAt: number, distances: ReadonlyMap<string, number>): Map<string, number> =>
  new Map([...distances].map(([name, distance]) => [name, (returnAt - distance) >>> 0]));

const searched = (at: number): FoundPlace => ({ at: at >>> 0, note: 'its return address was searched for' });
