import { evaluate } from '../expr/index.ts';
import type { Console } from './console.ts';
import { findRegister } from './pseudo-registers.ts';

/** Value of an expression in this console's scope. */
export function evaluateIn(console: Console, text: string): bigint {
  const { system } = console;
  return evaluate(text, {
    memory: console.memory,
    pointerSize: system.target.pointerSize,
    radix: console.radix,
    findRegister: (name) => findRegister(console, name),
    findSymbol: (name) => system.symbols.findAddress(name),
  });
}
