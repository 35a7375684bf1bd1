import { readU16, type Va } from '@poolscope/engine/base';
import type { ScenarioBlock, ScenarioDamage, ScenarioVictim, ToldTruth } from '../machine/scenario-truth.ts';
import type { TrueBigAllocation, TrueBlock } from '../pool/index.ts';
import type { ChangedBytes, DriverWrites } from '../run/index.ts';
import { blockEnd, blockFront, isWatched, type Neighbours } from './phases.ts';
import { blockTruth, type ScenarioRun, tagText, victimTruth } from './scenario-run.ts';
import { specialTruth } from './special-run.ts';
import { goesOn } from './story-error.ts';
import type { KeptRecord } from './traffic.ts';

/** What was written: as the truth calls it, and a text of two bytes a character. */
export type DamageShape = ScenarioDamage['pattern'] | 'utf-16';

/** Changed bytes of a range; of a text all that was written, its NUL too. Undefined: nothing there is different. */
export function damageIn(
  writes: DriverWrites,
  start: Va,
  end: Va,
  shape: DamageShape,
): ScenarioDamage | undefined {
  const isText = shape === 'text' || shape === 'utf-16';
  const found = isText ? writes.written(start, end) : writes.changed(start, end);
  if (found === undefined) return undefined;
  const { bytes } = found;
  const pattern = shape === 'utf-16' ? 'text' : shape;
  const written = writtenMore(found, writes.written(start, end));
  const damage = { start: found.start, length: bytes.length, pattern, ...(written && { written }) };
  return isText ? { ...damage, text: textOf(bytes, shape === 'utf-16').replace(/\0+$/, '') } : damage;
}

/** All that was written, if that is more than what changed. */
function writtenMore(
  changed: ChangedBytes,
  all: ChangedBytes | undefined,
): ScenarioDamage['written'] | undefined {
  const isMore = all !== undefined && all.bytes.length > changed.bytes.length;
  return isMore ? { start: all.start, length: all.bytes.length } : undefined;
}

function textOf(bytes: Uint8Array, isWide: boolean): string {
  if (!isWide) return String.fromCharCode(...bytes);
  return Array.from({ length: bytes.length >> 1 }, (_, index) =>
    String.fromCharCode(readU16(bytes, 2 * index)),
  ).join('');
}

/** Blocks that a range of bytes touches. */
export const victimsIn = (run: ScenarioRun, start: Va, end: Va): ScenarioVictim[] =>
  run.machine.pool
    .blocks()
    .filter((block) => blockFront(block) < end && blockEnd(block) > start)
    .map(victimTruth);

export const imageOf = ({ driver }: KeptRecord): string => `${driver.name}.sys`;

/** A block of either pool. */
export function toldBlock(run: ScenarioRun, block: TrueBlock, state: ScenarioBlock['state']): ScenarioBlock {
  const { special } = run.machine;
  const found = special?.blockAt(block.address) ?? special?.freedAt(block.address);
  return found === undefined ? { ...blockTruth(block), state } : specialTruth(found, state);
}

/** What was written behind a block, and whom it hit: nothing and nobody where special pool stopped the write. */
export function overrunTruth(
  run: ScenarioRun,
  writes: DriverWrites,
  { record, block }: Pick<Neighbours, 'record' | 'block'>,
  shape: DamageShape,
): ToldTruth {
  const end = blockEnd(block);
  const isStopped = isWatched(run, record);
  const damage = isStopped ? undefined : damageIn(writes, end, writes.endOf(end), shape);
  goesOn(isStopped || damage !== undefined, 'nothing is different behind the block');
  return {
    kind: 'pool-overrun',
    culprit: imageOf(record),
    block: toldBlock(run, block, 'allocated'),
    victims: damage === undefined ? [] : victimsIn(run, end, damage.start + BigInt(damage.length)),
    ...(damage && { damage }),
  };
}

/** What was written in front of a block. */
export function underrunTruth(
  run: ScenarioRun,
  writes: DriverWrites,
  record: KeptRecord,
  block: TrueBlock,
): ToldTruth {
  const damage = damageIn(writes, writes.startOf(block.header), block.header, 'mixed');
  return {
    kind: 'pool-underrun',
    culprit: imageOf(record),
    block: toldBlock(run, block, 'allocated'),
    victims: damage === undefined ? [] : victimsIn(run, damage.start, blockFront(block)).reverse(),
    ...(damage && { damage }),
  };
}

/** Something done to a block after it was freed: who has it now, and what was written. */
export function freedBlockTruth(
  run: ScenarioRun,
  kind: 'use-after-free' | 'double-free',
  { record, block }: { readonly record: KeptRecord; readonly block: TrueBlock },
  damage?: ScenarioDamage,
): ToldTruth {
  const owner = run.traffic.ownerOf(record.address);
  return {
    kind,
    culprit: imageOf(record),
    block: toldBlock(run, block, 'free'),
    victims: owner === undefined ? [] : [victimTruth(run.blockAt(record.address))],
    ...(damage && { damage }),
    ...(kind === 'double-free' ? { freedAddress: record.address } : {}),
  };
}

export const bigBlockTruth = ({
  address,
  bytes,
  tag,
  kind,
  allocator,
}: TrueBigAllocation): ScenarioBlock => ({
  address,
  size: bytes,
  tag: tagText(tag),
  pool: kind,
  allocator: allocator ?? 'big',
  state: 'allocated',
});

/** Memory is written by something that is no code of the machine. */
export function writtenFromOutside(
  { machine: { space } }: ScenarioRun,
  at: Va,
  bytes: Uint8Array,
  pattern: ScenarioDamage['pattern'],
): ScenarioDamage {
  const old = space.read(at, bytes.length);
  space.write(at, bytes);
  const isNew = (byte: number, index: number): boolean => byte !== old[index];
  const [first, last] = [bytes.findIndex(isNew), bytes.findLastIndex(isNew)];
  goesOn(first >= 0, 'the bytes are those that were there');
  const length = last - first + 1;
  const written = length === bytes.length ? {} : { written: { start: at, length: bytes.length } };
  return { start: at + BigInt(first), length, pattern, ...written };
}
