import { BufferSource, openSession } from '../../../packages/engine/dist/index.js';
import * as lab from '../../../packages/lab/dist/index.js';
import { StructureTable } from '../../../packages/lab/dist/machine/structure-table.js';
import { checkAnswer } from '../check-answer.mjs';
import { applyChanges, changeSize } from '../pool-changes.mjs';
import { Finder } from '../pool-places.mjs';
import { attempt } from '../runner.mjs';

/**
 * Dumps of machines whose pool is a segment heap, in which words of it have extreme values: other keys, lists and trees that run in
 * circles, ranges past their segment, pages that are not there, layouts of another build. An input is a byte for the machine, one
 * for the commands, then changes as `pool-changes.mjs` has them.
 */
export const name = 'heaps';
export const iterations = 60;

const pageSize = 0x1000n;
/** Pages of one kind that are written into: all of them would hide the others. */
const mostPages = 64;

const story = lab.scenarios.find((scenario) => scenario.name === 'null-pointer');
if (story === undefined) throw new Error('the lab has no such story');

const machines = [19_041, 22_000].map((build) => {
  // Drivers were at work, so that all parts of the heaps are in use.
  const machine = lab.playScenario(story, { seed: 1, build });
  const dump = lab.dumpBytes(machine, { type: 'bitmap-kernel' });
  const { groups, heaps, blocks } = heapPlaces(machine, dump);
  /** @type {8} */
  const word = 8;
  const ground = { dump, word, groups: groups.filter((places) => places.length > 0) };
  return { ground, heaps, blocks };
});

/**
 * @param {import('../../../packages/lab/dist/index.js').Machine} machine
 * @param {Uint8Array} dump
 */
function heapPlaces(machine, dump) {
  const finder = new Finder(machine, dump);
  const pool = machine.kernelPool;
  if (pool === undefined) throw new Error('the machine has no pool');
  const truth = /** @type {import('../../../packages/lab/dist/segment-heap/index.js').HeapTruth} */ (
    pool.truth()
  );
  const tables = new StructureTable('x64', machine.profile.build);
  const sizeOf = (/** @type {string} */ type) => tables.size(type) ?? 0x100;
  const at = (/** @type {string} */ symbol) => machine.images.address(symbol);
  const blocks = truth.blocks.map(({ header }) => header);
  const chunks = truth.blocks.flatMap(({ chunk }) => (chunk === undefined ? [] : [chunk]));
  const segments = [...new Set(truth.ranges.map(({ start }) => start & ~0xf_ffffn))];
  const starts = truth.ranges.map(({ start }) => start);
  const pages = [...new Set(blocks.map((va) => va & ~(pageSize - 1n)))].slice(0, mostPages);
  const groups = [
    truth.heaps.flatMap(({ address }) => finder.words(address, sizeOf('_SEGMENT_HEAP'))),
    finder.words(at('nt!RtlpHpHeapGlobals'), 0x40),
    finder.words(at('nt!ExPoolState'), 0x40),
    // Signatures, lists, and descriptors of ranges.
    segments.flatMap((va) => finder.words(va, 0x2000)),
    starts.flatMap((va) => finder.words(va, 0x60)),
    chunks.flatMap((va) => finder.words(va, 0x20)),
    blocks.flatMap((va) => finder.words(va, 0x10)),
    pages.flatMap((va) => finder.words(va, Number(pageSize))),
    [...segments, ...starts.slice(0, mostPages), ...pages].flatMap((va) => finder.entries(va)),
    // MajorVersion and MinorVersion of the header: the build decides which layouts are tried.
    [{ offset: 8, va: 0n }],
  ];
  return { groups, heaps: truth.heaps.map(({ address }) => address), blocks };
}

/** What is asked of a dump, and of an address in it. */
const asked = [
  ['!heap', '!heap -s'],
  ['!poolcheck -all', '!poolused'],
  ['!poolfind *', '!poolfind * 1', '!poolfind Nwtc -small'],
  ['!poolbig', '!address'],
];
const askedOf = ['!heap -x', '!pool', '!poolval', '!poolmap', '!address', '!heap -a', '!tagusers'];

/** One input for each kind of structure. */
export const seeds = () =>
  machines.flatMap(({ ground }, machine) =>
    ground.groups.map((_, group) =>
      Uint8Array.of(machine, group, group, 3 * group, 1, 2, group, group, 9, 0, 13, 0),
    ),
  );

/** @param {Uint8Array} bytes */
export async function run(bytes) {
  const [which = 0, what = 0] = bytes;
  const machine = machines[which % machines.length];
  if (machine === undefined) return;
  const { ground, heaps, blocks } = machine;
  const { restore, places } = applyChanges(ground, bytes.subarray(2, 2 + 16 * changeSize));
  try {
    const session = await openSession(new BufferSource(ground.dump), {});
    if ((what & 6) === 0) session.analyze();
    const near = places[0]?.va ?? 0n;
    const va = near === 0n ? (blocks[what % blocks.length] ?? 0n) : near;
    const heap = heaps[what % heaps.length] ?? 0n;
    const lines = [
      ...(asked[(what >> 1) % asked.length] ?? []),
      ...askedOf
        .filter((_, index) => ((what + index) & 3) === 0)
        .map(
          (command) => `${command} ${BigInt.asUintN(64, command === '!heap -a' ? heap : va).toString(16)}`,
        ),
    ];
    for (const line of lines) attempt(() => checkAnswer(line, session.execute(line)));
  } finally {
    restore();
  }
}
