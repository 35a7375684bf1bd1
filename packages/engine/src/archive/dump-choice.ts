import { DebuggerError } from '../base/index.ts';
import { describeArchive, detectDump } from './signature.ts';

const mostNames = 10;

/** Names for a message: the first ten and how many there are, however many an archive has. */
class NameList {
  readonly first: string[] = [];
  count = 0;

  add(name: string): void {
    this.count++;
    if (this.first.length < mostNames) this.first.push(name);
  }

  get text(): string {
    const more = this.count - this.first.length;
    return this.first.join(', ') + (more > 0 ? ` and ${more} more` : '');
  }
}

/** Looks for the one kernel dump among the files of an archive; `File` is what the archive knows a file by. */
export class DumpChoice<File> {
  readonly #kernelDumps = new NameList();
  readonly #userDumps = new NameList();
  readonly #archives = new NameList();
  readonly #others = new NameList();
  #chosen: { readonly file: File } | undefined;
  #unreadable: DebuggerError | undefined;

  /** Adds a file by its first bytes; true for a kernel dump. */
  add(name: string, head: Uint8Array, file: File): boolean {
    const dump = detectDump(head);
    const archive = describeArchive(head);
    if (dump === 'kernel') this.#kernelDumps.add(name);
    else if (dump === 'user') this.#userDumps.add(name);
    else if (archive !== undefined) this.#archives.add(`${name} (${archive})`);
    else this.#others.add(name);
    if (dump === 'kernel') this.#chosen ??= { file };
    return dump === 'kernel';
  }

  /** Adds a file that cannot be looked into; the reason is the answer where no dump is found. */
  addUnreadable(reason: DebuggerError): void {
    this.#unreadable ??= reason;
  }

  /** No kernel dump was added. */
  get isEmpty(): boolean {
    return this.#chosen === undefined;
  }

  /** The kernel dump, where exactly one was added. Errors: ARCHIVE_MANY_DUMPS, ARCHIVE_NO_DUMP, DUMP_USER_MINIDUMP. */
  take(): File {
    if (this.#kernelDumps.count > 1) throw this.#manyDumps();
    if (this.#chosen !== undefined) return this.#chosen.file;
    if (this.#userDumps.count > 0) throw userMinidump(this.#userDumps.text);
    throw this.#unreadable ?? this.#noDump();
  }

  #manyDumps(): DebuggerError {
    const { count, first } = this.#kernelDumps;
    const message = `the archive holds ${count} kernel dumps: ${this.#kernelDumps.text}`;
    return new DebuggerError('ARCHIVE_MANY_DUMPS', message, { data: { count, names: first } });
  }

  #noDump(): DebuggerError {
    if (this.#archives.count > 0)
      return noDump(`in it are archives, which are not opened in turn: ${this.#archives.text}`);
    return noDump(this.#others.count > 0 ? `it has ${this.#others.text}` : 'it has no files');
  }
}

export const noDump = (what: string): DebuggerError =>
  new DebuggerError('ARCHIVE_NO_DUMP', `the archive holds no kernel dump: ${what}`);

export const userMinidump = (names = ''): DebuggerError =>
  new DebuggerError(
    'DUMP_USER_MINIDUMP',
    `the archive holds a user-mode minidump and no kernel dump${names === '' ? '' : `: ${names}`}`,
  );
