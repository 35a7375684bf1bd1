import type { Va } from '../base/index.ts';
import { signExtend32 } from '../base/index.ts';
import {
  type Fields,
  KTRAP_FRAME_ARM64,
  KTRAP_FRAME32,
  KTRAP_FRAME32_17763,
  KTRAP_FRAME64,
  type Layout,
  StructView,
} from '../layouts/index.ts';
import { registerName } from './context.ts';
import type { Machine } from './machine.ts';
import { RegisterSet } from './registers.ts';

const sizes: Readonly<Record<Machine, number>> = {
  x64: KTRAP_FRAME64.size,
  x86: KTRAP_FRAME32.size,
  arm64: KTRAP_FRAME_ARM64.size,
};

/** Bytes of a KTRAP_FRAME. */
export const trapFrameSize = (machine: Machine): number => sizes[machine];

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
 * no esp: it was the address just behind the part that the processor pushed. Undefined for too few bytes, and on arm64,
 * whose layout rests on one source, for what contradicts a frame.
 */
export function decodeTrapFrame(machine: Machine, bytes: Uint8Array, va: Va): RegisterSet | undefined {
  if (bytes.length < trapFrameSize(machine)) return undefined;
  if (machine === 'arm64') return arm64Frame(bytes);
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

/** Modes of AArch64 that Windows runs in: user programs, and the kernel with either stack pointer. */
const arm64Modes: ReadonlySet<number> = new Set([0, 4, 5]);

function arm64Frame(bytes: Uint8Array): RegisterSet | undefined {
  const view = new StructView(KTRAP_FRAME_ARM64, bytes);
  const [pc, sp, spsr] = [view.get('Pc'), view.get('Sp'), view.get('Spsr')];
  const isFrame =
    arm64Modes.has(spsr & 0x1f) &&
    view.get('PreviousMode') <= 1 &&
    pc !== 0n &&
    pc % 4n === 0n &&
    sp !== 0n &&
    sp % 16n === 0n;
  if (!isFrame) return undefined;
  const { X } = KTRAP_FRAME_ARM64.fields;
  return new RegisterSet('arm64', [
    ...Array.from({ length: X.count }, (_, index) => [`x${index}`, view.get('X', index)] as const),
    ['fp', view.get('Fp')],
    ['lr', view.get('Lr')],
    ['sp', sp],
    ['pc', pc],
    ['cpsr', BigInt(spsr)],
  ]);
}

/** Selectors that kernel code leaves in ds and es: user data with its privilege, or kernel data. */
const dataSelectors = new Set([0x20, 0x23, 0x10]);

/**
 * Which of the two x86 layouts a frame has: the one whose places for ds and es hold data selectors. In an older frame the
 * newer one's place for es holds gs, which is 0; in a newer frame the older one's place for ds holds edx, which is anything.
 */
function x86Layout(bytes: Uint8Array): Layout<Fields> {
  const fits = (of: Layout<Fields>) => {
    const view = new StructView(of, bytes);
    return ['SegDs', 'SegEs'].every((name) => dataSelectors.has((view.get(name) as number) & 0xffff));
  };
  return fits(KTRAP_FRAME32_17763) ? KTRAP_FRAME32_17763 : KTRAP_FRAME32;
}

function x86Stack(bytes: Uint8Array, va: Va): Record<string, bigint> {
  const view = new StructView(KTRAP_FRAME32, bytes);
  const userMode = (view.get('SegCs') & 1) !== 0;
  if (userMode)
    return { esp: BigInt(view.get('HardwareEsp')), ss: BigInt(view.get('HardwareSegSs') & 0xffff) };
  const esp = signExtend32(Number(BigInt.asIntN(32, va)) + KTRAP_FRAME32.fields.HardwareEsp.offset);
  return { esp: BigInt.asUintN(32, esp), ss: 0x10n };
}
