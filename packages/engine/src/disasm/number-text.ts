import { padHex, tickHex, type Va } from '../base/index.ts';
import type { Machine } from '../cpu/index.ts';

/** Digits of an address: 8 on x86, `fffff807`12345678` elsewhere. */
export const addressText = (machine: Machine, address: Va): string =>
  machine === 'x86' ? padHex(BigInt.asUintN(32, address), 8) : tickHex(address);

/** A number as MASM writes it and the debugger with it: `8`, `40h`, `0FFFFFFFFh`. */
export function masmNumber(value: bigint): string {
  if (value < 10n) return value.toString();
  const digits = value.toString(16).toUpperCase();
  return `${digits[0]! > '9' ? '0' : ''}${digits}h`;
}

/** A number in arm64 text: `#8`, `#0x1C`, `#-0x10`. */
export function armNumber(value: bigint): string {
  const magnitude = value < 0n ? -value : value;
  const digits = magnitude < 10n ? magnitude.toString() : `0x${magnitude.toString(16).toUpperCase()}`;
  return `#${value < 0n ? '-' : ''}${digits}`;
}
