import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../base/index.ts';
import { RegisterSet } from '../cpu/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';
import type { ImageReader } from '../pe/index.ts';
import { ModuleCodeMap, UnwindFailure, type UnwindStep, unwindX64, walkStack } from './index.ts';
import { decodeX64UnwindInfo } from './x64-unwind-info.ts';

/* What real images and the lab's kernel do not show: rare codes, damaged tables, tables that are not in the dump. */

const base = 0xfffff801_00000000n;
const sp = 0xffffb000_00005f00n;
const tableAt = 0x2000;
const infoAt = 0x3000;

const halves = (...values: number[]): number[] => values.flatMap((value) => [value & 255, value >> 8]);
const words = (...values: number[]): number[] =>
  values.flatMap((value) => halves(value & 0xffff, value >>> 16));

interface Parts {
  /** Functions: begin, end, unwind data. */
  readonly functions?: readonly (readonly [number, number, number])[];
  readonly data?: Readonly<Record<number, readonly number[]>>;
  /** Pages that cannot be read. */
  readonly absent?: readonly number[];
}

/** An x64 image with code at 0x1000, its table at 0x2000 and unwind information at 0x3000. */
function imageWith({ functions = [], data = {}, absent = [] }: Parts): ImageReader {
  const bytes = new Uint8Array(0x5000).fill(0x90, 0x1000, 0x2000);
  const header = {
    0: halves(0x5a4d),
    0x3c: words(0x80),
    0x80: [...words(0x4550), ...halves(0x8664, 1)],
    0x94: [...halves(0xf0, 0), ...halves(0x20b)],
    0xd0: words(0x5000, 0x400),
    0x104: words(16),
    0x120: words(tableAt, functions.length * 12),
    0x188: [...words(0, 0, 0x1000, 0x1000), ...words(0x1000, 0x1000, 0, 0), ...words(0, 0x6000_0020)],
    [tableAt]: words(...functions.flat()),
  };
  for (const [at, values] of Object.entries({ ...header, ...data })) bytes.set(values, Number(at));
  return {
    layout: 'mapped',
    tryReadRva(rva, length) {
      const end = Math.min(rva + length, absent.includes(rva >> 12) ? rva : bytes.length);
      const got = bytes.slice(rva, Math.max(rva, end));
      return got.length === length ? got : new Fault('not-in-dump', BigInt(rva + got.length), { got });
    },
  };
}

/** Stack words from `sp` up: each is its own index unless it is named. */
function stackWith(named: Readonly<Record<number, bigint>> = {}): VirtualMemory {
  const word = (index: number): bigint => named[index] ?? BigInt(index);
  return {
    kind: 'blocks',
    tryRead(va, length) {
      if (va < sp || va + BigInt(length) > sp + 0x1000n) return new Fault('not-in-dump', va);
      const bytes = new DataView(new ArrayBuffer(length + 16));
      for (let at = 0; at < length; at += 8)
        bytes.setBigUint64(at, BigInt.asUintN(64, word(Number(va - sp) / 8 + at / 8)), true);
      return new Uint8Array(bytes.buffer, 0, length);
    },
    tryReadU64: (va) =>
      va < sp || va >= sp + 0x1000n ? new Fault('not-in-dump', va) : word(Number(va - sp) / 8),
    tryReadU32: (va) => new Fault('not-in-dump', va),
    nextCandidate: () => undefined,
  };
}

const start = (rva: number, more: Readonly<Record<string, bigint>> = {}): RegisterSet =>
  new RegisterSet('x64', Object.entries({ rip: base + BigInt(rva), rsp: sp, rcx: 7n, ...more }));

function unwind(parts: Parts, registers: RegisterSet, memory = stackWith()): UnwindStep | UnwindFailure {
  const code = new ModuleCodeMap([{ base, size: 0x5000, image: imageWith(parts) }]);
  return unwindX64(registers, { machine: 'x64', memory, code });
}

/** Registers of the caller as text. */
function caller(parts: Parts, registers: RegisterSet, memory = stackWith()): Record<string, bigint> {
  const step = unwind(parts, registers, memory);
  return step instanceof UnwindFailure ? {} : Object.fromEntries(step.registers.entries());
}

const reasonOf = (step: UnwindStep | UnwindFailure): string =>
  step instanceof UnwindFailure ? step.reason : step.by;
/** UNWIND_INFO: flags and version, prolog size, frame register and offset, code slots. */
const info = (
  flags: number,
  prolog: number,
  frame: number,
  slots: readonly number[],
  tail: readonly number[] = [],
): number[] => [
  ...[flags, prolog, slots.length, frame],
  ...halves(...slots, ...(slots.length % 2 === 1 ? [0] : [])),
  ...tail,
];
const slot = (offset: number, op: number, opInfo = 0): number => offset | (op << 8) | (opInfo << 12);

describe('unwind codes', () => {
  const one = (data: readonly number[]): Parts => ({
    functions: [[0x1000, 0x1100, infoAt]],
    data: { [infoAt]: data },
  });

  it('U-11 large allocations and far saves take 16 and 32 bits', () => {
    const slots = [
      slot(20, 5, 12),
      0x20,
      0,
      slot(20, 4, 3),
      3,
      slot(12, 1, 1),
      0x100,
      0,
      slot(5, 1, 0),
      2,
      slot(1, 0, 5),
    ];
    expect(caller(one(info(1, 20, 0, slots)), start(0x1050))).toMatchObject({
      r12: 4n,
      rbx: 3n,
      rbp: (0x100n + 0x10n) / 8n,
      rip: (0x100n + 0x18n) / 8n,
      rsp: sp + 0x120n,
    });
  });

  it('U-11 XMM saves and the operations of old compilers are passed over', () => {
    const slots = [
      slot(9, 8, 6),
      1,
      slot(9, 9, 7),
      1,
      0,
      slot(9, 6, 6),
      1,
      slot(9, 7, 6),
      1,
      0,
      slot(4, 2, 1),
    ];
    expect(caller(one(info(1, 9, 0, slots)), start(0x1050))).toMatchObject({ rip: 2n, rsp: sp + 24n });
  });

  it('U-12 volatile registers of a caller are not known', () => {
    expect(
      Object.keys(
        caller(one(info(1, 4, 0, [slot(4, 2, 3)])), start(0x1050, { r12: 12n, rax: 1n, efl: 2n })),
      ).toSorted(),
    ).toEqual(['r12', 'rip', 'rsp']);
  });

  it('U-13 a chain adds the codes of its parents, whose prologs have run', () => {
    const parent = info(1, 4, 0, [slot(4, 2, 3), slot(1, 0, 3)]);
    const child = info(0x21, 0, 0, [slot(0, 4, 6), 2], words(0x1000, 0x1040, infoAt));
    const parts: Parts = {
      functions: [
        [0x1000, 0x1040, infoAt],
        [0x1080, 0x10c0, infoAt + 0x40],
      ],
      data: { [infoAt]: parent, [infoAt + 0x40]: child },
    };
    expect(caller(parts, start(0x1090))).toMatchObject({ rsi: 2n, rbx: 4n, rip: 5n, rsp: sp + 48n });
  });

  it('U-13 a chain that does not end is refused', () => {
    const loop = info(0x21, 0, 0, [], words(0x1000, 0x1100, infoAt));
    expect(reasonOf(unwind(one(loop), start(0x1050)))).toBe('the chain of unwind information does not end');
  });

  it('U-14 a frame register counts from where it is set', () => {
    // push rbp; sub rsp, 20h; lea rbp, [rsp+10h]
    const data = info(1, 10, 0x15, [slot(10, 3), slot(5, 2, 3), slot(1, 0, 5)]);
    const body = start(0x1050, { rsp: sp - 0x200n, rbp: sp + 0x10n });
    expect(caller(one(data), body)).toMatchObject({ rbp: 4n, rip: 5n, rsp: sp + 48n });
    expect(caller(one(data), start(0x1005, { rbp: 99n }))).toMatchObject({ rbp: 4n, rip: 5n });
    expect(caller(one(data), start(0x1001, { rbp: 99n }))).toMatchObject({ rbp: 0n, rip: 1n });
    expect(reasonOf(unwind(one(data), start(0x1050)))).toContain('not known');
  });

  it('U-15 versions that are not known and codes that do not exist are refused', () => {
    expect(reasonOf(unwind(one(info(3, 0, 0, [])), start(0x1050)))).toBe(
      'version 3 of the unwind information is not known',
    );
    for (const slots of [[slot(0, 11)], [slot(0, 1, 2)], [slot(0, 4, 3)], [slot(0, 15)]]) {
      expect(
        decodeX64UnwindInfo(Uint8Array.from(info(1, 0, 0, slots)).subarray(0, 4 + slots.length * 2)),
      ).toBeUndefined();
    }
  });
});

describe('machine frames', () => {
  // KiPageFault: error code, push rbp, sub rsp, 158h, lea rbp, [rsp+80h].
  const handler = info(1, 16, 0x85, [slot(16, 3), slot(8, 1, 0), 0x158 / 8, slot(1, 0, 5), slot(0, 10, 1)]);
  const parts: Parts = { functions: [[0x1000, 0x1100, infoAt]], data: { [infoAt]: handler } };
  const frame = 0x168 / 8;
  const memory = stackWith({
    [frame]: base + 0x1234n,
    [frame + 1]: 0x10n,
    [frame + 2]: 0x246n,
    [frame + 3]: sp + 0x190n,
    [frame + 4]: 0x18n,
  });

  it('U-16 lead to the interrupted code, with the volatile registers of the trap frame', () => {
    const step = unwind(parts, start(0x1050, { rbp: sp + 0x80n, r12: 12n }), memory) as UnwindStep;
    expect(step).toMatchObject({ trap: true, trapFrame: sp });
    expect(Object.fromEntries(step.registers.entries())).toEqual({
      ...{
        rip: base + 0x1234n,
        rsp: sp + 0x190n,
        cs: 0x10n,
        ss: 0x18n,
        efl: 0x246n,
        rbp: 0x158n / 8n,
        r12: 12n,
      },
      ...{ rax: 6n, rcx: 7n, rdx: 8n, r8: 9n, r9: 10n, r10: 11n, r11: 12n },
    });
  });

  it('U-16 give no volatile registers before the trap frame is made', () => {
    const first = stackWith({ 1: base + 0x1234n, 2: 0x10n, 3: 0x246n, 4: sp + 0x28n, 5: 0x18n });
    const step = unwind(parts, start(0x1000), first) as UnwindStep;
    expect(step.trapFrame).toBeUndefined();
    expect(step.registers.get('rcx')).toBeUndefined();
    expect(step.registers.ip).toBe(base + 0x1234n);
  });

  it('U-17 version 2 describes epilogs, one that ends in iretq among them', () => {
    // Epilog of 4 bytes at the end: pop r12, pop rdi, pop rcx (flags); then iretq.
    const slots = [
      slot(4, 6, 1),
      slot(0x20, 6),
      slot(9, 2, 5),
      slot(9, 2, 0),
      slot(9, 0, 7),
      slot(9, 0, 12),
      slot(0, 10, 1),
    ];
    const order = [slots[0]!, slots[1]!, slots[2]!, slots[5]!, slots[4]!, slots[3]!, slots[6]!];
    const two: Parts = { functions: [[0x1000, 0x1100, infoAt]], data: { [infoAt]: info(2, 9, 0, order) } };
    const words4 = stackWith({ 3: base + 0x1234n, 6: sp + 0x100n });
    expect(caller(two, start(0x10fc), words4)).toMatchObject({
      r12: 0n,
      rdi: 1n,
      rip: base + 0x1234n,
      rsp: sp + 0x100n,
    });
    expect(caller(two, start(0x10e0), words4)).toMatchObject({ r12: 0n, rdi: 1n, rip: base + 0x1234n });
    const popped = stackWith({ 2: base + 0x1234n, 5: sp + 0x100n });
    expect(caller(two, start(0x10fe), popped)).toMatchObject({
      rdi: 0n,
      rip: base + 0x1234n,
      rsp: sp + 0x100n,
    });
  });
});

describe('functions without an entry', () => {
  const functions = [[0x1000, 0x1010, infoAt]] as const;

  it('U-18 are leaves when the table can be read and they lie in code', () => {
    expect(caller({ functions }, start(0x1800))).toMatchObject({ rip: 0n, rsp: sp + 8n });
    expect(reasonOf(unwind({ functions }, start(0x4000)))).toContain('not in the code');
  });

  it.each([
    ['the headers', [0]],
    ['the table', [2]],
    ['the unwind information', [3]],
  ])('U-18 are not taken for leaves when %s cannot be read', (_, absent) => {
    const parts: Parts = {
      functions: [[0x1000, 0x1900, infoAt]],
      data: { [infoAt]: info(1, 0, 0, []) },
      absent,
    };
    expect(unwind(parts, start(0x1800))).toBeInstanceOf(UnwindFailure);
  });

  it('U-18 fail where the stack is not in the dump, or in no module', () => {
    expect(unwind({ functions }, start(0x1800, { rsp: 0x1000n }))).toBeInstanceOf(UnwindFailure);
    expect(reasonOf(unwind({}, new RegisterSet('x64', [['rip', 5n]])))).toBe('the address is in no module');
  });
});

describe('a walk through a leaf', () => {
  const image = imageWith({ functions: [[0x1000, 0x1010, infoAt]], data: { 0x110e: [0xff, 0xd0] } });
  const code = new ModuleCodeMap([{ base, size: 0x5000, image }]);
  const frames = (named: Readonly<Record<number, bigint>>): string[] =>
    [
      ...walkStack(start(0x1800), {
        machine: 'x64',
        memory: stackWith(named),
        code,
        stacks: [{ limit: sp, base: sp + 0x1000n }],
      }),
    ].map(({ ip, sp: at, trust }) => `${trust} ${(ip - base).toString(16)} ${(at - sp).toString(16)}`);

  it('U-18 takes the word on top of the stack only when it follows a call', () => {
    expect(frames({ 0: base + 0x1110n }).slice(0, 2)).toEqual(['context 1800 0', 'unwind 1110 8']);
    expect(frames({ 0: base + 0x1700n, 3: base + 0x1110n }).slice(0, 2)).toEqual([
      'context 1800 0',
      'scan 1110 20',
    ]);
  });
});

describe('jumps at the end of a function', () => {
  const jump = (from: number, to: number): number[] => [0xe9, ...words(to - from - 5)];
  const parts = (target: number): Parts => ({
    functions: [
      [0x1000, 0x1100, infoAt],
      [0x1200, 0x1280, infoAt + 0x40],
      [0x1300, 0x1380, infoAt],
    ],
    data: {
      0x1080: jump(0x1080, target),
      [infoAt]: info(1, 4, 0, [slot(4, 2, 3)]),
      [infoAt + 0x40]: info(0x21, 0, 0, [], words(0x1000, 0x1100, infoAt)),
    },
  });
  const returnsAt = (target: number): bigint | undefined => caller(parts(target), start(0x1080))['rip'];

  it('U-19 end it when they leave it or call it again, not when they go to another part of it', () => {
    expect(returnsAt(0x1300)).toBe(0n);
    expect(returnsAt(0x1000)).toBe(0n);
    expect(returnsAt(0x1010)).toBe(4n);
    expect(returnsAt(0x1210)).toBe(4n);
    expect(returnsAt(0x9000)).toBe(0n);
  });
});

describe('damaged tables', () => {
  it('U-2 a step ends and never throws, whatever the bytes', () => {
    const table = fc.tuple(fc.nat(0x2000), fc.nat(0x2000), fc.integer({ min: 0x2ff0, max: 0x3100 }));
    const bytes = fc.array(fc.nat(255), { minLength: 64, maxLength: 300 });
    fc.assert(
      fc.property(fc.array(table, { maxLength: 8 }), bytes, fc.nat(0x1fff), (functions, data, rva) => {
        const parts: Parts = { functions, data: { [infoAt]: data, 0x1000: data } };
        const registers = start(rva, { rbp: sp + 0x80n, rbx: sp });
        expect(() => unwind(parts, registers)).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});
