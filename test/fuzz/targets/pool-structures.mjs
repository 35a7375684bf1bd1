import { BufferSource, openSession } from '../../../packages/engine/dist/index.js';
import * as lab from '../../../packages/lab/dist/index.js';
import { checkAnswer } from '../check-answer.mjs';
import { applyChanges, changeSize } from '../pool-changes.mjs';
import { poolPlaces } from '../pool-places.mjs';
import { attempt } from '../runner.mjs';

/**
 * Dumps of machines with pool and verifier, in which words of their structures have extreme values. An input is a byte for the
 * machine, one for the commands and whether there are symbols of nt, then changes as `pool-changes.mjs` has them.
 */
export const name = 'pool-structures';
export const iterations = 250;

const machines = [
  lab.buildMachine({ build: 7601 }),
  lab.buildMachine({ architecture: 'x86', build: 7601 }),
  lab.buildMachine({ build: 17_763 }),
  lab.buildMachine({ prepare: lab.plantVerifier }),
].map((machine) => {
  const dump = lab.dumpBytes(machine, { type: 'bitmap-kernel' });
  const { groups, pages } = poolPlaces(machine, dump);
  /** @type {4 | 8} */
  const word = machine.architecture === 'x86' ? 4 : 8;
  const ground = { dump, word, groups: Object.values(groups).filter((places) => places.length > 0) };
  return { ground, pages, symbols: symbolsOf(machine) };
});

/**
 * @param {import('../../../packages/lab/dist/index.js').Machine} machine
 * @returns {import('../../../packages/engine/dist/index.js').SymbolSource}
 */
function symbolsOf(machine) {
  const files = new Map(lab.pdbFiles(machine).map(({ name: file, bytes }) => [file, bytes]));
  return {
    path: 'symbols',
    find({ module, pdb }, kind) {
      const bytes = kind === 'pdb' && module === 'nt' ? files.get(pdb?.name ?? '') : undefined;
      if (bytes === undefined) return Promise.resolve(undefined);
      return Promise.resolve({ kind: 'pdb', location: 'symbols/nt', source: new BufferSource(bytes) });
    },
  };
}

/** What is asked of a dump, and of an address in it. */
const asked = [
  ['!poolcheck -all', '!lookaside -all'],
  ['!poolused', '!poolused 4', '!poolused 8', '!pooltag File'],
  ['!poolfind * -nonpaged', '!poolfind *pp* -global', '!poolfind Pool -large'],
  ['!poolbig', '!poolbig -sort size', '!poolfind File -special', '!lookaside'],
  ['!verifier', '!verifier 3', '!verifier 80', '!verifier 4', '!verifier 8'],
  ['!verifier 40', '!verifier 100', '!verifier 400', '!verifier 200', '!fpsearch'],
  ['!address', '!tagusers File', '!vm'],
];
const askedOf = ['!pool', '!poolval', '!poolmap', '!address', '!verifier 80', '!fpsearch', '!lookaside'];
/** Addresses of no pool: none, of user mode, between the halves, and the last page. */
const others = ['0', '7ff`00001000', '8000`00000000', 'ffffffff`fffff000'];

/** One input for each kind of structure: values that lead to the word itself, and to the end of all memory. */
export const seeds = () =>
  machines.flatMap(({ ground }, machine) =>
    ground.groups.map((_, group) =>
      Uint8Array.of(machine, group, group, 3 * group, 1, 2, group, group, 9 * group, 0, 13, 0),
    ),
  );

/** @param {Uint8Array} bytes */
export async function run(bytes) {
  const [which = 0, what = 0] = bytes;
  const machine = machines[which % machines.length];
  if (machine === undefined) return;
  const changes = bytes.subarray(2, 2 + 16 * changeSize);
  const { restore, places } = applyChanges(machine.ground, changes);
  try {
    const options = (what & 1) === 0 ? { symbols: machine.symbols } : {};
    const session = await openSession(new BufferSource(machine.ground.dump), options);
    if ((what & 6) === 0) session.analyze();
    const at = BigInt.asUintN(64, places[0]?.va ?? machine.pages[0] ?? 0n).toString(16);
    const address = (what & 0x80) === 0 ? at : others[(what >> 1) % others.length];
    const lines = [
      ...(asked[(what >> 1) % asked.length] ?? []),
      ...askedOf.filter((_, index) => ((what + index) & 3) === 0).map((command) => `${command} ${address}`),
    ];
    for (const line of lines) attempt(() => checkAnswer(line, session.execute(line)));
  } finally {
    restore();
  }
}
