/**
 * One measurement in a process of its own: `node in-process.mjs NAME FILE`. Prints a JSON object.
 * Bare reads of the same file in the same process are the yardstick.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { FileSource } from '../../packages/cli/dist/io/file-source.js';
import { loadDisassembler } from '../../packages/engine/dist/disasm/index.js';
import { analyzePage, lineText, openSession } from '../../packages/engine/dist/index.js';
import { best, randomNumbers } from './measure.mjs';
import { poolPages } from './pool-pages.mjs';

const mappedAt = 0xffffa80000000000n;
const pageSize = 4096;
/** What the search looks for. */
const needle = 'Qz7#';
const needleAsDword = Buffer.from(needle).readUInt32LE().toString(16);
const [, , name, file, pagesText, firstPageText] = process.argv;
const pages = Number(pagesText ?? 0);
const firstPage = Number(firstPageText ?? 0);

const measurements = { open, analyze, random, uncached, sequential, search, listModules, pool };
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

/** `lm` in a session where nothing of the modules was read yet: headers and exports of each are looked at. */
async function listModules() {
  await loadDisassembler('x64');
  const source = new FileSource(file);
  const session = await openSession(source, { path: file });
  const start = performance.now();
  const { lines } = session.execute('lm');
  const text = lines.map(lineText);
  const ms = performance.now() - start;
  source.close();
  return { ms, exported: text.filter((line) => line.includes('(export symbols)')).length };
}

/**
 * The command `s` over all data pages, for bytes and for dwords, against reading the file in 1 MB pieces and node's
 * Buffer.indexOf in each: the fastest search that node has, and with this word at its fastest.
 */
async function search() {
  await plantWords();
  const range = `${mappedAt.toString(16)} L?${(pages * pageSize).toString(16)}`;
  const commands = { bytes: [`s -a ${range} "${needle}"`, 2], dwords: [`s -d ${range} ${needleAsDword}`, 1] };
  const results = {};
  for (const [kind, [command, expected]] of Object.entries(commands)) {
    let [bareMs, oursMs, right] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, true];
    for (let round = 0; round < 9; round++) {
      const start = performance.now();
      const found = bareSearch();
      bareMs = Math.min(bareMs, performance.now() - start);
      const ours = await searchByCommand(command);
      oursMs = Math.min(oursMs, ours.ms);
      right &&= found === 2 && ours.hits === expected;
    }
    results[kind] = { ms: oursMs, bareMs, ratio: bareMs / oursMs, right };
  }
  return { ...results, peakMegabytes: process.resourceUsage().maxRSS / 1024 };
}

/** Writes the word into two data pages of the file: once where a dword may be, once where none may. */
async function plantWords() {
  const source = new FileSource(file);
  const { memory, target } = (await openSession(source, { path: file })).system;
  const places = [0x204, 0x123].map((within, index) => {
    const va = mappedAt + BigInt((Math.floor(pages / 3) * (index + 1) + index) * pageSize + within);
    return target.dump.physical.offsetOf(memory.translate(va).pa);
  });
  source.close();
  const descriptor = openSync(file, 'r+');
  for (const place of places) writeSync(descriptor, Buffer.from(needle), 0, needle.length, place);
  closeSync(descriptor);
}

/**
 * `!poolcheck -all` and `!poolfind` over pages of classic pool, against reading the same bytes in pieces of 1 MB. `right`:
 * every page was found whole, and every block with the tag.
 */
async function pool() {
  const blocks = poolPages(mappedAt).count('File', pages);
  const commands = {
    check: ['!poolcheck -all', ({ pages: counts }) => counts.whole >= pages && counts.damaged <= 1],
    findAll: [
      '!poolfind Zzzz 0',
      ({ bytes, blocks: found }) => found.length === 0 && bytes >= pages * pageSize,
    ],
    find: ['!poolfind File 0', ({ blocks: found }) => found.length === Math.min(blocks, 0x10000)],
  };
  const results = {};
  for (const [kind, [command, isRight]] of Object.entries(commands)) {
    let [bareMs, oursMs, right] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, true];
    for (let round = 0; round < 5; round++) {
      bareMs = Math.min(bareMs, bareScan());
      const ours = await runCommand(command);
      oursMs = Math.min(oursMs, ours.ms);
      right &&= isRight(ours.data);
    }
    const megabytesPerSecond = (pages * pageSize) / 1e6 / (oursMs / 1000);
    const peakMegabytes = process.resourceUsage().maxRSS / 1024;
    results[kind] = { ms: oursMs, bareMs, ratio: bareMs / oursMs, megabytesPerSecond, peakMegabytes, right };
  }
  return results;
}

/** Milliseconds to read the data pages. */
function bareScan() {
  const descriptor = openSync(file, 'r');
  const buffer = new Uint8Array(1 << 20);
  const start = performance.now();
  for (let at = 0x2000; at < 0x2000 + pages * pageSize; at += buffer.length)
    readSync(descriptor, buffer, 0, buffer.length, at);
  const ms = performance.now() - start;
  closeSync(descriptor);
  return ms;
}

async function searchByCommand(command) {
  const { ms, data } = await runCommand(command);
  return { ms, hits: data.hits.length };
}

/** A command in a session of its own, whose cache is empty. */
async function runCommand(command) {
  const source = new FileSource(file);
  const session = await openSession(source, { path: file });
  const start = performance.now();
  const { data } = session.execute(command);
  const ms = performance.now() - start;
  source.close();
  return { ms, data };
}

/** No word lies across two pieces: both are inside of pages. */
function bareSearch() {
  const descriptor = openSync(file, 'r');
  const buffer = Buffer.alloc(1 << 20);
  let found = 0;
  for (let at = 0; ; at += buffer.length) {
    const piece = buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, at));
    if (piece.length === 0) break;
    for (let hit = piece.indexOf(needle); hit >= 0; hit = piece.indexOf(needle, hit + 1)) found++;
  }
  closeSync(descriptor);
  return found;
}
