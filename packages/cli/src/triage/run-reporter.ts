import type { FileProgress, RunCounts } from '@poolscope/triage';
import { ProgressLine, percent } from '../progress-line.ts';
import { printable } from '../render.ts';

/** More than these are counted only. */
const mostProblems = 20;

/** Progress with rate and time left on stderr: one line on a terminal, from time to time a line elsewhere. */
export class RunReporter {
  readonly #stream: NodeJS.WriteStream;
  readonly #line: ProgressLine;
  readonly #started = performance.now();
  readonly #workers: number;
  #lastLine = performance.now();
  #problems = 0;

  constructor(stream: NodeJS.WriteStream, workers: number) {
    this.#stream = stream;
    this.#workers = workers;
    this.#line = new ProgressLine(stream);
  }

  show(counts: RunCounts): void {
    const now = performance.now();
    const text = progressText(counts, (now - this.#started) / 1000);
    if (this.#stream.isTTY) this.#line.show('triage', text);
    else if (now - this.#lastLine > pauseBetweenLines) {
      this.#lastLine = now;
      this.#stream.write(`triage  ${text}\n`);
    }
  }

  /** A large file, whose hash or unpacking takes longer than others take in all. */
  fileProgress(name: string, { what, bytes, of }: FileProgress): void {
    const done = of === undefined || of === 0 ? sizeText(bytes) : `${percent(bytes, of)} of ${sizeText(of)}`;
    if (this.#stream.isTTY) this.#line.show('triage', `${what} ${printable(name)}  ${done}`);
    else if (performance.now() - this.#lastLine > pauseBetweenLines) {
      this.#lastLine = performance.now();
      this.#stream.write(`triage  ${what} ${printable(name)}  ${done}\n`);
    }
  }

  problem(name: string, code: string, message: string): void {
    this.#problems++;
    if (this.#problems > mostProblems) return;
    const named = message.includes(name) ? message : `${name}: ${message}`;
    this.say(`${named} (${code})`);
    if (this.#problems === mostProblems) this.say('more of these are counted only');
  }

  say(text: string): void {
    this.clear();
    this.#stream.write(`poolscope: ${printable(text)}\n`);
  }

  clear(): void {
    this.#line.clear();
  }

  finish(counts: RunCounts, isStopped: boolean): void {
    const seconds = (performance.now() - this.#started) / 1000;
    const rate = counts.analyzed / Math.max(seconds, 0.001);
    const parts = [
      many(counts.filesDone, 'file'),
      `${many(counts.analyzed, 'dump')} analyzed`,
      ...(counts.resumed > 0 ? [`${many(counts.resumed, 'file')} done before${without(counts)}`] : []),
      ...(counts.known > 0 ? [`${counts.known} known already`] : []),
      ...(counts.refused > 0 ? [many(counts.refused, 'no readable dump')] : []),
      ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
      ...(counts.problems > 0 ? [`${many(counts.problems, 'file')} with problems`] : []),
    ];
    const how = `in ${seconds.toFixed(1)} s, ${rate.toFixed(1)} dumps/s with ${many(this.#workers, 'worker')}`;
    this.say(`${isStopped ? 'stopped: ' : ''}${parts.join(', ')} ${how}`);
  }
}

/** `1 file`, `2 files`. */
export const many = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

const without = ({ withoutBefore }: RunCounts): string =>
  withoutBefore === 0 ? '' : ` (${withoutBefore} without a report)`;

const sizeText = (bytes: number): string =>
  bytes < 2 ** 30 ? `${Math.round(bytes / 2 ** 20)} MB` : `${(bytes / 2 ** 30).toFixed(1)} GB`;

/** Milliseconds between lines where stderr is no terminal. */
const pauseBetweenLines = 10_000;

/** `420 of 1000 files  38.1/s  15 s left`; the time left is told when all files are found. */
export function progressText(counts: RunCounts, seconds: number): string {
  const worked = counts.filesDone - counts.resumed;
  const rate = worked / Math.max(seconds, 0.001);
  const left = counts.filesFound - counts.filesDone;
  const total = counts.isAllFound ? `${counts.filesFound}` : `${counts.filesFound} or more`;
  const time = counts.isAllFound && rate > 0 && left > 0 ? `  ${durationText(left / rate)} left` : '';
  return `${counts.filesDone} of ${total} files  ${rate.toFixed(1)}/s${time}`;
}

export function durationText(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
