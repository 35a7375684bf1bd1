import type { Payload } from './payload.ts';
import { isPrintable } from './payload.ts';

/** Bytes behind a run that are looked at: among data without order a third are letters by chance. */
const looked = 8;

/**
 * Where a text or a run of one value ends, if that is to be seen: what follows is of another kind. A text's NUL that has more
 * zeros behind it may have been there before, and is left out. `end` bounds the bytes that belong together.
 */
export function seenEnd(bytes: Uint8Array, payload: Payload, end: number): number | undefined {
  if (payload.pattern === 'zeros' || payload.pattern === 'mixed') return undefined;
  if (payload.pattern !== 'text') return payload.end;
  const last = withoutLooseNul(bytes, payload, end);
  const behind = bytes.subarray(payload.end, Math.min(end, payload.end + looked));
  return behind.some(isPrintable) ? undefined : last;
}

function withoutLooseNul(bytes: Uint8Array, { end: last, isWide }: Payload, end: number): number {
  const unit = isWide === true ? 2 : 1;
  const isClosed = bytes.subarray(last - unit, last).every((byte) => byte === 0);
  const behind = bytes.subarray(last, Math.min(end, last + unit));
  return isClosed && behind.every((byte) => byte === 0) ? last - unit : last;
}
