import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Fault, readU32 } from '../base/index.ts';
import { RegisterSet } from '../cpu/index.ts';
import { BufferSource } from '../io/index.ts';
import {
  type ExceptionDirectory,
  FileImage,
  type RuntimeFunction,
  readExceptionDirectory,
} from '../pe/index.ts';
import { ModuleCodeMap, type UnwindContext, UnwindFailure, unwindArm64 } from './index.ts';

/*
 * The judge of the arm64 unwinder: a small interpreter runs prologs and epilogs of real images from their instructions
 * alone, and at every instruction the unwinder must give the caller's registers back.
 */

const shared = new URL('../../../../../shared/pdbs/', import.meta.url);
const base = 0xfffff800_12340000n;
const entrySp = 0xffffb000_00028fc0n;
const returnAddress = 0xfffff800_2abbccd0n;
/** What signing sets in the unused bits of a kernel address. */
const signature = 0x5a25_0000_0000_0000n;
const fp = 29;
const lr = 30;
const sp = 31;
const saved = [19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29];

const sign = (value: number, bits: number): bigint => BigInt.asIntN(bits, BigInt(value));

class Machine {
  /** x0..x30, then sp. */
  values = Array.from({ length: 32 }, (_, index) => 0x1111_0000_0000_0000n + BigInt(index) * 0x0101_0101n);
  stack = new Map<bigint, bigint>();
  readonly caller: readonly bigint[];
  /** Non-volatile registers and lr whose value at entry was stored. */
  stored = new Set<number>();
  #garbage = 0xdead_0000_0000_0000n;

  constructor() {
    this.values[sp] = entrySp;
    this.values[lr] = returnAddress;
    this.caller = [...this.values];
  }

  copy(): Machine {
    const machine = new Machine();
    machine.values = [...this.values];
    machine.stack = new Map(this.stack);
    machine.stored = new Set(this.stored);
    return machine;
  }

  junk(register: number): void {
    this.values[register] = this.#garbage++;
  }

  store(register: number, at: bigint): void {
    if (register === sp) return;
    this.stack.set(at, this.values[register]!);
    this.stored.add(register);
  }

  load(register: number, at: bigint): void {
    if (register === sp) return;
    const value = this.stack.get(at);
    if (value === undefined) this.junk(register);
    else this.values[register] = value;
  }
}

/** Loads and stores with the stack pointer as base: bank, registers, offset and how the stack pointer changes. */
interface StackAccess {
  readonly load: boolean;
  readonly vector: boolean;
  readonly registers: readonly number[];
  readonly offset: bigint;
  readonly mode: 'offset' | 'pre' | 'post';
}

function decodePair(word: number): StackAccess | undefined {
  const kind = word >>> 22;
  const modes = {
    0x2a2: 'post',
    0x2a4: 'offset',
    0x2a6: 'pre',
    0x1b2: 'post',
    0x1b4: 'offset',
    0x1b6: 'pre',
  } as const;
  const mode = modes[(kind & 0x3fe) as keyof typeof modes];
  if (mode === undefined || ((word >>> 5) & 31) !== sp) return undefined;
  const offset = sign((word >>> 15) & 0x7f, 7) * 8n;
  return {
    load: (kind & 1) === 1,
    vector: kind < 0x200,
    registers: [word & 31, (word >>> 10) & 31],
    offset,
    mode,
  };
}

function decodeSingle(word: number): StackAccess | undefined {
  if (((word >>> 5) & 31) !== sp) return undefined;
  const registers = [word & 31];
  const load = (word & 0x40_0000) !== 0;
  const vector = (word & 0x400_0000) !== 0;
  if ((word & 0xfb80_0000) >>> 0 === 0xf900_0000) {
    return { load, vector, registers, offset: BigInt((word >>> 10) & 0xfff) * 8n, mode: 'offset' };
  }
  if ((word & 0xfba0_0400) >>> 0 !== 0xf800_0400) return undefined;
  const mode = (word & 0x800) !== 0 ? 'pre' : 'post';
  return { load, vector, registers, offset: sign((word >>> 12) & 0x1ff, 9), mode };
}

const decodeAccess = (word: number): StackAccess | undefined => decodePair(word) ?? decodeSingle(word);

/** `add` or `sub` of an immediate: destination, source and the signed distance. */
function decodeAdd(word: number): { target: number; from: number; value: bigint } | undefined {
  if ((word & 0xbf80_0000) >>> 0 !== 0x9100_0000) return undefined;
  const amount = BigInt((word >>> 10) & 0xfff) << ((word & 0x40_0000) !== 0 ? 12n : 0n);
  return { target: word & 31, from: (word >>> 5) & 31, value: (word & 0x4000_0000) !== 0 ? -amount : amount };
}

const isSign = (word: number): boolean => word === 0xd503_237f;
const isAuthenticate = (word: number): boolean => word === 0xd503_23ff;
const isReturn = (word: number): boolean => word === 0xd65f_03c0;
const isBranch = (word: number): boolean => word >>> 26 === 5;
const isCall = (word: number): boolean => word >>> 26 === 0x25 || (word & 0xffff_fc1f) >>> 0 === 0xd63f_0000;
/** b, bl, b.cond, cbz, tbz, br, blr, ret and traps: no prolog goes on behind them. */
const isControl = (word: number): boolean =>
  isBranch(word) ||
  word >>> 26 === 0x25 ||
  [0x54, 0x34, 0x35, 0x36, 0x37, 0xb4, 0xb5, 0xb6, 0xb7].includes(word >>> 24) ||
  word >>> 25 === 0x6b;
/** sub sp, sp, x15, uxtx #4: behind a call of __chkstk. */
const isProbedSub = (word: number): boolean => word === 0xcb2f_73ff;

function runAccess(machine: Machine, { load, vector, registers, offset, mode }: StackAccess): void {
  const start = machine.values[sp]! + (mode === 'post' ? 0n : offset);
  registers.forEach((register, index) => {
    if (vector) return;
    if (load) machine.load(register, start + BigInt(index) * 8n);
    else machine.store(register, start + BigInt(index) * 8n);
  });
  if (mode !== 'offset') machine.values[sp] = machine.values[sp]! + offset;
}

function execute(machine: Machine, word: number): void {
  const access = decodeAccess(word);
  if (access !== undefined) return runAccess(machine, access);
  const add = decodeAdd(word);
  if (add !== undefined) {
    machine.values[add.target] = machine.values[add.from]! + add.value;
  } else if (isSign(word)) {
    machine.values[lr] = machine.values[lr]! ^ signature;
  } else if (isAuthenticate(word)) {
    machine.values[lr] = BigInt.asUintN(64, machine.values[lr]! | 0xff7f_0000_0000_0000n);
  } else if (isProbedSub(word)) {
    machine.values[sp] = machine.values[sp]! - machine.values[15]! * 16n;
  } else if ((word & 0xff80_0000) >>> 0 === 0xd280_0000) {
    machine.values[word & 31] = BigInt((word >>> 5) & 0xffff) << BigInt(((word >>> 21) & 3) * 16);
  } else if ((word & 0xffe0_ffe0) >>> 0 === 0xaa00_03e0) {
    machine.values[word & 31] = machine.values[(word >>> 16) & 31]!;
  }
}

/**
 * What a call does to the stack pointer: 0, but for the two short helpers that store and check a stack cookie, which
 * leave the stack 16 bytes lower or higher.
 */
function netOfCall(words: readonly number[]): bigint {
  const end = words.findIndex(isReturn);
  if (end < 0 || end > 12) return 0n;
  const machine = new Machine();
  for (const word of words.slice(0, end)) execute(machine, word);
  return machine.values[sp]! - entrySp;
}

interface Tally {
  /** Helpers that change the caller's stack pointer. */
  skipped: number;
  functions: number;
  prolog: number;
  body: number;
  epilogs: number;
  epilog: number;
  readonly wrong: string[];
}

class Judge {
  readonly tally: Tally = { skipped: 0, functions: 0, prolog: 0, body: 0, epilogs: 0, epilog: 0, wrong: [] };
  readonly #image: FileImage;
  readonly #directory: ExceptionDirectory;
  readonly #code: UnwindContext['code'];

  constructor(path: string) {
    this.#image = new FileImage(new BufferSource(readFileSync(new URL(path, shared))));
    this.#directory = readExceptionDirectory(this.#image) as ExceptionDirectory;
    this.#code = new ModuleCodeMap([{ base, size: 0x1000000, image: this.#image }]);
  }

  run(): Tally {
    for (let index = 0; index < this.#directory.count; index++) {
      this.#checkFunction(this.#directory.functionAt(index) as RuntimeFunction);
    }
    return this.tally;
  }

  #checkFunction({ begin, end }: RuntimeFunction): void {
    const words = this.#words(begin, end);
    if (netOfCall(words) !== 0n) {
      this.tally.skipped++;
      return;
    }
    this.tally.functions++;
    const machine = new Machine();
    const prolog = this.#prologLength(begin, words);
    for (let index = 0; index < prolog; index++) {
      this.#compare('prolog', machine, begin + index * 4);
      this.#execute(machine, begin + index * 4, words[index]!);
    }
    const scratch = [...Array.from({ length: 19 }, (_, index) => index), ...machine.stored].filter(
      (each) => each !== fp && each !== sp,
    );
    for (const register of scratch) machine.junk(register);
    const inEpilog = this.#checkEpilogs(machine, begin, words, prolog);
    words.forEach((word, index) => {
      if (index >= prolog && !inEpilog.has(index) && word !== 0)
        this.#compare('body', machine, begin + index * 4);
    });
  }

  #words(begin: number, end: number): number[] {
    const bytes = this.#image.tryReadRva(begin, end - begin) as Uint8Array;
    return Array.from({ length: (end - begin) / 4 }, (_, index) => readU32(bytes, index * 4));
  }

  #execute(machine: Machine, rva: number, word: number): void {
    execute(machine, word);
    machine.values[sp] = machine.values[sp]! + this.#netOf(rva, word);
  }

  #netOf(rva: number, word: number): bigint {
    if (word >>> 26 !== 0x25) return 0n;
    const target = rva + ((word << 6) >> 4);
    return netOfCall(this.#words(target, target + 64));
  }

  /** Instructions up to the last one that moves the stack, stores a register or sets the frame pointer in the first run. */
  #prologLength(begin: number, words: readonly number[]): number {
    let length = 0;
    for (let index = 0; index < words.length; index++) {
      const word = words[index]!;
      const probes = isCall(word) && isProbedSub(words[index + 1] ?? 0);
      const pushes = this.#netOf(begin + index * 4, word) < 0n;
      if (isControl(word) && !probes && !pushes) break;
      const access = decodeAccess(word);
      const add = decodeAdd(word);
      const stores =
        access !== undefined &&
        !access.load &&
        (access.vector || access.registers.some((each) => each >= 19));
      const moves = add !== undefined && (add.target === sp || (add.target === fp && add.from === sp));
      if (stores || moves || pushes || isSign(word) || isProbedSub(word)) length = index + 1;
    }
    return length;
  }

  /** Runs what stands before each return or jump out of the function; it is an epilog when it ends in the caller's state. */
  #checkEpilogs(body: Machine, begin: number, words: readonly number[], prolog: number): Set<number> {
    const found = new Set<number>();
    words.forEach((word, last) => {
      if (!isReturn(word) && !this.#leaves(word, last, words.length)) return;
      let first = last;
      while (first > prolog && this.#isEpilogInstruction(begin + first * 4 - 4, words[first - 1]!)) first--;
      const steps = Array.from({ length: last - first + 1 }, (_, index) => first + index);
      const trial = body.copy();
      const states = steps.map((index) => {
        const before = trial.copy();
        this.#execute(trial, begin + index * 4, words[index]!);
        return before;
      });
      if (!this.#isCallerState(trial)) {
        if (isReturn(word))
          this.tally.wrong.push(
            `return that the interpreter does not understand at ${(begin + last * 4).toString(16)}`,
          );
        return;
      }
      this.tally.epilogs++;
      steps.forEach((index, step) => {
        found.add(index);
        this.#compare('epilog', states[step]!, begin + index * 4);
      });
    });
    return found;
  }

  #isEpilogInstruction(rva: number, word: number): boolean {
    const access = decodeAccess(word);
    if (access !== undefined)
      return access.load && (access.vector || access.registers.every((each) => each >= 19));
    return isAuthenticate(word) || decodeAdd(word)?.target === sp || this.#netOf(rva, word) > 0n;
  }

  #leaves(word: number, at: number, length: number): boolean {
    if ((word & 0xffff_fc1f) >>> 0 === 0xd61f_0000) return true;
    if (!isBranch(word)) return false;
    const target = at + ((word << 6) >> 6);
    return target < 0 || target >= length;
  }

  #isCallerState(machine: Machine): boolean {
    const { values, caller } = machine;
    return (
      values[sp] === entrySp &&
      values[lr] === returnAddress &&
      saved.every((each) => values[each] === caller[each])
    );
  }

  #compare(where: 'prolog' | 'body' | 'epilog', { values, stack, caller }: Machine, rva: number): void {
    this.tally[where]++;
    const names = (index: number): string =>
      index === fp ? 'fp' : index === lr ? 'lr' : index === sp ? 'sp' : `x${index}`;
    const registers = new RegisterSet('arm64', [
      ...values.map((value, index) => [names(index), value] as const),
      ['pc', base + BigInt(rva)],
    ]);
    const step = unwindArm64(registers, {
      machine: 'arm64',
      code: this.#code,
      memory: {
        kind: 'blocks',
        tryRead: (va) => new Fault('not-in-dump', va),
        tryReadU64: (va) => stack.get(va) ?? new Fault('not-in-dump', va),
        tryReadU32: (va) => new Fault('not-in-dump', va),
        nextCandidate: () => undefined,
      },
    });
    const result = step instanceof UnwindFailure ? undefined : step.registers;
    const good =
      result?.ip === returnAddress &&
      result.sp === entrySp &&
      saved.every((each) => result.get(names(each)) === caller[each]);
    const reason =
      step instanceof UnwindFailure
        ? step.reason
        : [...step.registers.entries()].map(([n, v]) => `${n}=${v.toString(16)}`);
    if (!good) this.tally.wrong.push(`${where} ${rva.toString(16)}: ${String(reason)}`);
  }
}

/** Functions in each image's table: run, and left out. */
const images: readonly (readonly [path: string, functions: number, skipped: number])[] = [
  ['seh-tests/ARM64/xcpt4.exe', 232, 2],
  ['seh-tests/ARM64/nested_collided.exe', 37, 2],
  ['seh-tests/ARM64/xframe_eh_exe.exe', 49, 0],
  ['seh-tests/ARM64/xframe_eh_dll.dll', 44, 0],
  ['systeminformer/arm64/systeminformer.sys', 384, 2],
  ['systeminformer/arm64/ksi.dll', 20, 2],
];

describe.skipIf(!existsSync(fileURLToPath(shared)))(
  'arm64 unwinding of real images (needs ../shared)',
  () => {
    it.each(images)('U-20 gives back the caller at every instruction of %s', (path, functions, skipped) => {
      const tally = new Judge(path).run();
      expect(tally.wrong).toEqual([]);
      expect([tally.functions, tally.skipped]).toEqual([functions, skipped]);
      expect(Math.min(tally.prolog, tally.body, tally.epilog)).toBeGreaterThan(functions);
    });
  },
);
