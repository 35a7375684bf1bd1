import type { Va } from '../../base/index.ts';
import type { DamageFacts } from '../report.ts';
import { findCopies } from './copies.ts';
import { type Payload, payloadAt } from './payload.ts';
import { seenEnd } from './run-end.ts';
import type { Scene } from './scene.ts';

/** A free block in the bytes of its page. */
interface FreedMemory {
  readonly page: Va;
  readonly bytes: Uint8Array;
  /** Where the block's memory begins and ends; offsets in the page. */
  readonly body: number;
  readonly end: number;
}

/** Room that a block may have behind what its owner asked for. */
const mostSlack = 16;

/**
 * What was written over the first bytes of a freed block, at the word `at`. What its owner had there is still behind it, and
 * may be of the same kind: how far the write went is told only by where a run ends before the block does, or by a copy of the
 * bytes elsewhere. Else the length is left open.
 */
export function writtenInFreed(scene: Scene, memory: FreedMemory, at: number): DamageFacts {
  const { page, bytes, body, end } = memory;
  const payload = payloadAt(bytes.subarray(0, end), at, body);
  const start = payload?.start ?? at;
  const length = lengthFrom(scene, memory, start, payload);
  return {
    start: scene.system.hex(page + BigInt(start)),
    length: length ?? null,
    pattern: payload?.pattern ?? 'mixed',
    text: payload?.text?.slice(0, length) ?? null,
  };
}

function lengthFrom(
  scene: Scene,
  { page, bytes, end }: FreedMemory,
  start: number,
  payload: Payload | undefined,
): number | undefined {
  const run = payload === undefined ? undefined : seenEnd(bytes, payload, end);
  const most = (payload?.pattern === 'text' ? payload.end : end) - start;
  const copied = copiedLength(scene, page + BigInt(start), Math.min(most, end - start - mostSlack));
  return copied ?? (run !== undefined && run <= end - mostSlack ? run - start : undefined);
}

/** Fewer equal bytes than these are equal by chance. */
const shortestCopy = 16;
/** The first bytes of a copy may be gone: a free block keeps its links there. */
const mayBeGone = [0, 0x10];

/** How far the same bytes go elsewhere, where that is less than `most`: there they come from, and end. */
export function copiedLength(scene: Scene, start: Va, most: number): number | undefined {
  for (const offset of mayBeGone) {
    const [copy] = findCopies(scene, start + BigInt(offset));
    if (copy === undefined || copy.forward < shortestCopy) continue;
    const length = offset + copy.forward;
    if (length <= most) return length;
  }
  return undefined;
}
