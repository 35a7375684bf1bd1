import { DebuggerError } from '../base/index.ts';
import type { Console } from './console.ts';
import { takeExpression } from './evaluate-in.ts';
import { lookUp } from './pseudo-registers.ts';

/**
 * Carries out the assignment that a text begins with, `$t0 = EXPRESSION`, and gives what follows it; undefined when the text
 * begins with something else. Throws for what cannot be changed in a dump.
 */
export function takeAssignment(console: Console, text: string): { readonly rest: string } | undefined {
  const [typed, name] = /^@?(\$?\w+)\s*=(?!=)\s*/.exec(text) ?? [];
  if (typed === undefined || name === undefined) return undefined;
  const variable = name.toLowerCase();
  if (!/^\$t1?\d$/.test(variable)) throw refused(console, variable, text);
  if (typed.length === text.length)
    throw new DebuggerError(
      'COMMAND_USAGE',
      `a value for ${variable} is missing; nobody is asked for it here`,
    );
  const { value, rest } = takeExpression(console, text.slice(typed.length));
  if (rest !== '' && !rest.startsWith(','))
    throw new DebuggerError('EXPRESSION_SYNTAX', `Extra character error at '${rest.slice(0, 60)}'`);
  console.variables.set(variable, value);
  return { rest };
}

function refused(console: Console, name: string, text: string): DebuggerError {
  return lookUp(console, name) === undefined
    ? new DebuggerError('NAME_UNKNOWN', `Bad register error at '${text.slice(0, 60)}'`)
    : new DebuggerError(
        'COMMAND_USAGE',
        `${name} cannot be changed: the machine is a dump; $t0 to $t19 can be set`,
      );
}
