import { BufferSource } from '../../../packages/engine/dist/io/index.js';
import { PdbFile, undecorate } from '../../../packages/engine/dist/pdb/index.js';
import { pdbSeed } from '../pdb-seed.mjs';
import { attempt } from '../runner.mjs';

/** Program databases: everything that can be asked of one. */
export const name = 'pdb';
export const iterations = 4000;
export const covers = /dist\/pdb\//;

export const seeds = () => [pdbSeed()];

/** Names and structures that are looked at: a damaged file may hold as many as it has bytes. */
const limit = 200;

/** @param {Uint8Array} bytes */
export function run(bytes) {
  const pdb = new PdbFile(new BufferSource(bytes));
  attempt(() => pdb.identity);
  attempt(() => pdb.limits);
  for (const rva of [0, 0x1000, 0x1010, 0x1018, 0x1080, 0x1100, 0x1204, 0x2000, 0xffff_ffff]) {
    attempt(() => readPlace(pdb, rva));
  }
  attempt(() => readNames(pdb));
  attempt(() => {
    for (const structure of first(pdb.structures.names())) pdb.structures.find(structure);
    for (const enumeration of first(pdb.enumerations.names())) pdb.enumerations.find(enumeration);
  });
  attempt(() => [...first(pdb.globals.walk())]);
  undecorate(String.fromCharCode(...bytes.subarray(0, 200)));
}

/**
 * @param {PdbFile} pdb
 * @param {number} rva
 */
function readPlace(pdb, rva) {
  const found = pdb.nameAt(rva);
  if (found !== undefined && found.offset < 0) throw new Error(`${found.name} at ${found.offset}`);
  pdb.lineAt(rva);
  pdb.boundsAt(rva);
  pdb.fpoAt(rva);
}

/** @param {PdbFile} pdb */
function readNames(pdb) {
  for (const { name: own } of first(pdb.names())) {
    if (own === '') throw new Error('a symbol without a name');
    pdb.rvaOfName(own);
  }
}

/**
 * @template Item
 * @param {Iterable<Item>} items
 */
function* first(items) {
  let count = 0;
  for (const item of items) {
    if (count++ >= limit) return;
    yield item;
  }
}
