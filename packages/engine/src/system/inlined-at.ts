import type { InlineSite } from '../symbols/index.ts';
import type { Frame } from '../unwind/index.ts';
import type { CrashedSystem } from './crashed-system.ts';
import { codeOfFrame } from './source-line.ts';

/** Functions inlined where a frame is, the innermost first. */
export function inlinedAt(
  { symbols }: CrashedSystem,
  frames: readonly Frame[],
  index: number,
): readonly InlineSite[] {
  const frame = frames[index];
  return frame === undefined ? [] : symbols.inlinesAt(codeOfFrame(frame));
}
