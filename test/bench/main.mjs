/**
 * Benchmarks on dumps that it writes itself, in a temporary folder that it removes. Each figure stands beside its line:
 * ratios are to raw work in the same run; absolute figures are for a quiet machine and do not fail the run.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unpackCabinet } from '../../packages/engine/dist/archive/index.js';
import { BufferSource } from '../../packages/engine/dist/io/index.js';
import * as lab from '../../packages/lab/dist/index.js';
import { machineWithModules } from '../more-modules.mjs';
import { median } from './measure.mjs';
import { poolPages } from './pool-pages.mjs';
import { promptReadyMs } from './prompt-ready.mjs';

const { buildMachine, syntheticLargeDump, writeDump } = lab;
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const gigabyte = 262_144;
const folder = mkdtempSync(join(tmpdir(), 'poolscope-bench-'));
/** What is below its line. */
const failed = [];

process.on('SIGINT', () => process.exit(130));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Sparse: only the pieces are written. */
function writeFile(name, pieces) {
  const path = join(folder, name);
  const file = openSync(path, 'w');
  let end = 0;
  for (const { offset, bytes } of pieces) {
    writeSync(file, bytes, 0, bytes.length, offset);
    end = Math.max(end, offset + bytes.length);
  }
  if (statSync(path).size < end) ftruncateSync(file, end);
  // Writing to the disk goes on in the background otherwise, and disturbs what is measured.
  fsyncSync(file);
  closeSync(file);
  return path;
}

const runOne = (name, file, pages = 0, firstPage = 0) => {
  const args = [here('in-process.mjs'), name, file, String(pages), String(firstPage)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
};

/**
 * A machine with so many drivers besides its own: copies of its hal, which exports functions, and of a driver, which does
 * not, one to two as in Windows.
 */
function machineOfManyModules(count) {
  const { list } = buildMachine().images;
  const bytesOf = (module) => list.find(({ image }) => image.spec.module === module).image.mappedBytes();
  const [library, driver] = ['hal', 'netsamp'].map(bytesOf);
  const modules = Array.from({ length: count }, (_, index) => ({
    name: `driver${index}.sys`,
    base: 0xfffff80470000000n + BigInt(index) * 0x10000n,
    bytes: index % 3 === 0 ? library : driver,
  }));
  return machineWithModules(lab, { memoryPages: 0x2000 }, modules);
}

const times = (rounds, run) => Array.from({ length: rounds }, run);

/** `pass` undefined: the figure is for a quiet machine and only reported. */
function record(what, value, unit, line, pass) {
  if (pass === false) failed.push(what);
  const mark = pass === undefined ? ' ' : pass ? '+' : '-';
  console.log(
    `${mark} ${what.padEnd(58)} ${value.toFixed(value < 10 ? 2 : 0).padStart(12)} ${unit.padEnd(8)} ${line}`,
  );
}

function wallMs(args) {
  const start = performance.now();
  execFileSync(process.execPath, args, { stdio: 'ignore' });
  return performance.now() - start;
}

console.log('writing dumps ...');
const large = (type, pages) => {
  const dump = syntheticLargeDump({ type, pages });
  return [writeFile(`${type}-${pages}.dmp`, dump.pieces()), pages, dump.firstPage];
};
const dumps = {
  'full 1 GB': large('full', gigabyte),
  'bitmap 1 GB': large('bitmap-full', gigabyte),
  'full 16 GB (sparse)': large('full', gigabyte * 16),
};
const poolAt = 0xffffa80000000000n;
/** Windows 8, which has the classic pool. */
const classic = { build: 9200, mappedAt: poolAt, fill: poolPages(poolAt).fill };
const poolDump = syntheticLargeDump({ type: 'full', pages: gigabyte, ...classic });
const poolFile = writeFile('pool.dmp', poolDump.pieces());
const manyModules = writeFile('modules.dmp', writeDump(machineOfManyModules(245), { type: 'bitmap-kernel' }));
const triage = writeFile('triage.dmp', writeDump(buildMachine(), { type: 'triage' }));

for (const [name, [file]] of Object.entries(dumps)) {
  record(`open ${name}`, median(times(5, () => runOne('open', file).ms)), 'ms', '<= 30 ms');
}
for (const name of ['full 1 GB', 'bitmap 1 GB']) {
  const [file, pages, firstPage] = dumps[name];
  const { perSecond } = runOne('random', file, pages, firstPage);
  record(`random 8-byte reads in 128 MB, ${name}`, perSecond / 1e6, 'M/s', '>= 1 M/s');
  const uncached = runOne('uncached', file, pages, firstPage);
  record(
    `uncached random reads against readSync, ${name}`,
    uncached.ratio,
    'x',
    '>= 0.7',
    uncached.ratio >= 0.7 && uncached.right,
  );
  const sequential = runOne('sequential', file, pages, firstPage);
  record(
    `sequential 4 KB against readSync, ${name}`,
    sequential.ratio,
    'x',
    '>= 0.6',
    sequential.ratio >= 0.6 && sequential.right,
  );
  const search = runOne('search', file, pages, firstPage);
  for (const kind of ['bytes', 'dwords']) {
    const { ratio, right } = search[kind];
    const what = `s over 1 GB for ${kind} against readSync and Buffer.indexOf`;
    record(`${what}, ${name}`, ratio, 'x', '>= 0.5', ratio >= 0.5 && right);
  }
  record(
    `s over 1 GB: peak memory, ${name}`,
    search.peakMegabytes,
    'MB',
    '<= 250 MB',
    search.peakMegabytes <= 250,
  );
  const whole = times(3, () => runOne('analyze', file));
  record(`analyze ${name}`, median(whole.map(({ ms }) => ms)), 'ms', '<= 1000 ms');
}
const pool = runOne('pool', poolFile, gigabyte, poolDump.firstPage);
for (const [kind, what] of [
  ['check', '!poolcheck -all over 1 GB'],
  ['find', '!poolfind over 1 GB, to its limit'],
  ['findAll', '!poolfind over 1 GB, all of it'],
]) {
  const { ratio, megabytesPerSecond, right } = pool[kind];
  if (kind !== 'find') {
    record(`${what}, against readSync`, ratio, 'x', '>= 0.4', ratio >= 0.4 && right);
    record(what, megabytesPerSecond, 'MB/s', '>= 400 MB/s');
  } else if (!right) record(what, 0, '', 'finds them', false);
}
const poolPeak = pool.findAll.peakMegabytes;
record('pool over 1 GB: peak memory', poolPeak, 'MB', '<= 250 MB', poolPeak <= 250);
const heaps = JSON.parse(execFileSync(process.execPath, [here('heap-scan.mjs')], { encoding: 'utf8' }));
for (const [kind, what] of [
  ['check', '!poolcheck -all over segment heaps'],
  ['find', '!poolfind over segment heaps'],
]) {
  const { ratio, megabytes, ms, right } = heaps[kind];
  record(`${what}, against readSync`, ratio, 'x', '>= 0.01', ratio >= 0.01 && right);
  record(what, megabytes / (ms / 1000), 'MB/s', '>= 400 MB/s');
}
record('!poolused on segment heaps', heaps.used.ms, 'ms', '<= 50 ms', heaps.used.right ? undefined : false);
record('!heap -s', heaps.heap.ms, 'ms', '<= 50 ms', heaps.heap.right ? undefined : false);
record(
  '!poolmap on segment heaps',
  heaps.map.pagesPerSecond,
  'pages/s',
  '',
  heaps.map.right ? undefined : false,
);
record('segment heaps: peak memory', heaps.peakMegabytes, 'MB', '');
const small = times(5, () => runOne('analyze', triage));
record('analyze a triage dump', median(small.map(({ ms }) => ms)), 'ms', '<= 300 ms');
const peak = Math.max(...small.map(({ peakMegabytes }) => peakMegabytes));
record('analyze a triage dump: peak memory', peak, 'MB', '<= 200 MB', peak <= 200);
const listings = times(5, () => runOne('listModules', manyModules));
const isWhole = listings.every(({ exported }) => exported === 84);
record(
  'lm of 250 modules',
  median(listings.map(({ ms }) => ms)),
  'ms',
  '<= 10 ms',
  isWhole ? undefined : false,
);
const program = here('../../packages/cli/bin/poolscope.mjs');
record('cold start: node alone', median(times(9, () => wallMs(['-e', '0']))), 'ms', '');
record(
  'cold start: poolscope --version',
  median(times(9, () => wallMs([program, '--version']))),
  'ms',
  '<= 250 ms',
);
record(
  'cold start: poolscope analyze of a triage dump',
  median(times(9, () => wallMs([program, 'analyze', triage]))),
  'ms',
  '',
);

for (const [name, file] of [
  ['a triage dump', triage],
  ['full 1 GB', dumps['full 1 GB'][0]],
  ['bitmap 1 GB', dumps['bitmap 1 GB'][0]],
]) {
  const rounds = [];
  for (let round = 0; round < 9; round++) rounds.push(await promptReadyMs(program, file));
  record(`prompt ready: ${name}`, median(rounds), 'ms', '<= 300 ms');
}

const labFigures = (name) =>
  JSON.parse(execFileSync(process.execPath, [here('lab.mjs'), name], { encoding: 'utf8' }));
const { kilobytes, whole } = labFigures('bundle');
record(
  'lab: what a page loads to play on classic pool, gzip',
  kilobytes,
  'KB',
  '<= 150 KB',
  kilobytes <= 150,
);
record('lab: the same for segment heaps too', whole, 'KB', '');
const boots = labFigures('boot');
record('lab: first boot of a machine', boots.firstMs, 'ms', '');
record('lab: boot of a machine, slowest build', boots.ms, 'ms', '<= 300 ms');
record('lab: kernel dump of a machine of 64 MB, slowest build', labFigures('dump').ms, 'ms', '<= 1000 ms');
const { classic: classicPairs, heap: heapPairs } = labFigures('pairs');
record('lab: pairs of allocation and free, classic pool', classicPairs, '1/s', '>= 200,000 1/s');
record('lab: the same on segment heaps', heapPairs, '1/s', '>= 200,000 1/s');

// The largest program database at hand is a stranger's: it is measured where it is there.
const largestPdb = here('../../../shared/pdbs/misc/basic32.pd_');
if (existsSync(largestPdb)) recordPdb(await unpackPdb(largestPdb));
else console.log('  program databases: skipped, there is no folder shared beside the repository');

async function unpackPdb(packed) {
  const { source } = await unpackCabinet(new BufferSource(readFileSync(packed)));
  const bytes = new Uint8Array(source.size);
  source.readInto(0, bytes);
  return writeFile('largest.pdb', [{ offset: 0, bytes }]);
}

function recordPdb(file) {
  const run = () =>
    JSON.parse(execFileSync(process.execPath, [here('program-database.mjs'), file], { encoding: 'utf8' }));
  const rounds = times(3, run);
  const middle = (name) => median(rounds.map((round) => round[name]));
  record('program database of 6.6 MB: open and first look-up', middle('firstMs'), 'ms', '<= 30 ms');
  const opening = Math.max(...rounds.map(({ openMs, bareMs }) => bareMs / openMs));
  record('the same again, against reading the file', opening, 'x', '>= 0.1', opening >= 0.1);
  record('public symbols with their names', middle('publicsPerSecond') / 1e6, 'M/s', '>= 1 M/s');
  record('records of types', middle('typesPerSecond') / 1e6, 'M/s', '>= 2 M/s');
  const types = Math.max(...rounds.map(({ typesRatio }) => typesRatio));
  record('records of types, against reading their stream', types, 'x', '>= 0.1', types >= 0.1);
  record('names of addresses, warm', middle('namesPerSecond') / 1e6, 'M/s', '>= 1 M/s');
}

// Its parts are told in triage/main.mjs; it prints its figures itself.
const triageRun = spawnSync(process.execPath, [here('triage/main.mjs')], { stdio: 'inherit' });
if (triageRun.status !== 0) failed.push('triage');

console.log(failed.length === 0 ? 'all ratios hold' : `below their line: ${failed.join('; ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
