import { undecorate } from '../pdb/index.ts';

/** A string literal of a kernel that was linked as one program: its own hash, its text, and the scope's. */
const scopedLiteral = /^\?\?_C@_[01]\w+@[A-P]*@.*@([A-P]+)@$/;

/** A name as the debugger shows it: without what the compiler added to it. */
export function displayName(name: string): string {
  const scope = scopedLiteral.exec(name)?.[1];
  return scope === undefined ? undecorate(name) : ` ?? ::${scope}::\`string'`;
}
