import { wrap64 } from '../base/index.ts';
import type { InlineSite } from '../symbols/index.ts';
import type { Frame } from '../unwind/index.ts';
import type { CrashedSystem } from './crashed-system.ts';

/**
 * Functions inlined where a frame is, the innermost first. A return address is behind its call, which may have been the last
 * instruction of the inlined code: then the byte before it tells.
 */
export function inlinedAt(
  { symbols }: CrashedSystem,
  frames: readonly Frame[],
  index: number,
): readonly InlineSite[] {
  const frame = frames[index];
  if (frame === undefined) return [];
  const isReturn = index > 0 && frame.trust !== 'trap' && frame.trust !== 'context';
  return symbols.inlinesAt(isReturn ? wrap64(frame.ip - 1n) : frame.ip);
}
