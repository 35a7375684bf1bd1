import { buildMachine, type DumpKind, dumpBytes, type MachineOptions } from '@poolscope/lab';
import { DebuggerError } from '../src/base/index.ts';
import { bareHost, type ConsoleHost, lineText, type Step } from '../src/commands/index.ts';
import { BufferSource } from '../src/io/index.ts';
import { openSession, type Session } from '../src/session.ts';

/** A host whose files are in memory, and which keeps what happens to its log. */
export class MemoryHost implements ConsoleHost {
  readonly files: Record<string, string>;
  readonly events: string[] = [];
  readonly openFile = bareHost.openFile;
  #log: string | undefined;

  constructor(files: Record<string, string> = {}) {
    this.files = files;
  }

  readText(path: string): string {
    const text = this.files[path];
    if (text === undefined) throw new DebuggerError('FILE_UNREADABLE', `there is no file '${path}'`);
    return text;
  }

  openLog(path: string, { append }: { readonly append: boolean }): void {
    this.events.push(`${append ? 'append' : 'open'} ${path}`);
    this.#log = path;
  }

  closeLog(): string | undefined {
    const closed = this.#log;
    if (closed !== undefined) this.events.push(`close ${closed}`);
    this.#log = undefined;
    return closed;
  }

  now(): number {
    return Date.UTC(2005, 1, 28, 9, 5, 50, 935);
  }
}

/** A console over a small made-up dump. */
export class TestConsole {
  readonly session: Session;
  readonly host: MemoryHost;

  constructor(session: Session, host: MemoryHost) {
    this.session = session;
    this.host = host;
  }

  /** What a line prints; errors as `CODE: message`. Ends after so many steps, as Ctrl-C would. */
  run(line: string, maxSteps = 100_000): string[] {
    const printed: string[] = [];
    const run = this.session.run(line);
    for (let steps = 0; steps < maxSteps; steps++) {
      const step = run.next();
      if (step.done === true) return printed;
      printed.push(...textsOf(step.value));
    }
    run.return([]);
    return [...printed, '^C'];
  }
}

function textsOf(step: Step): string[] {
  if (step.kind === 'lines') return step.lines.map(lineText);
  return step.kind === 'error' ? [`${step.error.code}: ${step.error.message}`] : [];
}

/** Dumps of the plain machine, which most consoles open; to be read only. */
const plain = new Map<DumpKind, Uint8Array>();

function dumpOf(machine: MachineOptions | undefined, type: DumpKind): Uint8Array {
  if (machine !== undefined) return dumpBytes(buildMachine(machine), { type });
  const bytes = plain.get(type) ?? dumpBytes(buildMachine(), { type });
  plain.set(type, bytes);
  return bytes;
}

export async function openConsole(
  options: {
    readonly machine?: MachineOptions;
    readonly type?: DumpKind;
    readonly files?: Record<string, string>;
    readonly path?: string;
  } = {},
): Promise<TestConsole> {
  const { machine, type = 'bitmap-kernel', files, path = 'C:\\dumps\\MEMORY.DMP' } = options;
  const host = new MemoryHost(files);
  const source = new BufferSource(dumpOf(machine, type));
  return new TestConsole(await openSession(source, { path, host }), host);
}
