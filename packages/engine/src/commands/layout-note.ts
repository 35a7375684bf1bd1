import type { Console } from './console.ts';
import { type Line, span } from './output.ts';

/** Which layouts serve, in one line, where they are not those of this build. */
export function layoutNote({ system }: Console, ...names: readonly string[]): Line[] {
  const note = system.structures.note(...names);
  return note === undefined ? [] : [[span(note, 'dim')]];
}
