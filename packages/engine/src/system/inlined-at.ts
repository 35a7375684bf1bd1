import type { InlineSite } from '../symbols/index.ts';
import type { Frame } from '../unwind/index.ts';
import type { CrashedSystem } from './crashed-system.ts';
import { codeOfFrame } from './source-line.ts';

/** Functions inlined where a frame is, the innermost first; their offsets are those of the frame's own address. */
export function inlinedAt(
  { symbols }: CrashedSystem,
  frames: readonly Frame[],
  index: number,
): readonly InlineSite[] {
  const frame = frames[index];
  if (frame === undefined) return [];
  const code = codeOfFrame(frame);
  const before = Number(BigInt.asUintN(64, frame.ip - code));
  return symbols.inlinesAt(code).map((site) => {
    const { offset } = site;
    return offset === undefined ? site : { ...site, offset: offset + before };
  });
}
