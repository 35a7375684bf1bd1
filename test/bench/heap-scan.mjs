/**
 * Commands over the segment heaps of a machine, in a process of its own: `node heap-scan.mjs [MEGABYTES]`. Prints a JSON object. The lab
 * allocates and frees until its heaps have so much, and its dump is written to a temporary folder. Bare reads of the same file in the
 * same process are the yardstick.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileSource } from '../../packages/cli/dist/io/file-source.js';
import { openSession } from '../../packages/engine/dist/index.js';
import { RunningMachine, writeDump } from '../../packages/lab/dist/index.js';
import { best, randomNumbers } from './measure.mjs';

const megabytes = Number(process.argv[2] ?? 256);
const pagesPerMegabyte = 256;
// Written in a process of its own: what the lab takes of memory is not that of the commands.
const [written] = process.argv.slice(3);
if (written !== undefined) {
  writeMachine(written);
  process.exit();
}
const folder = mkdtempSync(join(tmpdir(), 'poolscope-heaps-'));
process.on('SIGINT', () => process.exit(130));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const file = join(folder, 'heaps.dmp');
execFileSync(process.execPath, [fileURLToPath(import.meta.url), String(megabytes), file]);
const bytes = statSync(file).size;
const commands = {
  check: ['!poolcheck -all', ({ data }) => data.pages.damaged === 0 && data.heapsUnknown.length === 0],
  find: ['!poolfind Zzzz -global', ({ data }) => data.heap.length === 0],
  used: ['!poolused', ({ lines }) => lines.length > 0],
  heap: ['!heap -s', ({ data }) => data.length > 0],
};
const results = {};
for (const [name, [command, isRight]] of Object.entries(commands))
  results[name] = await measure(command, isRight);
const map = await measureMap();
console.log(JSON.stringify({ ...results, map, peakMegabytes: process.resourceUsage().maxRSS / 1024 }));

/** Blocks of many sizes: most of them small, every third is freed again. */
function writeMachine(path) {
  const machine = new RunningMachine({ build: 19_041, memoryPages: (megabytes * 2 + 64) * pagesPerMegabyte });
  const numbers = randomNumbers(1 << 30, 1 << 16, 7);
  const wanted = megabytes * 1024 * 1024;
  for (let held = 0, index = 0; held < wanted; index++) {
    const number = numbers[index & 0xffff];
    const size = 0x20 + (number & 0x1f) * (number & 0x80 ? 0x10 : 0x70);
    const va = machine.pool.allocate(number & 1, size, `Bn${index % 10}${index % 7}`);
    if (number % 3 === 0) machine.pool.free(va);
    else held += size;
  }
  try {
    machine.systemThread('nt!KeBugCheckEx', 0xe2n);
  } catch {
    // It stops with the bug check that it was told to make.
  }
  const out = openSync(path, 'w');
  for (const piece of writeDump(machine.finish(), { type: 'bitmap-kernel' }))
    writeSync(out, piece.bytes, 0, piece.bytes.length, piece.offset);
  closeSync(out);
}

/** Milliseconds of a command in a session of its own, whose cache is empty, and of reading all of the file. */
async function measure(command, isRight) {
  let [ours, right, walked] = [Number.POSITIVE_INFINITY, true, 0];
  const bare = best(3, readAll);
  for (let round = 0; round < 3; round++) {
    const source = new FileSource(file);
    const session = await openSession(source, { path: file });
    const start = performance.now();
    const answer = session.execute(command);
    ours = Math.min(ours, performance.now() - start);
    right &&= isRight(answer);
    walked = answer.data?.bytes ?? 0;
    source.close();
  }
  // What is read of the file is the pages of small blocks alone.
  const share = walked === 0 ? 1 : walked / bytes;
  return { ms: ours, ratio: (bare * share) / ours, megabytes: walked / 1e6, right };
}

/** Pages of the heaps' first blocks as !poolmap shows them, one after the other. */
async function measureMap() {
  const source = new FileSource(file);
  const session = await openSession(source, { path: file });
  const { data } = session.execute('!poolfind Bn00 -global');
  const places = data.heap.slice(0, 64).map(({ block }) => block.address.toString(16));
  const ms = best(3, () => {
    for (const place of places) session.execute(`!poolmap ${place} 4`);
  });
  source.close();
  return { pagesPerSecond: (places.length * 4 * 1000) / ms, right: places.length === 64 };
}

function readAll() {
  const descriptor = openSync(file, 'r');
  const buffer = new Uint8Array(1 << 20);
  for (let at = 0; at < bytes; at += buffer.length) readSync(descriptor, buffer, 0, buffer.length, at);
  closeSync(descriptor);
}
