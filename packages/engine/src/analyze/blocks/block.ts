import type { Va } from '../../base/index.ts';
import type { ExceptionRecord } from '../../cpu/index.ts';
import type { Frame } from '../../unwind/index.ts';
import type { Verdict } from '../report.ts';

/** A frame of STACK_TEXT: with the words where the arguments may be. */
export interface StackTextFrame extends Frame {
  readonly arguments: readonly (bigint | undefined)[];
}

/** What stands in a block. Addresses of 32-bit machines are sign-extended, as everywhere. */
export type BlockValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'address'; readonly value: Va }
  | { readonly kind: 'attributes'; readonly value: number; readonly names: readonly string[] }
  | { readonly kind: 'status'; readonly code: number; readonly meaning: string | undefined }
  | { readonly kind: 'place'; readonly address: Va; readonly symbol: string | undefined }
  | { readonly kind: 'transfer'; readonly from: Va; readonly to: Va }
  | { readonly kind: 'exception'; readonly address: Va; readonly record: ExceptionRecord }
  | {
      readonly kind: 'registers';
      readonly from: 'context' | 'trap';
      readonly address: Va;
      readonly registers: Readonly<Record<string, bigint>>;
      /** Of a trap frame, where the processor pushed one. */
      readonly errorCode?: number;
    }
  | { readonly kind: 'stack'; readonly frames: readonly StackTextFrame[] }
  | { readonly kind: 'keys'; readonly keys: readonly (readonly [key: string, value: string])[] }
  | { readonly kind: 'verdict'; readonly verdict: Verdict };

/** One block of the classic report, under the debugger's name for it. */
export interface Block {
  readonly name: string;
  readonly value: BlockValue;
  /** How the value is known, where it is not certain. */
  readonly note?: string;
}

/** One block, or none where the value is not known. */
export function block(name: string, value: BlockValue | undefined, note?: string): Block[] {
  if (value === undefined) return [];
  return [note === undefined ? { name, value } : { name, value, note }];
}

export const text = (value: string | undefined): BlockValue | undefined =>
  value === undefined || value === '' ? undefined : { kind: 'text', text: value };

export const number = (value: bigint | undefined): BlockValue | undefined =>
  value === undefined ? undefined : { kind: 'number', value };

export const address = (value: Va | undefined): BlockValue | undefined =>
  value === undefined ? undefined : { kind: 'address', value };
