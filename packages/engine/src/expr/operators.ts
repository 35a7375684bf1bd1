import { wrap64 } from '../base/index.ts';

/** Binary operators by precedence, the weakest first; those of a row are read from left to right. Source: the debugger's documentation. */
export const binaryOperators: readonly (readonly string[])[] = [
  ['|', 'or'],
  ['^', 'xor'],
  ['&', 'and'],
  ['=', '==', '<', '>', '<=', '>=', '!='],
  ['<<', '>>', '>>>'],
  ['+', '-'],
  ['*', '/', 'mod', '%'],
];

const truth = (holds: boolean): bigint => (holds ? 1n : 0n);

const operations: Readonly<Record<string, (left: bigint, right: bigint) => bigint | undefined>> = {
  '|': (left, right) => left | right,
  '^': (left, right) => left ^ right,
  '&': (left, right) => left & right,
  '=': (left, right) => truth(left === right),
  '!=': (left, right) => truth(left !== right),
  '<': (left, right) => truth(left < right),
  '>': (left, right) => truth(left > right),
  '<=': (left, right) => truth(left <= right),
  '>=': (left, right) => truth(left >= right),
  '<<': (left, right) => (right > 63n ? 0n : wrap64(left << right)),
  '>>': (left, right) => (right > 63n ? 0n : left >> right),
  '>>>': (left, right) => wrap64(BigInt.asIntN(64, left) >> (right > 63n ? 63n : right)),
  '+': (left, right) => wrap64(left + right),
  '-': (left, right) => wrap64(left - right),
  '*': (left, right) => wrap64(left * right),
  '/': (left, right) => (right === 0n ? undefined : left / right),
  '%': (left, right) => (right === 0n ? undefined : left % right),
};

const words: Readonly<Record<string, string>> = {
  or: '|',
  xor: '^',
  and: '&',
  mod: '%',
  '==': '=',
};

/** Unsigned 64-bit arithmetic; undefined: the operands do not allow it (division by zero). */
export const applyBinary = (operator: string, left: bigint, right: bigint): bigint | undefined =>
  operations[words[operator] ?? operator]!(left, right);
