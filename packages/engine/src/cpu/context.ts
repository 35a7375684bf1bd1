import { readU64 } from '../base/index.ts';
import {
  CONTEXT_AMD64,
  CONTEXT_ARM64,
  CONTEXT_X86,
  type Fields,
  type Layout,
  StructView,
} from '../layouts/index.ts';
import type { Machine } from './machine.ts';
import { RegisterSet } from './registers.ts';

/** Bytes of a CONTEXT record. */
export const contextSize = (machine: Machine): number =>
  machine === 'x64' ? CONTEXT_AMD64.size : machine === 'x86' ? CONTEXT_X86.size : CONTEXT_ARM64.size;

const flagBits: Readonly<Record<Machine, number>> = { x64: 0x100000, x86: 0x10000, arm64: 0x400000 };

/** Registers of a CONTEXT record; undefined when the bytes are too few or its flags are not those of this machine. */
export function decodeContext(machine: Machine, bytes: Uint8Array): RegisterSet | undefined {
  if (bytes.length < contextSize(machine)) return undefined;
  const flagsAt = machine === 'x64' ? 0x30 : 0;
  const flags = new DataView(bytes.buffer, bytes.byteOffset).getUint32(flagsAt, true);
  // Bits 0 and 1 say that control and integer registers were saved; 0x80000000.. are about unwinding.
  if ((flags & flagBits[machine]) === 0 || (flags & 3) === 0) return undefined;
  const all = machine === 'arm64' ? arm64Context(bytes) : intelContext(machine, bytes);
  return new RegisterSet(
    machine,
    [...all.entries()].filter(([name]) => (flags & partOf(machine, name)) !== 0),
    bytes.subarray(0, contextSize(machine)),
  );
}

const control = new Set([
  'rip',
  'rsp',
  'eip',
  'esp',
  'ebp',
  'efl',
  'cs',
  'ss',
  'fp',
  'lr',
  'sp',
  'pc',
  'cpsr',
]);
const segments = new Set(['ds', 'es', 'fs', 'gs']);

/** The bit of ContextFlags that says whether this register was saved. Source: public SDK (winnt.h). */
function partOf(machine: Machine, name: string): number {
  if (control.has(name)) return 1;
  if (segments.has(name)) return 4;
  if (name === 'mxcsr') return 8;
  return machine !== 'arm64' && name.startsWith('dr') ? 0x10 : 2;
}

const shortNames: Readonly<Record<string, string>> = { EFlags: 'efl' };

/** Debugger's name of a CONTEXT or trap frame field: `Rax` -> `rax`, `SegCs` -> `cs`, `EFlags` -> `efl`. */
export const registerName = (field: string): string =>
  shortNames[field] ?? (field.startsWith('Seg') ? field.slice(3) : field).toLowerCase();

function intelContext(machine: 'x64' | 'x86', bytes: Uint8Array): RegisterSet {
  const of: Layout<Fields> = machine === 'x64' ? CONTEXT_AMD64 : CONTEXT_X86;
  const view = new StructView(of, bytes);
  const values: [string, bigint][] = [];
  for (const [name, field] of Object.entries(of.fields)) {
    if (field.kind === 'bytes' || name === 'ContextFlags') continue;
    values.push([registerName(name), BigInt(view.get(name) as number | bigint)]);
  }
  return new RegisterSet(machine, values);
}

function arm64Context(bytes: Uint8Array): RegisterSet {
  const { X, Fp, Lr, Sp, Pc } = CONTEXT_ARM64.fields;
  const values: [string, bigint][] = [['cpsr', BigInt(new StructView(CONTEXT_ARM64, bytes).get('Cpsr'))]];
  for (let index = 0; index < X.count; index++)
    values.push([`x${index}`, readU64(bytes, X.offset + index * 8)]);
  for (const [name, { offset }] of Object.entries({ fp: Fp, lr: Lr, sp: Sp, pc: Pc })) {
    values.push([name, readU64(bytes, offset)]);
  }
  return new RegisterSet('arm64', values);
}
