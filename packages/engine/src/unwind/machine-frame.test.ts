import { describe, expect, it } from 'vitest';
import { Fault, type Va } from '../base/index.ts';
import { KTRAP_FRAME64 } from '../layouts/index.ts';
import type { UnwindContext } from './frame.ts';
import { decodeMachineFrame } from './machine-frame.ts';

const codeBase = 0xfffff801_00000000n;
const trapFrame = 0xffffb000_00006e00n;
const frame = trapFrame + 0x168n;

const good = {
  ...{
    MxCsr: 0x1f80,
    PreviousMode: 0,
    ExceptionActive: 1,
    Rax: 1n,
    Rcx: 2n,
    Rdx: 3n,
    R8: 8n,
    R9: 9n,
    R10: 10n,
    R11: 11n,
  },
  ...{ Rip: codeBase + 0x1234n, SegCs: 0x10, EFlags: 0x50246, Rsp: frame + 0x28n, SegSs: 0x18 },
};

/** A trap frame with some of its fields changed. */
function bytesWith(changes: Partial<Record<keyof typeof good, number | bigint>>): Uint8Array {
  const bytes = new Uint8Array(KTRAP_FRAME64.size);
  const view = new DataView(bytes.buffer);
  for (const [name, value] of Object.entries({ ...good, ...changes })) {
    const { offset, kind } = KTRAP_FRAME64.fields[name as keyof typeof good];
    if (kind === 'u64') view.setBigUint64(offset, BigInt(value), true);
    else if (kind === 'u8') bytes[offset] = Number(value);
    else view.setUint32(offset, Number(value), true);
  }
  return bytes;
}

function recognise(
  changes: Partial<Record<keyof typeof good, number | bigint>>,
  stacks: UnwindContext['stacks'] = [],
) {
  const bytes = bytesWith(changes);
  const image = {
    layout: 'mapped',
    tryReadRva: (rva: number) => new Fault('not-in-dump', BigInt(rva)),
  } as const;
  const module = { base: codeBase, size: 0x10000, image, isExecutable: (va: Va) => va - codeBase < 0x8000n };
  const context: UnwindContext = {
    machine: 'x64',
    stacks,
    code: { findModule: (va) => (va >= codeBase && va < codeBase + 0x10000n ? module : undefined) },
    memory: {
      kind: 'blocks',
      tryRead: (va, length) =>
        va === trapFrame && length === bytes.length ? bytes : new Fault('not-in-dump', va),
      tryReadU64: (va) => new Fault('not-in-dump', va),
      tryReadU32: (va) => new Fault('not-in-dump', va),
      nextCandidate: () => undefined,
    },
  };
  return decodeMachineFrame(context, bytes, 0x168, frame);
}

describe('a machine frame on the stack', () => {
  it('U-40 gives what the processor and the trap frame saved', () => {
    const found = recognise({});
    expect(found?.trapFrame).toBe(trapFrame);
    expect(Object.fromEntries(found!.registers.entries())).toEqual({
      ...{ rip: good.Rip, rsp: good.Rsp, cs: 0x10n, ss: 0x18n, efl: 0x50246n },
      ...{ rax: 1n, rcx: 2n, rdx: 3n, r8: 8n, r9: 9n, r10: 10n, r11: 11n },
    });
  });

  it('U-40 gives only what the processor saved when the rest is no trap frame', () => {
    for (const change of [{ MxCsr: 0 }, { PreviousMode: 0x55 }, { ExceptionActive: 9 }]) {
      const found = recognise(change);
      expect(found?.trapFrame).toBeUndefined();
      expect(found?.registers.get('rcx')).toBeUndefined();
      expect(found?.registers.get('rip')).toBe(good.Rip);
    }
  });

  it.each([
    ['rip in no module', { Rip: 0xfffff999_00000000n }],
    ['rip in data', { Rip: codeBase + 0x9000n }],
    ['rip of user mode with a kernel selector', { Rip: 0x7ff6_1234_0000n }],
    ['another code selector', { SegCs: 0x18 }],
    ['bits above the selector', { SegCs: 0x10010 }],
    ['another stack selector', { SegSs: 0x10 }],
    ['bit 1 of the flags clear', { EFlags: 0x244 }],
    ['reserved flags set', { EFlags: 0x50246 | 0x8000 }],
    ['rsp below the frame', { Rsp: frame - 0x10n }],
    ['rsp far above the frame', { Rsp: frame + 0x100n }],
    ['rsp of user mode', { Rsp: 0x1_0000_0000n }],
  ])('C-5 and U-41 is refused for %s', (_, change) => {
    expect(recognise(change)).toBeUndefined();
  });

  it('U-41 may come from another known stack, not from elsewhere on its own', () => {
    const other = { limit: 0xffffb000_00010000n, base: 0xffffb000_00016000n };
    const own = { limit: 0xffffb000_00001000n, base: 0xffffb000_00008000n };
    expect(recognise({ Rsp: other.limit + 0x800n }, [other])).toBeDefined();
    expect(recognise({ Rsp: own.limit + 0x10n }, [own])).toBeUndefined();
    expect(recognise({ Rsp: frame + 0x28n + 8n, SegSs: 0 })).toBeDefined();
  });

  it('C-4 and U-42 may come from user mode, whose modules are not known, when the whole trap frame fits', () => {
    const user = {
      Rip: 0x7ffe_7350_d0c4n,
      Rsp: 0x7d_488f_e9b8n,
      SegCs: 0x33,
      SegSs: 0x2b,
      EFlags: 0x246,
      PreviousMode: 1,
    };
    expect(recognise(user)).toMatchObject({ trapFrame });
    for (const change of [
      { Rip: 0x100n },
      { Rsp: 0n },
      { EFlags: 0x46 },
      { SegSs: 0x18 },
      { PreviousMode: 7 },
      { Rip: good.Rip },
    ]) {
      expect(recognise({ ...user, ...change })).toBeUndefined();
    }
  });
});
