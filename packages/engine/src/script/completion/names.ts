import type { Console } from '../../commands/console.ts';
import { lookUp, pseudoRegisters } from '../../commands/pseudo-registers.ts';
import type { Candidate } from './candidate.ts';

/** Shorter words without a module would be answered with half of the kernel. */
const shortestBareName = 3;

/** What may stand in an expression: `@rax`, `$ip`, a module, `module!name`; a bare name is looked for in the kernel. */
export function expressionCandidates(console: Console, word: string): readonly Candidate[] {
  if (word.startsWith('@!')) return [];
  if (word.startsWith('@')) return registerCandidates(console, word.slice(1), '@');
  if (word.startsWith('$')) return registerCandidates(console, word, '');
  const bang = word.indexOf('!');
  if (bang >= 0) return symbolCandidates(console, word.slice(0, bang), word.slice(bang + 1));
  const bare = word.length < shortestBareName ? [] : symbolCandidates(console, 'nt', word);
  return [...moduleCandidates(console, word), ...bare];
}

export const moduleCandidates = (console: Console, word: string): readonly Candidate[] =>
  [...beginning(word, console.system.symbols.names())].map((text): Candidate => ({ text, kind: 'module' }));

const symbolCandidates = (console: Console, module: string, word: string): readonly Candidate[] =>
  [...beginning(word, console.system.symbols.names(module))].map(
    (name): Candidate => ({ text: `${module}!${name}`, kind: 'symbol' }),
  );

/** Registers of the scope and pseudo registers that have a value, with what stands before the name. */
export function registerCandidates(console: Console, word: string, sigil: string): readonly Candidate[] {
  const names = [...(console.scope?.registers.entries() ?? [])].map(([name]) => name);
  return [...beginning(word, [...names, ...pseudoRegisters])]
    .filter((name) => lookUp(console, name)?.value !== undefined)
    .map((name): Candidate => ({ text: sigil + name, kind: 'register' }));
}

/** The debugger does not tell capitals apart in names. */
function* beginning(word: string, names: Iterable<string>): Generator<string> {
  const wanted = word.toLowerCase();
  for (const name of names) if (name.toLowerCase().startsWith(wanted)) yield name;
}
