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
const firstHeapBuild = 18_362;
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

/** A machine whose kernel and drivers are up: the first one, and then the fastest of some; of all builds the slowest. */
async function boot() {
  const { RunningMachine, Myfault, BlockCache, playableBuilds } = await loadLab();
  const start = (build) => () => new RunningMachine({ build, drivers: [new Myfault(), new BlockCache()] });
  const before = performance.now();
  start(9200)();
  const firstMs = performance.now() - before;
  return { firstMs, ms: Math.max(...playableBuilds.map((build) => best(5, start(build)))) };
}

/** Of all builds the slowest. */
async function dump() {
  const { playScenario, scenarios, suitsBuild, playableBuilds, kernelFamily, writeDump } = await loadLab();
  const scenario = scenarios.find((each) => each.name === 'overrun-structure');
  const figures = playableBuilds
    .filter((build) => suitsBuild(scenario, build))
    .map((build) => {
      const machine = playScenario(scenario, { build, memoryPages: 64 * megabyte });
      let bytes = 0;
      const write = () => {
        for (const piece of writeDump(machine, { type: 'bitmap-kernel', family: kernelFamily(build) }))
          bytes += piece.bytes.length;
      };
      return best(3, write);
    });
  return { ms: Math.max(...figures), builds: figures.length };
}

/** Blocks of mixed sizes, some of them in use at any time; the slowest build with classic pool, and the slowest with heaps. */
async function pairs() {
  const { RunningMachine, playableBuilds } = await loadLab();
  const slowest = (builds) => Math.min(...builds.map((build) => pairsOf(new RunningMachine({ build }).pool)));
  return {
    classic: slowest(playableBuilds.filter((build) => build < firstHeapBuild)),
    heap: slowest(playableBuilds.filter((build) => build >= firstHeapBuild)),
  };
}

function pairsOf(pool) {
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
  return (count / best(3, round)) * 1000;
}
