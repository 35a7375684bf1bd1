import { readU16, readU32, readU64 } from '../base/index.ts';
import {
  CONTEXT_AMD64,
  CONTEXT_ARM64,
  CONTEXT_X86,
  FLOATING_SAVE_AREA,
  StructView,
  XMM_SAVE_AREA32,
} from '../layouts/index.ts';
import type { Machine } from './machine.ts';
import type { RegisterSet } from './registers.ts';

/** Bits of ContextFlags. Source: public SDK (winnt.h). */
const floatingPoint: Readonly<Record<Machine, number>> = { x64: 8, x86: 8, arm64: 4 };
const extendedRegisters = 0x20;

/**
 * Floating point and vector registers of the CONTEXT record that a set of registers comes from, under the debugger's names:
 * `st0` (80 bits), `mm0` (64), `xmm0` and `v0` (128), the x87 words `fpcw`, `fpsw`, `fptw`, `fopcode`, `fpip`, `fpipsel`, `fpdp`,
 * `fpdpsel`, and `mxcsr`, `fpcr`, `fpsr`. Empty when there is no record or its flags do not name these parts.
 */
export function floatingRegisters({ machine, record }: RegisterSet): ReadonlyMap<string, bigint> {
  if (record === undefined) return new Map();
  const flags = readU32(record, machine === 'x64' ? CONTEXT_AMD64.fields.ContextFlags.offset : 0);
  const hasFloats = (flags & floatingPoint[machine]) !== 0;
  if (machine === 'arm64') return new Map(hasFloats ? arm64Vectors(record) : []);
  if (machine === 'x64')
    return new Map(hasFloats ? fxsave(part(record, CONTEXT_AMD64.fields.FltSave), 16) : []);
  const extended = part(record, CONTEXT_X86.fields.ExtendedRegisters);
  return new Map([
    ...(hasFloats ? fsave(part(record, CONTEXT_X86.fields.FloatSave)) : []),
    ...((flags & extendedRegisters) === 0 ? [] : sse(extended, 8)),
  ]);
}

type Values = (readonly [string, bigint])[];

const part = (record: Uint8Array, { offset, count }: { offset: number; count: number }): Uint8Array =>
  record.subarray(offset, offset + count);

function arm64Vectors(record: Uint8Array): Values {
  const { V, Fpcr, Fpsr } = CONTEXT_ARM64.fields;
  const vector = (index: number): bigint => wide(record, V.offset + index * 16);
  return [
    ...Array.from({ length: 32 }, (_, index) => [`v${index}`, vector(index)] as const),
    ['fpcr', BigInt(readU32(record, Fpcr.offset))],
    ['fpsr', BigInt(readU32(record, Fpsr.offset))],
  ];
}

function fxsave(area: Uint8Array, count: number): Values {
  const view = new StructView(XMM_SAVE_AREA32, area);
  const { FloatRegisters } = XMM_SAVE_AREA32.fields;
  return [
    ['fpcw', BigInt(view.get('ControlWord'))],
    ['fpsw', BigInt(view.get('StatusWord'))],
    ['fptw', BigInt(view.get('TagWord'))],
    ['fopcode', BigInt(view.get('ErrorOpcode') & 0x7ff)],
    ['fpip', BigInt(view.get('ErrorOffset'))],
    ['fpipsel', BigInt(view.get('ErrorSelector'))],
    ['fpdp', BigInt(view.get('DataOffset'))],
    ['fpdpsel', BigInt(view.get('DataSelector'))],
    ...floats(area, FloatRegisters.offset, 16),
    ...sse(area, count),
  ];
}

function fsave(area: Uint8Array): Values {
  const view = new StructView(FLOATING_SAVE_AREA, area);
  const word = (name: keyof typeof FLOATING_SAVE_AREA.fields, shift = 0): bigint =>
    BigInt(((view.get(name) as number) >>> shift) & 0xffff);
  return [
    ['fpcw', word('ControlWord')],
    ['fpsw', word('StatusWord')],
    ['fptw', word('TagWord')],
    ['fopcode', word('ErrorSelector', 16) & 0x7ffn],
    ['fpip', BigInt(view.get('ErrorOffset'))],
    ['fpipsel', word('ErrorSelector')],
    ['fpdp', BigInt(view.get('DataOffset'))],
    ['fpdpsel', word('DataSelector')],
    ...floats(area, FLOATING_SAVE_AREA.fields.RegisterArea.offset, 10),
  ];
}

/** An MMX register is the significand of the x87 register of its number, counted without the top of the stack. */
function floats(area: Uint8Array, start: number, stride: number): Values {
  const values: Values = [];
  const top = (readU16(area, area.length === FLOATING_SAVE_AREA.size ? 4 : 2) >>> 11) & 7;
  for (let index = 0; index < 8; index++) {
    const at = start + index * stride;
    const significand = readU64(area, at);
    values.push([`st${index}`, (BigInt(readU16(area, at + 8)) << 64n) | significand]);
    values.push([`mm${(index + top) % 8}`, significand]);
  }
  return values;
}

function sse(area: Uint8Array, count: number): Values {
  const { MxCsr, XmmRegisters } = XMM_SAVE_AREA32.fields;
  const vector = (index: number): bigint => wide(area, XmmRegisters.offset + index * 16);
  return [
    ['mxcsr', BigInt(readU32(area, MxCsr.offset))],
    ...Array.from({ length: count }, (_, index) => [`xmm${index}`, vector(index)] as const),
  ];
}

/** 16 bytes as a number. */
const wide = (bytes: Uint8Array, at: number): bigint => (readU64(bytes, at + 8) << 64n) | readU64(bytes, at);
