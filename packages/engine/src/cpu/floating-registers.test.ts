import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CONTEXT_AMD64,
  CONTEXT_ARM64,
  CONTEXT_X86,
  FLOATING_SAVE_AREA,
  XMM_SAVE_AREA32,
} from '../layouts/index.ts';
import { decodeContext } from './context.ts';
import { floatingRegisters } from './floating-registers.ts';
import type { Machine } from './machine.ts';
import { RegisterSet } from './registers.ts';

const sizes = { x64: CONTEXT_AMD64.size, x86: CONTEXT_X86.size, arm64: CONTEXT_ARM64.size };

/** A record whose every byte is the low byte of its offset, with these flags. */
function record(machine: Machine, flags: number): Uint8Array {
  const bytes = Uint8Array.from({ length: sizes[machine] }, (_, at) => at & 0xff);
  new DataView(bytes.buffer).setUint32(machine === 'x64' ? 0x30 : 0, flags, true);
  return bytes;
}

const registersOf = (machine: Machine, flags: number) =>
  floatingRegisters(decodeContext(machine, record(machine, flags))!);

/** Little-endian number of `length` bytes that hold the low bytes of their offsets. */
const at = (offset: number, length: number): bigint =>
  Array.from({ length }, (_, index) => BigInt((offset + index) & 0xff) << BigInt(8 * index)).reduce(
    (a, b) => a | b,
  );

describe('floatingRegisters', () => {
  it('takes x87 and XMM registers of x64 from what FXSAVE stored', () => {
    const values = registersOf('x64', 0x10000b);
    const area = CONTEXT_AMD64.fields.FltSave.offset;
    const { FloatRegisters, XmmRegisters } = XMM_SAVE_AREA32.fields;
    expect(values.get('fpcw')).toBe(at(area, 2));
    expect(values.get('fptw')).toBe(at(area + 4, 1));
    expect(values.get('fpip')).toBe(at(area + 8, 4));
    expect(values.get('st7')).toBe(at(area + FloatRegisters.offset + 7 * 16, 10));
    expect(values.get('xmm0')).toBe(at(area + XmmRegisters.offset, 16));
    expect(values.get('xmm15')).toBe(at(area + XmmRegisters.offset + 15 * 16, 16));
  });

  it('takes x87 registers of x86 from FloatSave and XMM registers from ExtendedRegisters', () => {
    const values = registersOf('x86', 0x1002b);
    const { FloatSave, ExtendedRegisters } = CONTEXT_X86.fields;
    expect(values.get('fpsw')).toBe(at(FloatSave.offset + 4, 2));
    expect(values.get('fopcode')).toBe(
      at(FloatSave.offset + FLOATING_SAVE_AREA.fields.ErrorSelector.offset + 2, 2) & 0x7ffn,
    );
    expect(values.get('st1')).toBe(at(FloatSave.offset + 0x1c + 10, 10));
    expect(values.get('xmm7')).toBe(at(ExtendedRegisters.offset + 0xa0 + 7 * 16, 16));
    expect(values.has('xmm8')).toBe(false);
  });

  it('takes vector registers of arm64', () => {
    const values = registersOf('arm64', 0x400007);
    expect(values.get('v31')).toBe(at(CONTEXT_ARM64.fields.V.offset + 31 * 16, 16));
    expect(values.get('fpsr')).toBe(at(CONTEXT_ARM64.fields.Fpsr.offset, 4));
  });

  it('C-2 knows none of a part that the flags do not name', () => {
    expect(registersOf('x64', 0x100003).size).toBe(0);
    expect(registersOf('arm64', 0x400003).size).toBe(0);
    expect(registersOf('x86', 0x10003).size).toBe(0);
    expect([...registersOf('x86', 0x10023).keys()].every((name) => /^(?:xmm|mxcsr)/.test(name))).toBe(true);
  });

  it('knows none of a set that is not a record, or was changed', () => {
    expect(floatingRegisters(new RegisterSet('x64', [['rip', 1n]])).size).toBe(0);
    expect(floatingRegisters(decodeContext('x64', record('x64', 0x10000b))!.with({ rip: 1n })).size).toBe(0);
  });

  it('numbers MMX registers from the bottom of the x87 stack', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7 }), (top) => {
        const bytes = record('x64', 0x10000b);
        new DataView(bytes.buffer).setUint16(CONTEXT_AMD64.fields.FltSave.offset + 2, top << 11, true);
        const values = floatingRegisters(decodeContext('x64', bytes)!);
        for (let index = 0; index < 8; index++)
          expect(values.get(`mm${(index + top) % 8}`)).toBe(BigInt.asUintN(64, values.get(`st${index}`)!));
      }),
    );
  });
});
