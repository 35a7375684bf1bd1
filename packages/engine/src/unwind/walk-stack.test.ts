import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault, type Va } from '../base/index.ts';
import { type Machine, RegisterSet } from '../cpu/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';
import type { ImageReader } from '../pe/index.ts';
import { type CodeModule, type Frame, type StackRange, walkStack } from './index.ts';

const codeBase = 0xfffff801_00000000n;
const stack: StackRange = { limit: 0xffffb000_00002000n, base: 0xffffb000_00006000n };
const sp = 0xffffb000_00005000n;

const noImage: ImageReader = { layout: 'mapped', tryReadRva: (rva) => new Fault('not-in-dump', BigInt(rva)) };

/** A driver without readable headers, and one whose code ends at 0x8000. */
const unknownModule: CodeModule = {
  base: 0xfffff802_00000000n,
  size: 0x10000,
  image: noImage,
  isExecutable: () => undefined,
};
const knownModule: CodeModule = {
  base: codeBase,
  size: 0x10000,
  image: noImage,
  isExecutable: (va) => va - codeBase < 0x8000n,
};
const modules = [knownModule, unknownModule];
const code = {
  findModule: (va: Va) => modules.find(({ base, size }) => va >= base && va < base + BigInt(size)),
};

/** Places where the code holds a call that ends there; elsewhere it is nops, and behind 0x7000 it is missing. */
const calls = new Set([0x1010n, 0x2020n, 0x3030n]);
const callAt = (va: Va): number =>
  [...calls].some((rva) => va - codeBase === rva - 2n)
    ? 0xff
    : [...calls].some((rva) => va - codeBase === rva - 1n)
      ? 0xd0
      : 0x90;

class TestMemory implements VirtualMemory {
  readonly kind = 'blocks';
  readonly #words: ReadonlyMap<Va, bigint>;
  readonly #end: Va;

  constructor(words: Readonly<Record<number, bigint>>, end: Va = stack.base) {
    this.#words = new Map(
      Object.entries(words).map(([offset, value]) => [sp + BigInt(offset), BigInt.asUintN(64, value)]),
    );
    this.#end = end;
  }

  tryRead(va: Va, length: number): Uint8Array | Fault {
    const bytes: number[] = [];
    for (let at = va; at < va + BigInt(length); at++) {
      const byte = this.#byte(at);
      if (byte === undefined) return new Fault('not-in-dump', at, { got: Uint8Array.from(bytes) });
      bytes.push(byte);
    }
    return Uint8Array.from(bytes);
  }

  tryReadU64(va: Va): bigint | Fault {
    const bytes = this.tryRead(va, 8);
    return bytes instanceof Fault ? bytes : new DataView(bytes.buffer).getBigUint64(0, true);
  }

  tryReadU32(va: Va): number | Fault {
    const bytes = this.tryRead(va, 4);
    return bytes instanceof Fault ? bytes : new DataView(bytes.buffer).getUint32(0, true);
  }

  nextCandidate(): undefined {}

  #byte(at: Va): number | undefined {
    if (at >= codeBase && at < codeBase + 0x7000n) return callAt(at);
    if (at < sp || at >= this.#end) return undefined;
    const aligned = at - (at % 8n);
    return Number(((this.#words.get(aligned) ?? 0n) >> ((at - aligned) * 8n)) & 255n);
  }
}

interface Options {
  readonly machine?: Machine;
  readonly registers?: Readonly<Record<string, bigint>>;
  readonly stacks?: readonly StackRange[];
  readonly end?: Va;
  readonly maxFrames?: number;
}

function walk(words: Readonly<Record<number, bigint>>, options: Options = {}): Frame[] {
  const {
    machine = 'x64',
    registers = { rip: codeBase + 0x500n, rsp: sp },
    stacks = [stack],
    end,
    maxFrames,
  } = options;
  const start = new RegisterSet(machine, Object.entries(registers));
  return [
    ...walkStack(
      start,
      { machine, memory: new TestMemory(words, end), code, stacks },
      maxFrames === undefined ? {} : { maxFrames },
    ),
  ];
}

const shape = (frames: readonly Frame[]): string[] =>
  frames.map(({ ip, sp: at, trust }) => `${trust} ${(ip - codeBase).toString(16)} ${(at - sp).toString(16)}`);

describe('a scan', () => {
  it('U-33 takes words behind a call, in rising order', () => {
    const words = {
      0: codeBase + 0x1010n,
      8: codeBase + 0x1011n,
      0x10: 5n,
      0x18: codeBase + 0x2020n,
      0x40: codeBase + 0x9000n,
    };
    const frames = walk(words);
    expect(shape(frames)).toEqual(['context 500 0', 'scan 1010 8', 'scan 2020 20']);
    expect(frames.map(({ returnAddress }) => returnAddress)).toEqual([
      codeBase + 0x1010n,
      codeBase + 0x2020n,
      undefined,
    ]);
    expect(frames.map(({ note }) => note)).toEqual([undefined, undefined, undefined]);
    expect([...frames[1]!.registers.entries()]).toEqual([
      ['rip', codeBase + 0x1010n],
      ['rsp', sp + 8n],
    ]);
  });

  it('U-33 says what it could not check', () => {
    const frames = walk({
      0: codeBase + 0x7800n,
      8: unknownModule.base + 0x400n,
      0x10: unknownModule.base + 0x100n,
    });
    expect(frames.map(({ note }) => note)).toEqual([
      undefined,
      'not in the dump: the code before the return address',
      'not in the dump: the section headers of the module, the code before the return address',
    ]);
  });

  it('U-34 starts at a stack pointer that is not aligned with the next word', () => {
    expect(
      shape(
        walk(
          { 0: codeBase + 0x1010n, 8: codeBase + 0x2020n },
          { registers: { rip: codeBase, rsp: sp + 3n } },
        ),
      ),
    ).toEqual(['context 0 3', 'scan 2020 10']);
  });

  it('U-35 passes over the registers in a trap frame, and ends in user mode', () => {
    const trap = 0x40;
    const frame = trap + 0x168;
    const words = {
      0: codeBase + 0x1010n,
      [trap + 0x28]: 0x1f80n << 32n,
      [trap + 0x30]: codeBase + 0x2020n,
      [trap + 0x38]: 0x1234n,
      ...{
        [frame]: codeBase + 0x600n,
        [frame + 8]: 0x10n,
        [frame + 16]: 0x246n,
        [frame + 24]: sp + BigInt(frame + 0x28),
        [frame + 32]: 0x18n,
      },
      [frame + 0x30]: codeBase + 0x3030n,
    };
    const frames = walk(words);
    expect(shape(frames)).toEqual([
      'context 500 0',
      'scan 1010 8',
      `trap 600 ${(frame + 0x28).toString(16)}`,
      `scan 3030 ${(frame + 0x38).toString(16)}`,
    ]);
    expect(frames.map(({ trapFrame }) => trapFrame)).toEqual([
      undefined,
      sp + BigInt(trap),
      undefined,
      undefined,
    ]);
    expect([frames[2]!.registers.get('rax'), frames[2]!.registers.get('rcx')]).toEqual([
      codeBase + 0x2020n,
      0x1234n,
    ]);
    const user = {
      ...words,
      ...{
        [frame]: 0x7ff6_0000_1000n,
        [frame + 8]: 0x33n,
        [frame + 24]: 0x12_3456_0000n,
        [frame + 32]: 0x2bn,
      },
    };
    const last = walk(user).at(-1)!;
    expect([last.ip, last.sp, last.trust, last.returnAddress]).toEqual([
      0x7ff6_0000_1000n,
      0x12_3456_0000n,
      'trap',
      undefined,
    ]);
  });
});

describe('the end of a walk', () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [index * 8, codeBase + 0x1010n]));

  it('U-36 is the number of frames asked for, 256 unless told', () => {
    expect(walk(many, { maxFrames: 3 }).length).toBe(3);
    expect(walk(many).length).toBe(256);
    expect(walk(many, { maxFrames: 0 })).toEqual([]);
  });

  it('U-36 is where the stack is not in the dump', () => {
    expect(walk(many, { end: sp + 0x20n }).length).toBe(5);
    expect(walk(many, { end: sp }).length).toBe(1);
  });

  it('U-36 is the base of the stack, or 64 KB where that is not known', () => {
    expect(walk(many, { stacks: [{ limit: stack.limit, base: sp + 0x10n }] }).length).toBe(3);
    const far = { [0xfff8]: codeBase + 0x1010n, [0x1_0000]: codeBase + 0x2020n };
    expect(shape(walk(far, { stacks: [], end: sp + 0x2_0000n }))).toEqual([
      'context 500 0',
      'scan 1010 10000',
    ]);
  });

  it('U-36 is the first frame when it is in user mode, and none without a stack pointer', () => {
    expect(shape(walk(many, { registers: { rip: 0x7ff6_0000_1000n, rsp: 0x4_0000n } }))).toHaveLength(1);
    expect(walk(many, { registers: { rip: codeBase } })).toEqual([]);
  });

  it.each([0n, 0x4141_4141n, 0x4141_4141_4141_4141n])(
    'U-36 goes on behind a jump to %s on a kernel stack: the call left its return address',
    (rip) => {
      const frames = shape(walk(many, { registers: { rip, rsp: sp }, maxFrames: 2 }));
      expect(frames[1]).toBe('scan 1010 8');
    },
  );

  it('U-36 goes on by a scan when code runs outside of every module', () => {
    expect(shape(walk(many, { registers: { rip: 0xfffff900_00000000n, rsp: sp }, maxFrames: 2 }))[1]).toBe(
      'scan 1010 8',
    );
  });
});

describe('frame pointers', () => {
  // Behind 0x7000 code is missing, so that nothing speaks against a return address.
  const chain = {
    ...{ 0x10: sp + 0x30n, 0x18: codeBase + 0x7810n, 0x20: codeBase + 0x7a00n },
    ...{ 0x30: sp + 0x60n, 0x38: codeBase + 0x7820n, 0x60: 0n, 0x68: codeBase + 0x7830n },
  };
  const registers = { pc: codeBase + 0x500n, sp, fp: sp + 0x10n, lr: 1n };
  const arm64 = (words: Readonly<Record<number, bigint>>): string[] =>
    shape(walk(words, { machine: 'arm64', registers }));

  it('U-37 arm64 follows a chain that rises inside the stack, past other words', () => {
    expect(arm64(chain)).toEqual([
      'context 500 0',
      'frame-pointer 7810 20',
      'frame-pointer 7820 40',
      'frame-pointer 7830 70',
    ]);
  });

  it.each([
    ['falls', { 0x30: sp + 0x10n }],
    ['leaves the stack', { 0x10: stack.base }],
    ['is not aligned', { 0x10: sp + 0x34n }],
    ['holds no return address', { 0x38: codeBase + 0x1010n }],
  ])('U-37 a chain that %s is given up for a scan', (_, change) => {
    expect(arm64({ ...chain, ...change }).slice(0, 3)).toEqual([
      'context 500 0',
      'frame-pointer 7810 20',
      'scan 7a00 28',
    ]);
  });

  it('U-37 arm64 code that is about to make its frame returns to lr', () => {
    const entry = { pc: codeBase + 0x7900n, sp, fp: sp + 0x10n, lr: codeBase + 0x7a10n };
    const [first] = modules;
    const image: ImageReader = {
      layout: 'file',
      tryReadRva: (rva, length) =>
        rva === 0x7900
          ? Uint8Array.of(0x7f, 0x23, 0x03, 0xd5).slice(0, length)
          : new Fault('not-in-dump', BigInt(rva)),
    };
    const withCode = {
      findModule: (va: Va) => (code.findModule(va) === first ? { ...knownModule, image } : undefined),
    };
    const start = new RegisterSet('arm64', Object.entries(entry));
    const frames = [
      ...walkStack(start, {
        machine: 'arm64',
        memory: new TestMemory(chain),
        code: withCode,
        stacks: [stack],
      }),
    ];
    expect(shape(frames).slice(0, 3)).toEqual(['context 7900 0', 'scan 7a10 0', 'frame-pointer 7810 20']);
    expect(frames[1]!.note).toContain('taken from lr');
  });
});

describe('an x86 function that was interrupted', () => {
  const low = (value: bigint): bigint => BigInt.asUintN(32, value);
  const at = 0xffffffff_8a005000n;
  const image = 0xffffffff_82000000n;
  const module: CodeModule = { base: image, size: 0x10000, image: noImage, isExecutable: () => true };
  const prolog = [0xcc, 0x55, 0x8b, 0xec, 0x83, 0xec, 0x10, 0x90];

  /** The prolog at image + 0x4ff, two words of stack. */
  const memory = (words: readonly number[]): VirtualMemory => ({
    kind: 'blocks',
    tryRead(va, length) {
      const from = Number(va - image) - 0x4ff;
      const got = Uint8Array.from(from < 0 ? [] : prolog.slice(from, from + length));
      return got.length === length ? got : new Fault('not-in-dump', va, { got });
    },
    tryReadU64: (va) => new Fault('not-in-dump', va),
    tryReadU32: (va) => words[Number(va - at) / 4] ?? new Fault('not-in-dump', va),
    nextCandidate: () => undefined,
  });

  function callerOf(ip: Va, words: readonly number[]): Frame | undefined {
    const registers = new RegisterSet('x86', [
      ['eip', low(ip)],
      ['esp', low(at)],
      ['ebp', 0x1234n],
    ]);
    const code86 = { findModule: (va: Va) => (va >= image && va < image + 0x10000n ? module : undefined) };
    return [...walkStack(registers, { machine: 'x86', memory: memory(words), code: code86 })][1];
  }

  it('U-38 before its frame is made returns to the word on top of the stack', () => {
    const caller = callerOf(image + 0x500n, [0x8200_0900]);
    expect(caller).toMatchObject({ ip: image + 0x900n, sp: at + 4n, trust: 'frame-pointer' });
    expect(caller?.registers.get('ebp')).toBe(0x1234n);
  });

  it('U-38 behind its push of ebp returns to the word above', () => {
    const caller = callerOf(image + 0x501n, [0x5678, 0x8200_0900]);
    expect(caller).toMatchObject({ ip: image + 0x900n, sp: at + 8n, trust: 'frame-pointer' });
    expect(caller?.registers.get('ebp')).toBe(0x5678n);
  });
});

describe('hostile stacks', () => {
  const value = fc.oneof(
    fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    fc.nat(0x10).map((index) => codeBase + BigInt(index) * 0x1010n),
    fc.nat(0x200).map((index) => sp + BigInt(index) * 8n),
    fc.constantFrom(0x10n, 0x18n, 0x33n, 0x2bn, 0x246n, 0x1f80n << 32n),
  );

  it('U-2 U-39 a walk ends, never throws, and its stack pointers rise within a stack', () => {
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 200 }),
        fc.constantFrom<Machine>('x64', 'arm64'),
        fc.boolean(),
        value,
        (stackWords, machine, bounded, fp) => {
          const words = Object.fromEntries(stackWords.map((word, index) => [index * 8, word]));
          const registers: Record<string, bigint> =
            machine === 'x64'
              ? { rip: codeBase + 0x500n, rsp: sp }
              : { pc: codeBase + 0x500n, sp, fp, lr: fp };
          const frames = walk(words, { machine, registers, stacks: bounded ? [stack] : [] });
          expect(frames.length).toBeLessThanOrEqual(256);
          const inside = frames
            .filter((frame) => frame.sp >= stack.limit && frame.sp < stack.base)
            .map((frame) => frame.sp);
          if (bounded) expect(inside).toEqual(inside.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
        },
      ),
      { numRuns: 300 },
    );
  });
});
