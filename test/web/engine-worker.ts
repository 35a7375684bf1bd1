import type { ElementHandle, Page } from 'playwright-core';
import { workerScript } from './site.ts';

/** The worker that the page runs its engine in: the built one, asked by a test as the page asks it. */

/** A file as the worker gets it: where it is here, and its name there. */
export interface WorkerFile {
  readonly path: string;
  readonly name: string;
}

export interface WorkerRun {
  readonly dump: WorkerFile;
  /** Given before the dump is opened. */
  readonly symbols: readonly WorkerFile[];
  /** Commands of each console: the dump is opened anew for each. */
  readonly consoles: readonly (readonly string[])[];
}

export interface WorkerAnswer {
  /** As JSON; empty where none was wanted. */
  readonly report: string;
  /** What each command showed. */
  readonly texts: string[];
}

/** What this file uses of a page; tests are compiled without the types of a browser. */
interface PageGlobals {
  readonly document: { createElement(name: 'input'): FileInput };
  readonly location: { readonly href: string };
  readonly Worker: new (address: string, options: { readonly type: 'module' }) => PageWorker;
}

interface FileInput {
  type: string;
  multiple: boolean;
  readonly files: ArrayLike<unknown>;
}

interface PageWorker {
  addEventListener(type: 'message', listener: (event: { readonly data: WorkerMessage }) => void): void;
  addEventListener(type: 'error', listener: (event: { readonly message: string }) => void): void;
  postMessage(request: unknown): void;
  terminate(): void;
}

type WorkerMessage =
  | { readonly kind: 'answer'; readonly value: unknown }
  | { readonly kind: 'progress' }
  | { readonly kind: 'error'; readonly error: { readonly message: string } }
  | { readonly kind: 'event'; readonly event: readonly (readonly (string | { readonly text: string })[])[] };

/** What each command of each console shows, in a new worker. */
export async function runInWorker(page: Page, { dump, symbols, consoles }: WorkerRun): Promise<string[][]> {
  const runs = consoles.map((commands) => ({ file: 0, commands, wantsReport: false }));
  const answers = await ask(page, [dump], symbols, runs);
  return answers.map(({ texts }) => texts);
}

/** The report of each dump, and what each command shows then, in a new worker for all of them. */
export function analyzeInWorker(
  page: Page,
  dumps: readonly WorkerFile[],
  commands: readonly string[],
): Promise<WorkerAnswer[]> {
  const runs = dumps.map((_, file) => ({ file, commands, wantsReport: true }));
  return ask(page, dumps, [], runs);
}

async function ask(
  page: Page,
  dumps: readonly WorkerFile[],
  symbols: readonly WorkerFile[],
  runs: Question['runs'],
): Promise<WorkerAnswer[]> {
  const files = [...dumps, ...symbols];
  const input = await page.evaluateHandle(makeInput);
  // Playwright knows it for an element of the page, the types do not.
  await (input as unknown as ElementHandle).setInputFiles(files.map(({ path }) => path));
  const names = files.map(({ name }) => name);
  const question = { input, address: workerScript('engine'), names, dumps: dumps.length, runs };
  const answers = await page.evaluate(askWorker, question);
  await input.dispose();
  return answers;
}

/** Runs in the page. */
function makeInput(): FileInput {
  const { document } = globalThis as unknown as PageGlobals;
  return Object.assign(document.createElement('input'), { type: 'file', multiple: true });
}

interface Question {
  readonly input: FileInput;
  readonly address: string;
  /** Of the dumps, and of files with symbols behind them. */
  readonly names: readonly string[];
  readonly dumps: number;
  readonly runs: readonly {
    readonly file: number;
    readonly commands: readonly string[];
    readonly wantsReport: boolean;
  }[];
}

/** Runs in the page, so that it uses nothing from outside of it. */
async function askWorker({ input, address, names, dumps, runs }: Question): Promise<WorkerAnswer[]> {
  const { Worker, location } = globalThis as unknown as PageGlobals;
  const worker = new Worker(new URL(address, location.href).href, { type: 'module' });
  const files = names.map((name, index) => ({ file: input.files[index], name }));
  let calls = 0;
  let lines: string[] = [];
  let settle: { resolve(value: unknown): void; reject(error: Error): void } | undefined;
  worker.addEventListener('error', ({ message }) => settle?.reject(new Error(message)));
  worker.addEventListener('message', ({ data }) => {
    if (data.kind === 'error') settle?.reject(new Error(data.error.message));
    else if (data.kind === 'answer') settle?.resolve(data.value);
    else if (data.kind === 'event')
      for (const line of data.event)
        lines.push(
          line
            .map((part) => (typeof part === 'string' ? part : part.text))
            .join('')
            .trimEnd(),
        );
  });
  const call = (name: string, value: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      lines = [];
      settle = { resolve, reject };
      worker.postMessage({ id: ++calls, call: name, input: value });
    });
  try {
    if (files.length > dumps) await call('give', { files: files.slice(dumps) });
    const answers: WorkerAnswer[] = [];
    for (const { file, commands, wantsReport } of runs) {
      await call('open', files[file]);
      const report = wantsReport ? JSON.stringify(await call('analyze', {})) : '';
      const texts: string[] = [];
      for (const text of commands) {
        await call('run', { text });
        texts.push(lines.join('\n'));
      }
      answers.push({ report, texts });
    }
    return answers;
  } finally {
    worker.terminate();
  }
}
