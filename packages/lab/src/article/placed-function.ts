import { assert } from '@poolscope/engine/base';
import { codeLength, type Instruction, raw } from '../image/code.ts';
import type { FunctionSource, FunctionSpec } from '../image/image-spec.ts';
import { executing } from '../image/x64-code.ts';
import { type X64FunctionOptions, x64Function } from '../image/x64-function.ts';
import { type PrologStep, prologInstruction } from '../image/x64-prolog.ts';

/** Code that is known, and where it ends: bytes behind the beginning of its function. */
export interface KnownCode {
  readonly code: readonly Instruction[];
  readonly end: number;
}

/** So many bytes of instructions that do nothing. */
export const noOperation = (length: number): Instruction =>
  executing(raw('90'.repeat(length)), () => undefined);

/** Code that is not known, as instructions that do nothing. */
const unknownCode = (length: number): Instruction => {
  assert(length >= 0, 'known code overlaps');
  return noOperation(length);
};

/** A function at its place in the image, with known code at certain places of it. */
export function placedFunction(
  name: string,
  at: number,
  prolog: readonly PrologStep[],
  known: readonly KnownCode[],
  options: X64FunctionOptions & FunctionSource = {},
): FunctionSpec<PrologStep> {
  const { exported, chainTo, noEpilog, ...source } = options;
  let length = codeLength(prolog.flatMap((step) => prologInstruction(step) ?? []));
  const body = known.flatMap(({ code, end }) => {
    const filler = unknownCode(end - codeLength(code) - length);
    length = end;
    return [filler, ...code];
  });
  const shape = x64Function(name, prolog, body, {
    ...(exported === undefined ? {} : { exported }),
    ...(chainTo === undefined ? {} : { chainTo }),
    ...(noEpilog === undefined ? {} : { noEpilog }),
  });
  return { ...shape, ...source, at };
}
