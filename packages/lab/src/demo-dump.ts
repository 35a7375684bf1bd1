import type { Piece } from './bytes/piece.ts';
import { buildMachine } from './machine/build-machine.ts';
import { writeDump } from './write-dump.ts';

/**
 * A made-up crash for a first look: sampledrv.sys filled a pool block past its end, and when storfilt.sys allocated
 * memory later, the allocator followed a link that was no pointer any more (0x3B). A kernel dump of half a megabyte.
 */
export function demoDump(): Iterable<Piece> {
  return writeDump(buildMachine({ crash: 'service-exception', largePage: false }), { type: 'bitmap-kernel' });
}
