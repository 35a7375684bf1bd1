/**
 * Runs the fuzz targets: `node test/fuzz/main.mjs [--target NAME]... [--iterations N | --seconds N] [--seed N]`.
 * Without arguments every target runs its fixed number of inputs from a fixed seed.
 */
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { keepFind, readCorpus } from './corpus.mjs';
import { watch } from './watch.mjs';

const { values } = parseArgs({
  options: {
    target: { type: 'string', multiple: true },
    iterations: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});

const folder = new URL('targets/', import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.mjs'))
  .map((file) => file.slice(0, -4))
  .sort();
const unknown = (values.target ?? []).filter((name) => !names.includes(name));

if (unknown.length > 0) {
  print(`no target is called ${unknown.join(', ')}; there are: ${names.join(', ')}`);
  process.exitCode = 2;
} else {
  const queue = [...(values.target ?? names)];
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, () => drain(queue)));
}

/** @param {string[]} queue */
async function drain(queue) {
  for (let name = queue.shift(); name !== undefined; name = queue.shift())
    await fuzzTarget(name).catch(broken(name));
}

/**
 * A target that does not load, or whose seeds cannot be made.
 * @param {string} name
 */
function broken(name) {
  return (/** @type {unknown} */ error) => {
    print(`FAIL  ${name.padEnd(16)} ${error instanceof Error ? error.stack : String(error)}`);
    process.exitCode = 1;
  };
}

/** @param {string} name */
async function fuzzTarget(name) {
  const known = readCorpus(name);
  const { finds, result } = await watch({
    file: new URL(`${name}.mjs`, folder).href,
    seed: Number(values.seed),
    ...numberOption('iterations'),
    ...numberOption('seconds'),
    replay: known.map(({ bytes }) => bytes),
  });
  const counts =
    result === undefined
      ? 'cut short'
      : `${result.runs} runs, ${result.points} characters of source reached, ${result.kept} inputs kept`;
  print(`${finds.length === 0 ? 'ok  ' : 'FAIL'}  ${name.padEnd(16)} ${counts}`);
  for (const find of finds) {
    print(`${find.kind}: ${find.message}\n  kept as ${relative(process.cwd(), keepFind(name, find.bytes))}`);
    process.exitCode = 1;
  }
}

/** @param {'iterations' | 'seconds'} name */
function numberOption(name) {
  return values[name] === undefined ? {} : { [name]: Number(values[name]) };
}

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`);
}
