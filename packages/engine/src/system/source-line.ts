import { type Va, wrap64 } from '../base/index.ts';
import type { SourceLine } from '../symbols/index.ts';
import { type Frame, isInterrupted } from '../unwind/index.ts';
import type { CrashedSystem } from './crashed-system.ts';

/**
 * An address in the code that a frame is in. A return address is behind its call, which may have been the last instruction
 * of its line, of inlined code or of the function: then the byte before it tells.
 */
export const codeOfFrame = ({ ip, trust }: Frame): Va => (isInterrupted(trust) ? ip : wrap64(ip - 1n));

/** The source line that a frame is at: of the call, where it waits for one. */
export const sourceLineOf = ({ symbols }: CrashedSystem, frame: Frame): SourceLine | undefined =>
  symbols.lineAt(codeOfFrame(frame));
