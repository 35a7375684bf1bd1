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
  | { readonly kind: 'answer' | 'progress' }
  | { readonly kind: 'error'; readonly error: { readonly message: string } }
  | { readonly kind: 'event'; readonly event: readonly (readonly (string | { readonly text: string })[])[] };

/** What each command of each console shows, in a new worker. */
export async function runInWorker(page: Page, { dump, symbols, consoles }: WorkerRun): Promise<string[][]> {
  const files = [dump, ...symbols];
  const input = await page.evaluateHandle(makeInput);
  // Playwright knows it for an element of the page, the types do not.
  await (input as unknown as ElementHandle).setInputFiles(files.map(({ path }) => path));
  const names = files.map(({ name }) => name);
  const answers = await page.evaluate(askWorker, { input, address: workerScript('engine'), names, consoles });
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
  readonly names: readonly string[];
  readonly consoles: readonly (readonly string[])[];
}

/** Runs in the page, so that it uses nothing from outside of it. */
async function askWorker({ input, address, names, consoles }: Question): Promise<string[][]> {
  const { Worker, location } = globalThis as unknown as PageGlobals;
  const worker = new Worker(new URL(address, location.href).href, { type: 'module' });
  const [dump, ...symbols] = names.map((name, index) => ({ file: input.files[index], name }));
  let calls = 0;
  let lines: string[] = [];
  let settle: { resolve(text: string): void; reject(error: Error): void } | undefined;
  worker.addEventListener('error', ({ message }) => settle?.reject(new Error(message)));
  worker.addEventListener('message', ({ data }) => {
    if (data.kind === 'error') settle?.reject(new Error(data.error.message));
    else if (data.kind === 'answer') settle?.resolve(lines.join('\n'));
    else if (data.kind === 'event')
      for (const line of data.event)
        lines.push(
          line
            .map((part) => (typeof part === 'string' ? part : part.text))
            .join('')
            .trimEnd(),
        );
  });
  const call = (name: string, value: unknown): Promise<string> =>
    new Promise((resolve, reject) => {
      lines = [];
      settle = { resolve, reject };
      worker.postMessage({ id: ++calls, call: name, input: value });
    });
  try {
    if (symbols.length > 0) await call('give', { files: symbols });
    const answers: string[][] = [];
    for (const commands of consoles) {
      await call('open', dump);
      const texts: string[] = [];
      for (const text of commands) texts.push(await call('run', { text }));
      answers.push(texts);
    }
    return answers;
  } finally {
    worker.terminate();
  }
}
