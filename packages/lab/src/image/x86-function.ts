import { codeLength, type Instruction } from './code.ts';
import type { FunctionSpec } from './image-spec.ts';
import { addEsp, iretd, leave, move, pop, push, ret, subEsp, type X86Register } from './x86-code.ts';

/** What a function of x86 does to its stack before its body. */
export type X86Step =
  /** push ebp; mov ebp,esp */
  | { readonly op: 'frame' }
  | { readonly op: 'allocate'; readonly size: number }
  | { readonly op: 'push'; readonly register: X86Register }
  /** A KTRAP_FRAME around what the processor pushed, with ebp at its start. */
  | { readonly op: 'trapFrame' };

export interface X86FunctionOptions {
  readonly exported?: boolean;
  readonly noEpilog?: boolean;
}

/** Bytes of a KTRAP_FRAME below the error code. */
const trapFrameBelowError = 0x64;

/** A function with a frame pointer, room for locals and saved registers. */
export function x86Function(
  name: string,
  { locals = 0, saves = [] }: { locals?: number; saves?: readonly X86Register[] },
  body: readonly Instruction[],
  options: X86FunctionOptions = {},
): FunctionSpec<X86Step> {
  const prolog: X86Step[] = [
    { op: 'frame' },
    ...(locals > 0 ? [{ op: 'allocate', size: locals } as const] : []),
    ...saves.map((register) => ({ op: 'push', register }) as const),
  ];
  const restore = [...saves.toReversed().map(pop), leave(), ret()];
  return assemble(name, prolog, body, options.noEpilog ? [] : restore, options.exported ?? false);
}

/** A trap handler. */
export const x86TrapHandler = (name: string, body: readonly Instruction[]): FunctionSpec<X86Step> =>
  assemble(name, [{ op: 'trapFrame' }], body, [iretd()], false);

/** A function that saves registers and takes room for locals without a frame pointer. */
export function x86Bare(
  name: string,
  { locals = 0, saves = [] }: { locals?: number; saves?: readonly X86Register[] },
  body: readonly Instruction[],
): FunctionSpec<X86Step> {
  const prolog: X86Step[] = [
    ...(locals > 0 ? [{ op: 'allocate', size: locals } as const] : []),
    ...saves.map((register) => ({ op: 'push', register }) as const),
  ];
  const restore = [...saves.toReversed().map(pop), ...(locals > 0 ? [addEsp(locals)] : []), ret()];
  return assemble(name, prolog, body, restore, false);
}

/** A function without a frame of its own. */
export const x86Leaf = (
  name: string,
  body: readonly Instruction[],
  exported = false,
): FunctionSpec<X86Step> => assemble(name, [], body, [], exported);

function assemble(
  name: string,
  prolog: readonly X86Step[],
  body: readonly Instruction[],
  ending: readonly Instruction[],
  exported: boolean,
): FunctionSpec<X86Step> {
  const head = prolog.flatMap(instructions);
  return { name, exported, prolog, code: [...head, ...body, ...ending], prologSize: codeLength(head) };
}

function instructions(step: X86Step): Instruction[] {
  switch (step.op) {
    case 'frame':
      return [push('ebp'), move('ebp', 'esp')];
    case 'allocate':
      return [subEsp(step.size)];
    case 'push':
      return [push(step.register)];
    case 'trapFrame':
      return [subEsp(trapFrameBelowError), move('ebp', 'esp')];
  }
}
