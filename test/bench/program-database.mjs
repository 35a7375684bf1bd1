/**
 * Program databases, in a process of its own: `node program-database.mjs FILE`. Prints a JSON object. Bare reading of the
 * same file is the yardstick.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { FileSource } from '../../packages/cli/dist/io/file-source.js';
import { PdbFile } from '../../packages/engine/dist/pdb/index.js';
import { best, randomNumbers } from './measure.mjs';

const file = process.argv[2];
console.log(JSON.stringify({ ...openAndLookUp(), ...publics(), ...types(), ...names() }));

/** In this process nothing was compiled yet: the first round is what a user waits for. */
function openAndLookUp() {
  const rounds = Array.from({ length: 5 }, () => {
    const start = performance.now();
    const source = new FileSource(file);
    const pdb = new PdbFile(source);
    const found = pdb.nameAt(pdb.rvaOfName(pdb.publics.at(7).name));
    const ms = performance.now() - start;
    source.close();
    if (found === undefined) throw new Error('nothing was found');
    return ms;
  });
  const bareMs = best(5, bareRead);
  return { firstMs: rounds[0], openMs: Math.min(...rounds), bareMs };
}

function bareRead() {
  const descriptor = openSync(file, 'r');
  const bytes = new Uint8Array(fstatSync(descriptor).size);
  readSync(descriptor, bytes, 0, bytes.length, 0);
  closeSync(descriptor);
}

function open() {
  return new PdbFile(new FileSource(file));
}

/** Public symbols with their names, from an open file. */
function publics() {
  const { publics: symbols } = open();
  let letters = 0;
  const ms = best(20, () => {
    for (let index = 0; index < symbols.count; index++) letters += symbols.at(index).name.length;
  });
  return { publicCount: symbols.count, publicsPerSecond: (symbols.count / ms) * 1000, letters };
}

/** Records of types: found in their stream, and each looked at. */
function types() {
  let count = 0;
  const pdb = open();
  const bytes = pdb.msf.stream(2);
  const ms = best(20, () => {
    const { types: stream } = new PdbFile(new FileSource(file));
    let sum = 0;
    for (let index = stream.first; index < stream.end; index++) sum += stream.leafOf(index);
    count = stream.end - stream.first;
    if (sum === 0) throw new Error('no types');
  });
  const bareMs = best(20, () => bytes.bytes());
  return { typeCount: count, typesPerSecond: (count / ms) * 1000, typesRatio: bareMs / ms };
}

/** Names of random addresses of code, when all were asked for once. */
function names() {
  const pdb = open();
  const places = [...pdb.names()].filter(({ kind }) => kind === 'procedure').map(({ rva }) => rva);
  const rvas = Array.from(randomNumbers(places.length, 200_000), (index) => places[index] + (index & 3));
  let found = 0;
  const run = () => {
    found = 0;
    for (const rva of rvas) if (pdb.nameAt(rva) !== undefined) found++;
  };
  const ms = best(5, run);
  if (found !== rvas.length) throw new Error(`${rvas.length - found} addresses without a name`);
  return { namesPerSecond: (rvas.length / ms) * 1000 };
}
