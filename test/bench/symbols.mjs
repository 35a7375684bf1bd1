/**
 * Symbols out of an ISF file: `node symbols.mjs FILE`. Prints a JSON object: milliseconds until the file is ready, packed by
 * xz and as packed profiles, names of addresses a second when warm, and reading and parsing the same text as the yardstick.
 */
import { readFileSync } from 'node:fs';
import { unpackSmall } from '../../packages/engine/dist/archive/index.js';
import { BufferSource, openSymbolFile, packProfile } from '../../packages/engine/dist/index.js';
import { best, randomNumbers } from './measure.mjs';

const [, , file = ''] = process.argv;
const source = new BufferSource(readFileSync(file));
const text = new TextDecoder().decode(unpackSmall(source));
const ready = (/** @type {BufferSource} */ from) =>
  best(3, () => openSymbolFile(from, file).nameAt(0x20_0000));

const parse = best(3, () => JSON.parse(text));
const table = openSymbolFile(source, file);
const used = new BufferSource(packProfile(table));
const all = new BufferSource(packProfile(table, { allNames: true }));
const places = [...table.names()];
const count = 1_000_000;
const rvas = Array.from(randomNumbers(places.length, count), (index) => places[index].rva + 3);
let found = 0;
const names = best(3, () => {
  for (const rva of rvas) if (table.nameAt(rva) !== undefined) found++;
});

console.log(
  JSON.stringify({
    symbols: places.length,
    parseMs: parse,
    isfMs: ready(source),
    isfToParse: ready(source) / parse,
    profileMs: ready(used),
    profileBytes: used.size,
    profileOfAllNamesMs: ready(all),
    profileOfAllNamesBytes: all.size,
    namesPerSecond: Math.round((count / names) * 1000),
    found,
  }),
);
