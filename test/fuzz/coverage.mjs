import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { fileURLToPath } from 'node:url';
import { littleEndian } from './mutate.mjs';

/**
 * Which characters of which sources have run, by V8's precise coverage. V8 merges neighbouring ranges of equal
 * counts, so that the same path can come as different ranges; painted onto the source they are the same again.
 */

/** @typedef {Map<string, Uint8Array>} Points script URL -> 1 for each character that ran */

export class Coverage {
  #session = new Session();
  #covers;
  /** @type {Points} */
  #seen = new Map();

  /** @param {RegExp} covers URLs of the scripts that count */
  constructor(covers) {
    this.#covers = covers;
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Characters seen so far. */
  get count() {
    let count = 0;
    for (const points of this.#seen.values()) for (const point of points) count += point;
    return count;
  }

  /** URLs of the scripts that ran, sorted: V8 gives them in no fixed order. */
  get scripts() {
    return [...this.#seen.keys()].sort();
  }

  /**
   * What ran since the last call.
   * @returns {Points}
   */
  take() {
    /** @type {Points} */
    const points = new Map();
    this.#session.post('Profiler.takePreciseCoverage', (error, taken) => {
      if (error !== null) throw error;
      for (const { url, functions } of taken.result)
        if (this.#covers.test(url)) points.set(url, paint(functions));
    });
    return points;
  }

  /** @param {Points} points */
  isNew(points) {
    for (const [url, painted] of points) {
      const seen = this.#seen.get(url);
      if (seen === undefined || painted.some((point, at) => point > (seen[at] ?? 0))) return true;
    }
    return false;
  }

  /** @param {Points} points */
  merge(points) {
    for (const [url, painted] of points) {
      const seen = this.#seen.get(url) ?? new Uint8Array(0);
      const [short, long] = seen.length < painted.length ? [seen, painted] : [painted, seen];
      for (let at = 0; at < short.length; at++) long[at] = (long[at] ?? 0) | (short[at] ?? 0);
      this.#seen.set(url, long);
    }
  }

  close() {
    this.#session.disconnect();
  }
}

/**
 * Functions come outer before inner, and so do the ranges of each: later ones paint over earlier ones.
 * The result ends with the last function that V8 reports.
 * @param {readonly import('node:inspector').Profiler.FunctionCoverage[]} functions
 */
function paint(functions) {
  const end = Math.max(0, ...functions.map(({ ranges }) => ranges[0]?.endOffset ?? 0));
  const points = new Uint8Array(end);
  for (const { ranges } of functions) {
    for (const { startOffset, endOffset, count } of ranges)
      points.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  }
  return points;
}

/**
 * Numbers and short texts that stand in the sources, as bytes: what a parser compares with.
 * @param {readonly string[]} urls
 */
export function dictionaryOf(urls) {
  /** @type {Map<string, Uint8Array>} */
  const tokens = new Map();
  const add = (/** @type {Uint8Array} */ token) => tokens.set(token.join(), token);
  for (const url of urls.filter((candidate) => candidate.startsWith('file:'))) {
    const source = readFileSync(fileURLToPath(url), 'utf8');
    for (const [text] of source.matchAll(/\b0x[0-9a-f_]{3,}|\b[0-9]{3,}\b/gi)) {
      const value = BigInt(text.replaceAll('_', ''));
      const width = value < 0x1_0000n ? 2 : value < 0x1_0000_0000n ? 4 : 8;
      for (let size = width; size <= 8; size *= 2) add(littleEndian(value, size));
    }
    for (const [, text = ''] of source.matchAll(/'([ -~]{2,16})'/g))
      add(Uint8Array.from(text, (c) => c.charCodeAt(0)));
  }
  return [...tokens.values()];
}
