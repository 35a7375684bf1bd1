/**
 * One measurement of the lab in a process of its own: `node lab.mjs NAME`. Prints a JSON object. `bundle` is the size of what a
 * page in a browser loads: at once, before it plays a scenario on classic pool and writes the dump, and for all scenarios.
 */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { best } from './measure.mjs';

const entry = fileURLToPath(new URL('../../packages/lab/dist/page.js', import.meta.url));
const loadLab = () => import('../../packages/lab/dist/index.js');

/** Pages. */
const megabyte = 256;
const measurements = { bundle, boot, dump, pairs };
const name = process.argv[2];
console.log(JSON.stringify(await measurements[name]()));

/** With the engine's structure tables. */
async function bundle() {
  const { rolldown } = await import('rolldown');
  const build = await rolldown({ input: entry, platform: 'browser', logLevel: 'silent' });
  const { output } = await build.generate({ format: 'esm', minify: true });
  await build.close();
  const chunks = output.filter(({ type }) => type === 'chunk');
  const first = new Set([output[0].fileName]);
  for (const file of first) {
    const { imports } = chunks.find(({ fileName }) => fileName === file);
    for (const other of imports) first.add(other);
  }
  const atOnce = chunks.filter(({ fileName }) => first.has(fileName));
  return { kilobytes: packed(atOnce), whole: packed(chunks) };
}

function packed(chunks) {
  return chunks.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0) / 1024;
}

/** A machine whose kernel and drivers are up; the first one, and then the fastest of some. */
async function boot() {
  const { RunningMachine, Myfault, BlockCache } = await loadLab();
  const start = () => new RunningMachine({ drivers: [new Myfault(), new BlockCache()] });
  const before = performance.now();
  start();
  return { firstMs: performance.now() - before, ms: best(5, start) };
}

async function dump() {
  const { playScenario, scenarios, writeDump } = await loadLab();
  const scenario = scenarios.find((each) => each.name === 'double-free');
  const machine = playScenario(scenario, { memoryPages: 64 * megabyte });
  let bytes = 0;
  const ms = best(3, () => {
    bytes = 0;
    for (const piece of writeDump(machine, { type: 'bitmap-kernel' })) bytes += piece.bytes.length;
  });
  return { ms, bytes };
}

/** Blocks of mixed sizes, some of them in use at any time. */
async function pairs() {
  const { RunningMachine } = await loadLab();
  const { pool } = new RunningMachine();
  const held = new Array(64);
  const count = 200_000;
  const round = () => {
    for (let index = 0; index < count; index++) {
      const slot = index & 63;
      if (held[slot] !== undefined) pool.free(held[slot], 'Bnch');
      held[slot] = pool.allocate(0, 0x20 + 0x10 * (index % 37), 'Bnch');
    }
  };
  round();
  return { perSecond: (count / best(3, round)) * 1000 };
}
