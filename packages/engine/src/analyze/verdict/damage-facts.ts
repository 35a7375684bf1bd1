import type { Va } from '../../base/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { DamageFacts } from '../report.ts';
import type { Payload } from './payload.ts';

/** What was written, in bytes that begin at `base`: a payload, or `length` bytes at an offset where it is none. */
export function damageOf(
  { hex }: CrashedSystem,
  base: Va,
  payload: Payload | undefined,
  { at, length }: { readonly at: number; readonly length: number },
): DamageFacts {
  const start = payload?.start ?? at;
  return {
    start: hex(base + BigInt(start)),
    length: (payload?.end ?? at + length) - start,
    pattern: payload?.pattern ?? 'mixed',
    text: payload?.text ?? null,
  };
}
