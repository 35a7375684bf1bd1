import { readBytes, type Session } from '@poolscope/engine';
import type { AddressView, MemoryView } from '../../protocol/views.ts';

/** Most bytes that are asked for at once. */
const most = 0x1_0000;

/** Bytes with holes. */
export function memoryView({ console }: Session, address: bigint, length: number): MemoryView {
  const { bytes, mask } = readBytes(console.memory, address, Math.min(length, most));
  return { address, bytes, mask };
}

/** What the address of an expression is, as `!address` tells. Throws a DebuggerError for an expression that has no value. */
export function addressView(session: Session, expression: string): AddressView {
  const address = session.evaluate(expression);
  return { address, lines: session.execute(`!address ${address.toString(16)}`).lines };
}
