import { asTyped, type Console, evaluateIn } from '../commands/index.ts';
import { replaceAliases } from './replace-aliases.ts';

/** Is the value of a condition another one than zero? Aliases are replaced each time it is asked. */
export const isTrue = (console: Console, condition: string): boolean =>
  evaluateIn(console, asTyped(replaceAliases(console, condition))) !== 0n;
