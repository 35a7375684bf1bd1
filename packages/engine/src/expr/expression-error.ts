import { DebuggerError, type ErrorCode } from '../base/index.ts';

const shown = 60;

/** What is left of an expression from a place on, as the debugger's messages show it. */
export function restAt(source: string, at: number): string {
  const rest = source.slice(at, at + shown + 1).trimEnd();
  if (rest === '') return '<EOL>';
  return rest.length > shown ? `${rest.slice(0, shown)}...` : rest;
}

/** `Syntax error at ')'`: the debugger's form of the complaints about expressions. */
export const syntaxError = (
  what: string,
  source: string,
  at: number,
  code: ErrorCode = 'EXPRESSION_SYNTAX',
): DebuggerError => new DebuggerError(code, `${what} error at '${restAt(source, at)}'`);
