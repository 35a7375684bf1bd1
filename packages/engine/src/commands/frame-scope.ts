import type { Frame } from '../unwind/index.ts';
import type { Console } from './console.ts';

/** Frames of the present registers up to number `last`, fewer where the stack ends before. */
export function framesUpTo({ scope, system, thread }: Console, last: number): Frame[] {
  return scope === undefined ? [] : system.stackFrom(scope.registers, last + 1, thread);
}

/** The frame that `.frame` chose; undefined when there are no registers to begin with. */
export function scopeFrame(console: Console): Frame | undefined {
  return framesUpTo(console, console.frame)[console.frame];
}
