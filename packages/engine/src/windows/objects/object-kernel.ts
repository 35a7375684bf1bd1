import { DebuggerError, padHex, tickHex, type Va } from '../../base/index.ts';
import type { Symbols } from '../../symbols/index.ts';
import type { Kernel } from '../kernel.ts';

/** What readers of objects, drivers and memory counters work on. The system as a whole is one. */
export interface ObjectKernel extends Kernel {
  readonly symbols: Pick<Symbols, 'findAddress'>;
}

/** An address as the debugger shows it. */
export const addressTextOf = ({ target }: Pick<Kernel, 'target'>, va: Va): string =>
  target.pointerSize === 8 ? tickHex(va) : padHex(va & 0xffff_ffffn, 8);

/** What to say where the first bytes of an object cannot be read. */
export function unreadable({ target }: Pick<Kernel, 'target'>, what: string, va: Va): DebuggerError {
  const why = target.whyUnreadable(va) ?? 'it reaches into missing memory';
  return new DebuggerError(
    'MEMORY_UNREADABLE',
    `the ${what} at ${addressTextOf({ target }, va)} cannot be read: ${why}`,
  );
}
