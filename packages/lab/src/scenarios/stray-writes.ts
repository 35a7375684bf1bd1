import type { Va } from '@poolscope/engine/base';
import { asciiBytes, concatBytes, u64Bytes } from '../bytes/integers.ts';
import { CaptureCard, NetWatch, oneOf, randomBytes, SerialRing, sentence } from '../drivers/index.ts';
import type { TrueBlock } from '../pool/index.ts';
import { closedRecord, reuse } from './freed-records.ts';
import { roomFrom } from './overrun-story.ts';
import { blockEnd, goOn, ofAnotherDriver, officeDrivers, recordBefore } from './phases.ts';
import type { Scenario } from './scenario.ts';
import { type ScenarioRun, victimTruth } from './scenario-run.ts';
import type { KeptRecord } from './traffic.ts';
import { damageIn, freedBlockTruth, overrunTruth } from './truths.ts';

/** A record of the card's driver that points to an address. */
export function pointerTo(run: ScenarioRun, address: Va): KeptRecord {
  const card = run.driver(CaptureCard);
  const bytes = oneOf(run.numbers, card.sizes);
  const data = concatBytes([u64Bytes(address), card.contents(run.numbers, bytes - 8)]);
  const record = run.traffic.create(card, { bytes, data });
  run.traffic.pin(record);
  return record;
}

function poke(run: ScenarioRun, at: Va, data: Uint8Array, victim: TrueBlock): void {
  const pointer = pointerTo(run, at);
  run.deed(
    'capcard',
    () => run.traffic.does(pointer, 'Poke', { data }),
    (writes) => {
      const damage = damageIn(writes, victim.header, blockEnd(victim), 'mixed');
      const common = { kind: 'stray-write', culprit: 'capcard.sys', victims: [victimTruth(victim)] } as const;
      return damage === undefined ? common : { ...common, damage };
    },
  );
}

const intoBody: Scenario = {
  name: 'stray-write-body',
  title: 'A write through a stale pointer',
  difficulty: 'hard',
  story:
    'A driver writes through a pointer that its caller left it long ago. It hits the record of a filter of the network, whose list is broken from then on.',
  pool: 'any',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const { record, block } = recordBefore(run, run.driver(NetWatch), ofAnotherDriver);
    // Both links of its list: one alone is set anew when a flow comes behind it.
    poke(run, record.address, randomBytes(run.numbers, 16 + 8 * run.numbers(3)), block);
    goOn(run, record);
  },
};

const intoHeader: Scenario = {
  name: 'stray-write-header',
  title: 'Somebody writes into a header',
  difficulty: 'hard',
  story:
    'A driver writes a few bytes through a pointer that was never set. They hit the header of a block that is nowhere near its own.',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const driver = oneOf(run.numbers, [NetWatch, SerialRing]);
    const { record, next, owner } = recordBefore(run, run.driver(driver), ofAnotherDriver);
    const offset = oneOf(run.numbers, [0, 2, 4]);
    const data = randomBytes(run.numbers, 4 + run.numbers(5));
    poke(run, next.header + BigInt(offset), data, next);
    goOn(run, owner, record);
  },
};

const twoWriters: Scenario = {
  name: 'race-two-writers',
  title: 'Two drivers fill one buffer',
  difficulty: 'hard',
  story:
    'A driver of serial ports sees that a line has room in its ring; before it copies the line, another driver appends to the ring. Nobody looks again.',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const { numbers, traffic } = run;
    const found = recordBefore(run, run.driver(SerialRing), ofAnotherDriver);
    const room = roomFrom(found, 0);
    const line = asciiBytes((sentence(numbers) + sentence(numbers)).slice(0, Math.min(room, 0x30)));
    const used = room - line.length;
    const others = randomBytes(numbers, 1 + numbers(line.length - 1));
    const pointer = pointerTo(run, found.record.address);
    traffic.does(pointer, 'Poke', { number: used, data: others });
    run.deed(
      'serring',
      () => traffic.does(found.record, 'Append', { number: used + others.length, data: line }),
      (writes) => overrunTruth(run, writes, found, 'text'),
    );
    goOn(run, found.owner, found.record);
  },
};

const freedMeanwhile: Scenario = {
  name: 'race-free-and-write',
  title: 'One driver frees what another fills',
  difficulty: 'hard',
  story:
    'Two drivers share a buffer and nobody counts who uses it. The owner frees it while the other still fills it, and a third has the block already.',
  pool: 'any',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const { numbers, traffic } = run;
    const closed = closedRecord(run, run.driver(SerialRing));
    const { address, bytes } = closed.record;
    const pointer = pointerTo(run, address);
    const owner = reuse(run, closed.record, run.driver(NetWatch));
    traffic.pin(owner);
    traffic.work(numbers(20));
    const data = asciiBytes(sentence(numbers).slice(0, 0x10 + 8 * numbers(3)));
    run.deed(
      'capcard',
      () => traffic.does(pointer, 'Poke', { data }),
      (writes) => {
        const damage = damageIn(writes, address, address + BigInt(bytes), 'mixed');
        return { ...freedBlockTruth(run, 'use-after-free', closed, damage), culprit: 'capcard.sys' };
      },
    );
    goOn(run, owner);
  },
};

export const strayWrites: readonly Scenario[] = [intoBody, intoHeader, freedMeanwhile, twoWriters];
