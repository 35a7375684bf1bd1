import { decodeStackStep, x86RegisterNames } from './x86-steps.ts';

/** Instructions that are followed: the longest prolog of a real file has a third of this. */
const maxInstructions = 64;

/** Registers that a call keeps. */
export const x86Nonvolatile = ['ebx', 'esi', 'edi', 'ebp'] as const;

export const isNonvolatile = (name: string): boolean => (x86Nonvolatile as readonly string[]).includes(name);

const nameOf = (register: number | undefined): string | undefined =>
  register === undefined ? undefined : x86RegisterNames[register];

/** What a prolog has done to the stack. */
export interface PrologEffect {
  /** Bytes between the stack pointer and the return address. */
  readonly depth: number;
  /** So many bytes below the return address stands what each register held at the function's entry. */
  readonly saved: ReadonlyMap<string, number>;
}

/**
 * Follows `length` bytes of a function from its entry. Undefined when an instruction is not one of a prolog, or changes a
 * register that a call keeps and that was not saved.
 */
export function followProlog(code: Uint8Array, length: number): PrologEffect | undefined {
  const saved = new Map<string, number>();
  let depth = 0;
  let at = 0;
  for (let count = 0; at < length && count < maxInstructions; count++) {
    const step = decodeStackStep(code, at);
    if (step === undefined) return undefined;
    const written = step.op === 'frame' ? 'ebp' : step.op === 'other' ? nameOf(step.writes) : undefined;
    if (written !== undefined && isNonvolatile(written) && !saved.has(written)) return undefined;
    if (step.op === 'push') {
      depth += 4;
      const name = nameOf(step.register);
      if (name !== undefined && !saved.has(name)) saved.set(name, depth);
    } else if (step.op === 'add' && step.bytes <= 0) depth -= step.bytes;
    else if (step.op !== 'frame' && step.op !== 'other') return undefined;
    at += step.size;
  }
  return at === length ? { depth, saved } : undefined;
}

/** What the rest of an epilog does: addresses. */
export interface EpilogEffect {
  readonly returnAt: number;
  /** Where each register that it restores stands. */
  readonly restored: ReadonlyMap<string, number>;
}

/**
 * Runs on from an instruction to the return, where nothing but the end of a function is in between: a return, or a jump that
 * `leaves` the function, told its distance from the first byte. Registers are numbers of 32 bits.
 */
export function followEpilog(
  code: Uint8Array,
  registers: { readonly esp: number; readonly ebp: number | undefined },
  leaves: (distance: number) => boolean,
): EpilogEffect | undefined {
  const restored = new Map<string, number>();
  let sp = registers.esp;
  let at = 0;
  for (let count = 0; count < maxInstructions; count++) {
    const step = decodeStackStep(code, at);
    if (step === undefined) return undefined;
    at += step.size;
    if (step.op === 'return') return { returnAt: sp >>> 0, restored };
    if (step.op === 'jump') return leaves(at + step.distance) ? { returnAt: sp >>> 0, restored } : undefined;
    if (step.op === 'pop') {
      restored.set(nameOf(step.register)!, sp >>> 0);
      sp += 4;
    } else if (step.op === 'add' && step.bytes >= 0) sp += step.bytes;
    else if (step.op === 'unframe' || step.op === 'leave') {
      // What ebp holds counts only as long as it was not restored.
      if (registers.ebp === undefined || restored.has('ebp')) return undefined;
      sp = registers.ebp;
      if (step.op === 'leave') {
        restored.set('ebp', sp);
        sp += 4;
      }
    } else if (step.op !== 'other' || isNonvolatile(nameOf(step.writes) ?? '')) return undefined;
  }
  return undefined;
}
