import { codeLength, type Instruction } from './code.ts';
import type { FunctionSpec } from './image-spec.ts';
import { epilog, type PrologStep, prologInstruction, unwindInfo } from './x64-prolog.ts';

export interface X64FunctionOptions {
  readonly exported?: boolean;
  /** The function that this moved part belongs to: it shares its frame and has no prolog of its own. */
  readonly chainTo?: string;
  /** Ends otherwise than with the epilog of its prolog, for instance in a call that does not return. */
  readonly noEpilog?: boolean;
}

/** A function of x64: prolog, body and epilog, with unwind data. A leaf (no prolog steps) has none. */
export function x64Function(
  name: string,
  prolog: readonly PrologStep[],
  body: readonly Instruction[],
  options: X64FunctionOptions = {},
): FunctionSpec<PrologStep> {
  const { exported = false, chainTo, noEpilog = false } = options;
  const head = prolog.flatMap((step) => prologInstruction(step) ?? []);
  const code = [...head, ...body, ...(noEpilog ? [] : epilog(prolog))];
  const shape = { name, exported, code, prolog, prologSize: codeLength(head) };
  if (prolog.length === 0 && chainTo === undefined) return shape;
  return {
    ...shape,
    unwind: { encode: (parent) => unwindInfo(prolog, parent), ...(chainTo === undefined ? {} : { chainTo }) },
  };
}
