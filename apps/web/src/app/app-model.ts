import type { Report } from '@poolscope/engine';
import { computed, signal } from '@preact/signals';
import { ConsoleModel } from '../console/console-model.ts';
import type { AddressRange } from '../console/damaged-text.ts';
import { CallError, type CallOptions, WorkerLink } from '../link/worker-link.ts';
import type { GivenFile, Opened, OpenInput } from '../protocol/calls.ts';
import type { CallName, ErrorFacts, InputOf, OutputOf, ProgressFacts } from '../protocol/messages.ts';
import { chosenServer } from '../symbol-server/choice.ts';
import workerUrl from '../worker/engine-worker.ts?worker&url';
import { linkTo, type Route, readRoute, routeHash, type ViewName } from './route.ts';

/** What the window shows as a whole. */
export type Phase =
  | { readonly kind: 'empty' }
  | { readonly kind: 'opening'; readonly name: string; readonly progress: ProgressFacts | undefined }
  | { readonly kind: 'failed'; readonly name: string; readonly error: ErrorFacts }
  | { readonly kind: 'open' };

export type ConsoleSize = 'low' | 'normal' | 'high';

/** The page as a whole: one dump, its console, and where the user is. */
export class App {
  readonly phase = signal<Phase>({ kind: 'empty' });
  readonly opened = signal<Opened | undefined>(undefined);
  readonly report = signal<Report | undefined>(undefined);
  /** Changes whenever the dump is read anew: views ask again. */
  readonly generation = signal(0);
  readonly route = signal<Route>(readRoute(location.hash));
  /** What goes on beside the view: symbols that are read. */
  readonly busy = signal('');
  readonly given = signal<readonly GivenFile[]>([]);
  readonly console: ConsoleModel;
  readonly view = computed(() => this.route.value.view);
  /** Bytes that were damaged: they stand out wherever memory is shown. */
  readonly damage = computed(() => damageOf(this.report.value));
  /** How much of the window the console takes. */
  readonly consoleSize = signal<ConsoleSize>('normal');
  /** The file as it was given, to be saved again. */
  file: { readonly file: Blob; readonly name: string } | undefined;
  #link: WorkerLink | undefined;

  constructor() {
    this.console = new ConsoleModel((name, input, options) => this.call(name, input, options));
    addEventListener('hashchange', () => {
      this.route.value = readRoute(location.hash);
    });
  }

  call<Name extends CallName>(
    name: Name,
    input: InputOf<Name>,
    options?: CallOptions<Name>,
  ): Promise<OutputOf<Name>> {
    this.#link ??= new WorkerLink(workerUrl);
    return this.#link.call(name, input, options);
  }

  go(view: ViewName, at = ''): void {
    location.hash = routeHash({ view, at });
  }

  /** What is chosen in a view stands in the address bar, so that a link leads there; the view stays as it is. */
  note(view: ViewName, at: bigint | undefined): void {
    if (this.view.peek() === view) history.replaceState(null, '', linkTo(view, at));
  }

  /** Runs a command where its answer is seen. */
  runShown(command: string): void {
    if (this.consoleSize.value === 'low') this.consoleSize.value = 'normal';
    void this.console.run(command);
  }

  /** Opens a dump of any size and reaches the verdict. */
  async open(file: Blob, name: string): Promise<void> {
    this.#reset();
    this.file = { file, name };
    this.phase.value = { kind: 'opening', name, progress: undefined };
    const onProgress = (progress: ProgressFacts) => {
      this.phase.value = { kind: 'opening', name, progress };
    };
    try {
      const opened = await this.call('open', { file, name, ...symbolServers() }, { onProgress });
      this.opened.value = opened;
      this.busy.value = opened.serverProblem ?? '';
      onProgress({ what: 'looking for what was damaged, and by whom', done: 0 });
      await this.#analyze();
      this.phase.value = { kind: 'open' };
      this.console.greet(name, () => this.opened.value !== opened);
    } catch (error) {
      this.#fail(name, error);
    }
  }

  /** Stops what is being opened, at once. */
  cancelOpening(): void {
    this.#link?.terminate();
    this.#link = undefined;
    // What was given besides went with the worker.
    this.given.value = [];
    this.close();
  }

  close(): void {
    this.#reset();
    this.phase.value = { kind: 'empty' };
  }

  /** Symbols or a pooltag.txt; what is open is read anew with them. */
  async give(files: readonly File[]): Promise<readonly GivenFile[]> {
    this.busy.value = `reading ${files.length === 1 ? (files[0]?.name ?? '') : `${files.length} files`}`;
    try {
      const taken = await this.call('give', { files: files.map((file) => ({ file, name: file.name })) });
      this.given.value = [...this.given.value, ...taken.filter(({ kind }) => kind !== 'unknown')];
      this.busy.value = unknownText(taken);
      if (this.phase.value.kind === 'open') await this.#analyze();
      return taken;
    } catch (error) {
      this.busy.value = error instanceof Error ? error.message : String(error);
      return [];
    }
  }

  async #analyze(): Promise<void> {
    this.report.value = await this.call('analyze', {});
    this.generation.value++;
  }

  #reset(): void {
    this.opened.value = undefined;
    this.report.value = undefined;
    this.file = undefined;
    this.console.clear();
  }

  #fail(name: string, error: unknown): void {
    if (error instanceof CallError && error.isCancelled) return;
    this.#reset();
    const facts =
      error instanceof CallError ? error.facts : { code: 'BUG', message: String(error), remedy: '' };
    this.phase.value = { kind: 'failed', name, error: facts };
  }
}

/** The server of the page says in its start page where it looks for symbols, if it does; the user may have typed in another one. */
function symbolServers(): Pick<OpenInput, 'symbols' | 'typedServer'> {
  const path = document.querySelector<HTMLMetaElement>('meta[name=poolscope-symbols]')?.content;
  const typedServer = chosenServer();
  const address = new URL('symbols', location.href).href.replace(/#.*$/, '');
  return {
    ...(path === undefined ? {} : { symbols: { address, path } }),
    ...(typedServer === undefined ? {} : { typedServer }),
  };
}

/** What was given and cannot be used. */
function unknownText(taken: readonly GivenFile[]): string {
  const names = taken.filter(({ kind }) => kind === 'unknown').map(({ name }) => name);
  return names.length === 0 ? '' : `${names.join(', ')}: neither symbols nor a pooltag.txt`;
}

function damageOf(report: Report | undefined): AddressRange | undefined {
  const damage = report?.verdict.damage;
  if (damage === undefined || damage === null || damage.length === null) return undefined;
  const start = BigInt(damage.start);
  return { start, end: start + BigInt(damage.length) };
}
