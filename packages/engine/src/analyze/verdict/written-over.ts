import type { Va } from '../../base/index.ts';
import { type PoolBlock, poolFormat, readPage } from '../../pool/index.ts';
import type { DamageFacts } from '../report.ts';
import { classicBlock, victimOf } from './block-facts.ts';
import { copiedLength } from './copied-length.ts';
import type { Finding, Ground } from './finding.ts';
import { foreignExtent } from './foreign-extent.ts';
import { type Payload, patternOf, payloadAt } from './payload.ts';
import type { Place } from './places.ts';
import { pointerOwners } from './pointer-owners.ts';
import type { Scene } from './scene.ts';
import { likenessOf } from './siblings.ts';
import type { SmallPool } from './small-pool.ts';
import { strangerHolding } from './stranger.ts';
import { keeper, keptGround } from './stranger-reasons.ts';

/**
 * Somebody else's bytes in a block in use. One who had the block before keeps its address, or writes from its first byte on;
 * others hit something inside.
 */
export function writtenOver(
  scene: Scene,
  report: SmallPool,
  block: PoolBlock,
  place: Place & { readonly load: NonNullable<Place['load']> },
): Finding {
  const { system } = scene;
  const body = block.address + BigInt(poolFormat(system).unit);
  const payload = payloadIn(scene, block, place.load.cell);
  const damage = damageIn(scene, body, payload);
  const stranger = strangerHolding(system, body, block.tag);
  const isWhole = payload.start === 0 && payload.pattern !== 'mixed';
  const isFreed = isWhole || stranger !== undefined;
  const tag = block.tag.trimEnd();
  return {
    kind: isFreed ? 'use-after-free' : 'stray-write',
    summary: isFreed
      ? `A block tagged ${tag} was written over${isWhole ? ' from its first byte' : ''}, as by one who had it before`
      : `A block tagged ${tag} was written into by somebody else`,
    block: isFreed ? { ...classicBlock(system, block, report.region), tag: null, state: 'free' } : null,
    victims: [victimOf(system, block)],
    damage,
    freedAddress: null,
    grounds: [...place.grounds, foreign(scene, block, body, isWhole), ...keptGround(scene, stranger)],
    suspects: [...keeper(scene, stranger), ...pointerOwners(scene, body + BigInt(payload.start), block.tag)],
    ...(payload.text === undefined ? {} : { payload: payload.text }),
  };
}

/** What is not the owner's: its length is left open where its end is not to be seen, and no buffer tells it. */
function damageIn(
  scene: Scene,
  body: Va,
  { start, end, pattern, text, isEndSeen }: ForeignPayload,
): DamageFacts {
  const at = body + BigInt(start);
  const length = isEndSeen ? end - start : (copiedLength(scene, at) ?? null);
  return { start: scene.system.hex(at), length, pattern, text: text ?? null };
}

interface ForeignPayload extends Payload {
  readonly isEndSeen: boolean;
}

/** The bytes around a word of a block that are not its owner's, as far as that can be told; offsets in the block's memory. */
function payloadIn({ system }: Scene, block: PoolBlock, cell: Va): ForeignPayload {
  const { unit } = poolFormat(system);
  const page = readPage(system.memory, block.address & ~0xfffn);
  const head = Number(block.address - page.address);
  const bytes = page.bytes.subarray(head + unit, head + block.size);
  const at = Number(cell - block.address) - unit;
  const word = system.target.pointerSize;
  const run = payloadAt(bytes, at);
  const known = run ?? { start: at, end: at + word, pattern: 'mixed' as const, text: undefined };
  const extent = foreignExtent(bytes, known, likenessOf(system, block.tag, block.address), word);
  const text = run?.text === undefined ? undefined : textIn(run, extent);
  return { pattern: patternOf(bytes.subarray(extent.start, extent.end), known), ...extent, text };
}

/** What is left of a text when bytes at its ends are not of it. */
function textIn(run: Payload, { start, end }: Pick<Payload, 'start' | 'end'>): string {
  const unit = run.isWide === true ? 2 : 1;
  const from = Math.max(0, Math.ceil((start - run.start) / unit));
  return run.text!.slice(from, Math.max(from, Math.ceil((end - run.start) / unit)));
}

const foreign = ({ system }: Scene, block: PoolBlock, body: Va, isWhole: boolean): Ground => ({
  rule: isWhole ? 'foreign-from-start' : 'foreign-bytes',
  claim: `In the block there, tagged ${block.tag.trimEnd()}, stand bytes that are none of its owner's.`,
  command: `!pool ${system.shortText(body)} 2; db ${system.shortText(body)}`,
});
