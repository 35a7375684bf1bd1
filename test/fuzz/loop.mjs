import { Coverage, dictionaryOf } from './coverage.mjs';
import { minimize } from './minimize.mjs';
import { mutate } from './mutate.mjs';
import { Random } from './random.mjs';
import { runOnce } from './runner.mjs';

/**
 * The coverage-guided loop: inputs that reach something new are kept and changed further.
 * Coverage is taken once for a batch of runs, and only a batch with something new is run again one by one.
 */

/** @typedef {import('./runner.mjs').Target} Target */
/** @typedef {import('./runner.mjs').Find} Find */

/**
 * @typedef {object} Options
 * @property {number} seed
 * @property {number} [iterations] stop after so many runs ...
 * @property {number} [seconds] ... or after this time
 * @property {(find: Find) => void} onFind each fault when it is met, and again with a smaller input
 * @property {(bytes: Uint8Array) => void} [onRun] before each run
 */

const builtPackages = /\/packages\/[^/]+\/dist\//;
const largestBatch = 64;
const mostFinds = 10;

/**
 * @param {Target} target
 * @param {Options} options
 */
export async function fuzz(target, options) {
  const loop = new Loop(target, options);
  await loop.start();
  while (!loop.isDone) await loop.batch();
  return loop.end();
}

class Loop {
  #target;
  #options;
  #random;
  #coverage;
  /** @type {Uint8Array[]} */
  #corpus = [];
  /** @type {Uint8Array[]} */
  #dictionary = [];
  #keys = new Set();
  #runs = 0;
  #maxLength = 4096;
  #batchSize = 1;
  #deadline;

  /**
   * @param {Target} target
   * @param {Options} options
   */
  constructor(target, options) {
    this.#target = target;
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#coverage = new Coverage(target.covers ?? builtPackages);
    this.#deadline = options.seconds === undefined ? Infinity : performance.now() + options.seconds * 1000;
  }

  get isDone() {
    const { iterations = Infinity } = this.#options;
    return this.#runs >= iterations || performance.now() >= this.#deadline || this.#keys.size >= mostFinds;
  }

  /** Runs the seeds; the sources that they reach give the dictionary. */
  async start() {
    const seeds = await this.#target.seeds();
    if (seeds.length === 0) throw new Error(`target ${this.#target.name} has no seeds`);
    this.#maxLength = Math.max(4096, ...seeds.map((seed) => seed.length * 2));
    this.#coverage.take();
    for (const seed of seeds) await this.#run(seed);
    this.#coverage.merge(this.#coverage.take());
    this.#corpus.push(...seeds);
    this.#dictionary = dictionaryOf(this.#coverage.scripts);
  }

  async batch() {
    /** @type {Uint8Array[]} */
    const inputs = [];
    while (inputs.length < this.#batchSize && !this.isDone) {
      const input = mutate(this.#parent(), this.#material());
      if (await this.#run(input)) inputs.push(input);
    }
    const points = this.#coverage.take();
    const news = this.#coverage.isNew(points);
    if (news) await this.#keep(inputs);
    this.#coverage.merge(points);
    this.#batchSize = Math.max(1, Math.min(largestBatch, news ? this.#batchSize / 2 : this.#batchSize * 2));
  }

  end() {
    const result = { runs: this.#runs, points: this.#coverage.count, kept: this.#corpus.length };
    this.#coverage.close();
    return result;
  }

  #material() {
    return {
      random: this.#random,
      corpus: this.#corpus,
      dictionary: this.#dictionary,
      maxLength: this.#maxLength,
    };
  }

  /** Newer inputs more often: they are where the loop moves on. */
  #parent() {
    const recent = this.#random.below(2) === 0 ? this.#corpus.slice(-2) : this.#corpus;
    return this.#random.pick(recent);
  }

  /**
   * Keeps those inputs of a batch that reach something new.
   * @param {readonly Uint8Array[]} inputs
   */
  async #keep(inputs) {
    for (const input of inputs) {
      await this.#run(input);
      const points = this.#coverage.take();
      if (!this.#coverage.isNew(points)) continue;
      this.#coverage.merge(points);
      this.#corpus.push(input);
    }
  }

  /**
   * One run; false when it failed.
   * @param {Uint8Array} input
   */
  async #run(input) {
    this.#runs++;
    const find = await this.#try(input);
    if (find === undefined) return true;
    if (this.#keys.has(find.key)) return false;
    this.#keys.add(find.key);
    this.#options.onFind(find);
    this.#options.onFind(await minimize(find, (bytes) => this.#try(bytes)));
    return false;
  }

  /** @param {Uint8Array} input */
  #try(input) {
    this.#options.onRun?.(input);
    return runOnce(this.#target, input.slice());
  }
}
