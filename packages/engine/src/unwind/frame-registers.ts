import type { Machine, RegisterSet } from '../cpu/index.ts';
import type { Frame } from './frame.ts';

/** What is known of a frame's registers, and what a debugger shows where nothing is. */
export interface FrameRegisters {
  /** Position of the frame, counted from 0. */
  readonly index: number;
  readonly frame: Frame;
  /** Registers of this frame, and for some that are lost those of an inner one. */
  readonly registers: Readonly<Record<string, bigint>>;
  /** Registers that are not this frame's own, and the frame that they were taken from. */
  readonly carried: Readonly<Record<string, number>>;
}

const numbered = (prefix: string, first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, index) => `${prefix}${first + index}`);

/** Registers that a call need not keep. */
const volatile: Readonly<Record<Machine, readonly string[]>> = {
  x64: ['rax', 'rcx', 'rdx', ...numbered('r', 8, 11), 'efl'],
  x86: ['eax', 'ecx', 'edx', 'efl'],
  arm64: [...numbered('x', 0, 18), 'lr', 'cpsr'],
};

/** Registers that hardly ever change and that neither unwinding nor the processor's own frames follow. */
const segments = ['cs', 'ss', 'ds', 'es', 'fs', 'gs'];

/**
 * Registers of frame `index` of a stack. A call loses the volatile ones; the debugger then shows what they were in the
 * interrupted code nearest below, and so does this, with their names. A nonvolatile register that was not recovered
 * stays unknown. Undefined when there is no such frame.
 */
export function frameRegisters(frames: readonly Frame[], index: number): FrameRegisters | undefined {
  const frame = frames[index];
  if (frame === undefined) return undefined;
  const { machine } = frame.registers;
  const inner = frames
    .slice(0, index + 1)
    .flatMap(({ trust, registers: saved }, at) =>
      trust === 'context' || trust === 'trap' ? [{ at, saved }] : [],
    )
    .reverse();
  const registers = Object.fromEntries(frame.registers.entries());
  const carried: Record<string, number> = {};
  const carry = (names: readonly string[], from: readonly Saved[]): void => {
    for (const name of names) {
      const source =
        registers[name] === undefined ? from.find(({ saved }) => saved.get(name) !== undefined) : undefined;
      if (source === undefined) continue;
      registers[name] = source.saved.get(name)!;
      carried[name] = source.at;
    }
  };
  carry(volatile[machine], inner.slice(0, 1));
  if (machine !== 'arm64') carry(segments, inner);
  return { index, frame, registers, carried };
}

interface Saved {
  readonly at: number;
  readonly saved: RegisterSet;
}
