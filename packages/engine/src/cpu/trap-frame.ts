import type { Va } from '../base/index.ts';
import { signExtend32 } from '../base/index.ts';
import {
  type Fields,
  KTRAP_FRAME32,
  KTRAP_FRAME32_17763,
  KTRAP_FRAME64,
  type Layout,
  StructView,
} from '../layouts/index.ts';
import { registerName } from './context.ts';
import type { Machine } from './machine.ts';
import { RegisterSet } from './registers.ts';

/** Bytes of a KTRAP_FRAME, or undefined where its layout is not known (arm64). */
export const trapFrameSize = (machine: Machine): number | undefined =>
  machine === 'x64' ? KTRAP_FRAME64.size : machine === 'x86' ? KTRAP_FRAME32.size : undefined;

const notRegisters = new Set([
  'PreviousMode',
  'PreviousIrql',
  'ExceptionActive',
  'FaultAddress',
  'TrapFrame',
  'ErrorCode',
  'ErrCode',
  'DbgEbp',
  'DbgEip',
]);

/** ExceptionActive of a frame that a system call made. */
const serviceFrame = 2;

/**
 * Registers of a KTRAP_FRAME that starts at `va`. x64 frames hold no r12..r15, and rbx, rsi, rdi only when a system
 * call made them: in other frames these places keep what was on the stack before. An x86 frame from kernel mode holds
 * no esp: it was the address just behind the part that the processor pushed.
 */
export function decodeTrapFrame(machine: Machine, bytes: Uint8Array, va: Va): RegisterSet | undefined {
  const size = trapFrameSize(machine);
  if (size === undefined || bytes.length < size) return undefined;
  const of: Layout<Fields> = machine === 'x64' ? KTRAP_FRAME64 : x86Layout(bytes);
  const view = new StructView(of, bytes);
  const values: [string, bigint][] = [];
  for (const name of Object.keys(of.fields)) {
    if (!notRegisters.has(name) && !name.startsWith('Hardware')) {
      values.push([registerName(name), BigInt(view.get(name) as number | bigint)]);
    }
  }
  const registers = new RegisterSet(machine, values);
  if (machine === 'x86') return registers.with(x86Stack(bytes, va));
  const { ExceptionActive } = KTRAP_FRAME64.fields;
  return bytes[ExceptionActive.offset] === serviceFrame
    ? registers
    : registers.with({ rbx: undefined, rsi: undefined, rdi: undefined });
}

/** Selectors that kernel code leaves in ds and es: user data with its privilege, or kernel data. */
const dataSelectors = new Set([0x20, 0x23, 0x10]);

/** Which of the two x86 layouts a frame has: the one whose places for ds and es hold data selectors. */
function x86Layout(bytes: Uint8Array): Layout<Fields> {
  const fits = (of: Layout<Fields>) => {
    const view = new StructView(of, bytes);
    return ['SegDs', 'SegEs'].every((name) => dataSelectors.has((view.get(name) as number) & 0xffff));
  };
  return !fits(KTRAP_FRAME32) && fits(KTRAP_FRAME32_17763) ? KTRAP_FRAME32_17763 : KTRAP_FRAME32;
}

function x86Stack(bytes: Uint8Array, va: Va): Record<string, bigint> {
  const view = new StructView(KTRAP_FRAME32, bytes);
  const userMode = (view.get('SegCs') & 1) !== 0;
  if (userMode)
    return { esp: BigInt(view.get('HardwareEsp')), ss: BigInt(view.get('HardwareSegSs') & 0xffff) };
  const esp = signExtend32(Number(BigInt.asIntN(32, va)) + KTRAP_FRAME32.fields.HardwareEsp.offset);
  return { esp: BigInt.asUintN(32, esp), ss: 0x10n };
}
