import type { Va } from '../../base/index.ts';
import type { DamageFacts } from '../report.ts';
import { copiedLength } from './copied-length.ts';
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
 * may be of the same kind: how far the write went is told only by the buffer that it came from, or by where a run ends before
 * the block does. Else the length is left open.
 */
export function writtenInFreed(scene: Scene, memory: FreedMemory, at: number): DamageFacts {
  const { page, bytes, body, end } = memory;
  const payload = payloadAt(bytes.subarray(0, end), at, body);
  const start = payload?.start ?? at;
  const length = lengthFrom(scene, memory, start, payload);
  return {
    start: scene.system.hex(page + BigInt(start)),
    length,
    pattern: payload?.pattern ?? 'mixed',
    text: textOf(payload, length),
  };
}

const textOf = ({ text, isWide }: Partial<Payload> = {}, length: number | null): string | null =>
  text?.slice(0, length === null ? undefined : isWide === true ? length / 2 : length) ?? null;

function lengthFrom(
  scene: Scene,
  { page, bytes, end }: FreedMemory,
  start: number,
  payload: Payload | undefined,
): number | null {
  const copied = copiedLength(scene, page + BigInt(start));
  const most = payload?.pattern === 'text' ? payload.end - start : end - start;
  if (copied !== undefined) return Math.min(copied, most);
  const run = payload === undefined ? undefined : seenEnd(bytes, payload, end);
  return run === undefined || run > end - mostSlack ? null : run - start;
}
