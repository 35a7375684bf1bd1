import { describe, expect, it } from 'vitest';
import { Fault, type Va } from '../base/index.ts';
import { RegisterSet } from '../cpu/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';
import { type CodeModule, type Frame, walkStack } from './index.ts';

/*
 * The stack of a bug check without unwind tables: KeBugCheckEx, where the context was taken, KiBugCheckDispatch with its
 * KEXCEPTION_FRAME, and a trap handler with room for arguments below its KTRAP_FRAME. An old return address is left in
 * that room.
 */
const codeBase = 0xfffff801_00000000n;
const sp = 0xffffb000_00005000n;
const end = sp + 0x800n;
const dispatchSp = sp + 8n;
const handlerSp = dispatchSp + 0x140n;
const trapFrame = handlerSp + 0x70n;
const userIp = 0x7ffe_1234_5678n;
const userSp = 0x7d_4880_0000n;

const registers = {
  ...{ rip: codeBase + 0x100n, rsp: sp, rbp: trapFrame + 0x80n },
  ...{ rbx: 11n, rdi: 12n, rsi: 13n, r12: 14n, r13: 15n, r14: 16n, r15: 17n },
};

/** Words of the stack by their address. */
const words: Readonly<Record<string, bigint>> = Object.fromEntries(
  [
    [sp, codeBase + 0x1000n],
    ...[11n, 12n, 13n, 14n, 15n, 16n, 17n].map((value, index) => [
      dispatchSp + 0x100n + BigInt(index * 8),
      value,
    ]),
    [dispatchSp + 0x138n, codeBase + 0x2000n],
    [trapFrame - 8n, codeBase + 0x3000n],
    // PreviousMode 1 and the user's MxCsr; then the machine frame.
    [trapFrame + 0x28n, 0x1f80_0000_0001n],
    [trapFrame + 0x168n, userIp],
    [trapFrame + 0x170n, 0x33n],
    [trapFrame + 0x178n, 0x246n],
    [trapFrame + 0x180n, userSp],
    [trapFrame + 0x188n, 0x2bn],
  ].map(([at, value]) => [String(at), value!]),
);

const module: CodeModule = {
  base: codeBase,
  size: 0x10000,
  image: { layout: 'mapped', tryReadRva: (rva) => new Fault('not-in-dump', BigInt(rva)) },
  isExecutable: () => undefined,
};

function memoryOf(changes: Readonly<Record<string, bigint>>): VirtualMemory {
  const all = { ...words, ...changes };
  const tryRead = (va: Va, length: number): Uint8Array | Fault => {
    if (va < sp || va + BigInt(length) > end) return new Fault('not-in-dump', va);
    return Uint8Array.from({ length }, (_, index) => {
      const at = va + BigInt(index);
      return Number(((all[String(at & ~7n)] ?? 0n) >> ((at & 7n) * 8n)) & 255n);
    });
  };
  const word = (va: Va, length: 4 | 8): bigint | Fault => {
    const bytes = tryRead(va, length);
    if (bytes instanceof Fault) return bytes;
    const view = new DataView(bytes.buffer);
    return length === 8 ? view.getBigUint64(0, true) : BigInt(view.getUint32(0, true));
  };
  return {
    kind: 'blocks',
    tryRead,
    tryReadU64: (va) => word(va, 8),
    tryReadU32: (va) => {
      const value = word(va, 4);
      return value instanceof Fault ? value : Number(value);
    },
    nextCandidate: () => undefined,
  };
}

function walk(
  changes: Readonly<Record<string, bigint>> = {},
  other: Readonly<Record<string, bigint>> = {},
): Frame[] {
  const context = {
    machine: 'x64',
    memory: memoryOf(changes),
    code: { findModule: (va: Va) => (va >= codeBase && va < codeBase + 0x10000n ? module : undefined) },
    stacks: [{ limit: sp - 0x1000n, base: end }],
  } as const;
  return [...walkStack(new RegisterSet('x64', Object.entries({ ...registers, ...other })), context)];
}

const places = (frames: readonly Frame[]): bigint[] => frames.map(({ ip }) => ip);

/** What a scan alone makes of it: the old word is taken for a frame. */
const scanned = [codeBase + 0x100n, codeBase + 0x1000n, codeBase + 0x2000n, codeBase + 0x3000n, userIp];

describe('the trap handler that raised a bug check, without unwind tables', () => {
  it('U-43 is found by the registers in its exception frame, and what lies below its trap frame is no frame', () => {
    const frames = walk();
    expect(places(frames)).toEqual([codeBase + 0x100n, codeBase + 0x1000n, codeBase + 0x2000n, userIp]);
    const handler = frames[2]!;
    expect(handler).toMatchObject({
      sp: handlerSp,
      trust: 'scan',
      trapFrame,
      returnAddress: userIp,
      callerSp: userSp,
    });
    expect(handler.note).toContain('saved the registers of the crash');
    const { rip: _ip, rsp: _sp, ...kept } = registers;
    expect(Object.fromEntries(handler.registers.entries())).toEqual({
      ...kept,
      rip: handler.ip,
      rsp: handlerSp,
    });
    expect(frames[3]).toMatchObject({ sp: userSp, trust: 'trap' });
  });

  it.each([0, 8, 16, 24, 32, 40, 48])(
    'U-43 is not believed when the register saved at +0x%i differs',
    (offset) => {
      expect(places(walk({ [String(dispatchSp + 0x100n + BigInt(offset))]: 99n }))).toEqual(scanned);
    },
  );

  it('U-43 is not believed when rbp leads to no trap frame, to one below, or to one far away', () => {
    for (const rbp of [0n, trapFrame + 0x78n, sp, trapFrame + 0x880n])
      expect(places(walk({}, { rbp }))).toEqual(scanned);
    expect(places(walk({ [String(trapFrame + 0x170n)]: 0x30n }))).not.toContain(userIp);
  });

  it('U-43 is not believed when the word behind the exception frame is no return address', () => {
    const frames = walk({ [String(dispatchSp + 0x138n)]: 5n });
    expect(places(frames)).toEqual(scanned.filter((ip) => ip !== codeBase + 0x2000n));
  });

  it('U-43 is not looked for from registers that are not those of the crash', () => {
    const frames = walk({}, { rip: codeBase + 0x1000n, rsp: dispatchSp });
    expect(places(frames)).toEqual(scanned.slice(1));
  });
});
