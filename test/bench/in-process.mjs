/**
 * One measurement in a process of its own: `node in-process.mjs NAME FILE`. Prints a JSON object.
 * Bare reads of the same file in the same process are the yardstick.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { FileSource } from '../../packages/cli/dist/io/file-source.js';
import { loadDisassembler } from '../../packages/engine/dist/disasm/index.js';
import { analyzePage, lineText, openSession } from '../../packages/engine/dist/index.js';
import { best, randomNumbers } from './measure.mjs';

const mappedAt = 0xffffa80000000000n;
const pageSize = 4096;
const [, , name, file, pagesText, firstPageText] = process.argv;
const pages = Number(pagesText ?? 0);
const firstPage = Number(firstPageText ?? 0);

const measurements = { open, analyze, random, uncached, sequential };
console.log(JSON.stringify(await measurements[name]()));

async function open() {
  await loadDisassembler('x64');
  const start = performance.now();
  const source = new FileSource(file);
  const session = await openSession(source, { path: file });
  const ms = performance.now() - start;
  const modules = session.system.modules.length;
  source.close();
  return { ms, modules };
}

async function analyze() {
  const start = performance.now();
  const source = new FileSource(file);
  const session = await openSession(source, { path: file });
  const { report } = session.analyze();
  const text = analyzePage(report).map(lineText).join('\n') + JSON.stringify(report);
  const ms = performance.now() - start;
  source.close();
  return { ms, characters: text.length, peakMegabytes: process.resourceUsage().maxRSS / 1024 };
}

async function memoryOf(source) {
  return (await openSession(source, { path: file })).system.memory;
}

/** 8-byte virtual reads in a working set of 128 MB that is in the cache. */
async function random() {
  const source = new FileSource(file);
  const memory = await memoryOf(source);
  const set = Math.min(pages, 32_768);
  for (let page = 0; page < set; page++) memory.tryReadU64(mappedAt + BigInt(page * pageSize));
  const count = 1_000_000;
  const addresses = Array.from(randomNumbers(set * 512, count), (word) => mappedAt + BigInt(word * 8));
  let sum = 0n;
  const ms = best(3, () => {
    for (const address of addresses) sum ^= memory.tryReadU64(address);
  });
  source.close();
  return { perSecond: (count / ms) * 1000, sum: String(sum) };
}

/** Best of three rounds, bare and ours in turn; each round of ours begins with an empty cache. */
async function against(bare, ours, count) {
  let [bareMs, oursMs, right] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, true];
  for (let round = 0; round < 3; round++) {
    bareMs = Math.min(bareMs, bare());
    const source = new FileSource(file);
    const memory = await memoryOf(source);
    const start = performance.now();
    const correct = ours(memory);
    oursMs = Math.min(oursMs, performance.now() - start);
    right &&= correct;
    source.close();
  }
  return {
    perSecond: (count / oursMs) * 1000,
    barePerSecond: (count / bareMs) * 1000,
    ratio: bareMs / oursMs,
    right,
  };
}

/** 8-byte virtual reads over all pages, each page once, against bare reads of as many pages. */
function uncached() {
  const count = Math.min(pages, 200_000);
  const order = shuffled(pages, count);
  const expected = BigInt(order.reduce((total, page) => total + firstPage + page, 0));
  const ours = (memory) => {
    let sum = 0n;
    for (const page of order) sum += memory.tryReadU64(mappedAt + BigInt(page * pageSize));
    return sum === expected;
  };
  return against(() => bareReads(order), ours, count);
}

/** Whole pages in order, against bare reads in order. */
function sequential() {
  const count = Math.min(pages, 200_000);
  const order = Array.from({ length: count }, (_, page) => page);
  const ours = (memory) => {
    let total = 0;
    for (const page of order) total += memory.tryRead(mappedAt + BigInt(page * pageSize), pageSize).length;
    return total === count * pageSize;
  };
  return against(() => bareReads(order), ours, count);
}

function shuffled(limit, count) {
  const numbers = randomNumbers(limit, limit, 7);
  const order = Array.from({ length: limit }, (_, index) => index);
  for (let index = limit - 1; index > 0; index--) {
    const other = Math.floor((numbers[index] / limit) * (index + 1));
    [order[index], order[other]] = [order[other], order[index]];
  }
  return order.slice(0, count);
}

function bareReads(order) {
  const descriptor = openSync(file, 'r');
  const buffer = new Uint8Array(pageSize);
  const start = performance.now();
  for (const page of order) readSync(descriptor, buffer, 0, pageSize, 0x2000 + page * pageSize);
  const ms = performance.now() - start;
  closeSync(descriptor);
  return ms;
}
