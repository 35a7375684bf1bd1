import type { Va } from '../base/index.ts';
import type { RegisterSet } from '../cpu/index.ts';
import type { Trust } from './frame.ts';

/** A frame that a method of finding frames came upon. */
export interface FoundFrame {
  readonly ip: Va;
  readonly sp: Va;
  readonly trust: Trust;
  readonly registers: RegisterSet;
  /** The trap frame that lies between this frame and the one before it. */
  readonly trapFrame?: Va | undefined;
  readonly note?: string | undefined;
  /** The trap frame that this function stands on, where it is known before the next frame is looked for. */
  readonly handles?: Va | undefined;
}
