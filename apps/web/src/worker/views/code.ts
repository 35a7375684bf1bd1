import type { Line, Session } from '@poolscope/engine';
import type { CodeView } from '../../protocol/views.ts';

/** Instructions around the address of an expression, as `ub` and `u` show them. Throws a DebuggerError. */
export function codeView(session: Session, expression: string, before: number, after: number): CodeView {
  const address = session.evaluate(expression);
  const at = address.toString(16);
  return {
    address,
    before: before === 0 ? [] : linesOf(session, `ub ${at} L${before.toString(16)}`),
    after: linesOf(session, `u ${at} L${after.toString(16)}`),
  };
}

/** What is not there has no lines; the instruction itself is asked for first. */
function linesOf(session: Session, command: string): readonly Line[] {
  try {
    return session.execute(command).lines;
  } catch (error) {
    if (command.startsWith('ub')) return [];
    throw error;
  }
}
