import { DebuggerError, Fault, tickHex } from '../base/index.ts';
import { type EvaluationContext, evaluate, evaluateStart } from '../expr/index.ts';
import { ImageProblem, MappedImage, readImageHeaders } from '../pe/index.ts';
import type { Console } from './console.ts';
import { evaluateCpp } from './cpp-parser.ts';
import { valueOfCpp } from './cpp-result.ts';
import type { CppValue } from './cpp-value.ts';
import { findSymbol } from './find-symbol.ts';
import { findRegister } from './pseudo-registers.ts';

/** Value of an expression in this console's scope. */
export const evaluateIn = (console: Console, text: string): bigint => evaluate(text, contextOf(console));

/** A C++ expression in this console's scope. */
export const evaluateCppIn = (console: Console, text: string): CppValue =>
  evaluateCpp(console, text, (other) => evaluateIn(console, other));

/** The expression as a call can repeat it: what the evaluation itself and the clock change stands as a number. */
export function repeatable(console: Console, text: string): string {
  return text.replaceAll(/@?\$(?:exp|dbgtime)\b/gi, (name) => {
    const value = findRegister(console, name.replace('@', '').toLowerCase()) ?? 0n;
    return `0x${tickHex(value)}`;
  });
}

/** Value of the expression that a text begins with, and what follows it without blanks before. */
export function takeExpression(
  console: Console,
  text: string,
): { readonly value: bigint; readonly rest: string } {
  const { value, length } = evaluateStart(text, contextOf(console));
  return { value, rest: text.slice(length) };
}

function contextOf(console: Console): EvaluationContext {
  const { system, memory } = console;
  const { physical } = system.target.dump;
  return {
    memory,
    pointerSize: system.target.pointerSize,
    radix: console.radix,
    findRegister: (name) => findRegister(console, name),
    findSymbol: (name, anyCase) => findSymbol(system, name, anyCase),
    readPhysical:
      physical === undefined
        ? undefined
        : (pa, length) =>
            pa < maxPhysical ? physical.tryRead(Number(pa), length) : new Fault('not-in-dump', pa),
    evaluateCpp: (expression) => numberOfCpp(console, expression),
    findEntryPoint: (base) => entryPoint(new MappedImage(memory, base)),
  };
}

function numberOfCpp(console: Console, text: string): bigint {
  const { type, value } = valueOfCpp(console, evaluateCppIn(console, text));
  if (value === undefined)
    throw new DebuggerError('TYPES_UNKNOWN', `${type} is no number: take its address by &`);
  return value;
}

/** No machine has more than 52 bits of physical addresses. */
const maxPhysical = 1n << 52n;

function entryPoint(image: MappedImage): bigint | undefined {
  const headers = readImageHeaders(image);
  return headers instanceof ImageProblem ? undefined : image.base + BigInt(headers.entryPoint);
}
