import { CaptureCard, NetWatch, oneOf, randomBytes, VolMirror } from '../drivers/index.ts';
import { crowd, reuse, smallSizes } from './freed-records.ts';
import { goOn, isWatched, ofAnotherDriver, officeDrivers, recordBefore } from './phases.ts';
import type { Scenario } from './scenario.ts';
import { victimTruth } from './scenario-run.ts';
import { goesOn } from './story-error.ts';
import { writtenFromOutside } from './truths.ts';

type HeaderBit = readonly [byte: number, bit: number];

/** Bits of a header that matter, as byte and bit: both sizes, and that the block is in use. */
const headerBits: readonly HeaderBit[] = [
  ...[0, 1, 2, 3, 4, 5, 6, 7].flatMap((bit): HeaderBit[] => [
    [0, bit],
    [2, bit],
  ]),
  [3, 1],
];

/** A segment heap looks at no size of a header that is freed: whether it is in use, and whether a process pays. */
const heapBits: readonly HeaderBit[] = [
  [3, 1],
  [3, 3],
];

const flippedHeader: Scenario = {
  name: 'bit-flip-header',
  title: 'One bit of a header',
  difficulty: 'hard',
  story:
    'A memory module loses a bit in the header of a block. No driver has done anything, and the one that frees the block is not to blame.',
  pool: 'any',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const driver = oneOf(run.numbers, run.drivers);
    const found = recordBefore(run, driver, ({ owner }) => owner !== undefined);
    goesOn(!isWatched(run, found.record), 'blocks of special pool have no header');
    const [byte, bit] = oneOf(run.numbers, run.hasHeaps ? heapBits : headerBits);
    const at = found.next.header + BigInt(byte);
    const old = run.machine.space.read(at, 1)[0]!;
    const damage = writtenFromOutside(run, at, Uint8Array.of(old ^ (1 << bit)), 'bit');
    run.tell(() => ({
      kind: 'single-bit-error',
      culprit: undefined,
      victims: [victimTruth(found.next)],
      damage,
    }));
    goOn(run, found.owner, found.record);
  },
};

const flippedLink: Scenario = {
  name: 'bit-flip-link',
  title: 'One bit of a pointer',
  difficulty: 'hard',
  story:
    'A memory module loses a bit in the link of a list that a driver keeps in its records. The driver looks guilty when it follows the link, and is not.',
  pool: 'any',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const { record, block } = recordBefore(run, run.driver(NetWatch), ofAnotherDriver);
    // In the link to the flow before: the other one is set anew when a flow comes behind it.
    const number = 68 + run.numbers(40);
    const at = record.address + BigInt(number >> 3);
    const old = run.machine.space.read(at, 1)[0]!;
    const damage = writtenFromOutside(run, at, Uint8Array.of(old ^ (1 << (number & 7))), 'bit');
    run.tell(() => ({
      kind: 'single-bit-error',
      culprit: undefined,
      victims: [victimTruth(block)],
      damage,
    }));
    goOn(run, record);
  },
};

const deviceWrite: Scenario = {
  name: 'device-write',
  title: 'The card goes on',
  difficulty: 'hard',
  story:
    'A driver frees the buffer of its card and forgets to tell the card. The next samples go into the context of another driver, and no instruction wrote them.',
  pool: 'any',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const { traffic, machine, numbers } = run;
    const card = run.driver(CaptureCard);
    const bytes = oneOf(numbers, smallSizes);
    if (run.hasHeaps) crowd(run, card, bytes);
    const buffer = traffic.create(card, { bytes });
    traffic.does(buffer, 'Arm');
    goesOn(!isWatched(run, buffer), 'nobody gets the page of a block of special pool');
    traffic.release(buffer);
    const owner = reuse(run, buffer, run.driver(VolMirror));
    traffic.pin(owner);
    traffic.work(numbers(20));
    const victim = run.blockAt(owner.address);
    const at = machine.readPointer('capcard!Register');
    const samples = randomBytes(numbers, 0x20 + numbers(victim.size - 0x40));
    const damage = writtenFromOutside(run, at, samples, 'mixed');
    run.tell(() => ({
      kind: 'stray-write',
      culprit: undefined,
      victims: [victimTruth(victim)],
      damage,
    }));
    traffic.work(numbers(20));
    machine.systemThread('volmirr!VolmirrWorker', owner.address);
  },
};

export const hardwareFaults: readonly Scenario[] = [flippedHeader, flippedLink, deviceWrite];
