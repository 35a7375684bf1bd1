import {
  type Analysis,
  analyze,
  type ClassicReport,
  classicReport,
  type Detector,
  redact,
} from './analyze/index.ts';
import type { Warning } from './base/index.ts';
import {
  addCommands,
  bannerLines,
  type Command,
  type CommandResult,
  Console,
  type ConsoleHost,
  type CppResult,
  commands,
  errorLines,
  evaluateCppIn,
  evaluateIn,
  type Line,
  lookUpRegister,
  promptOf,
  type Step,
  valueOfCpp,
} from './commands/index.ts';
import type { ByteSource } from './io/index.ts';
import { openSystem, type SystemOptions } from './open-system.ts';
import { ownersOfFile } from './pool/index.ts';
import { type Completion, complete, ScriptRunner } from './script/index.ts';
import type { SymbolSource } from './symbols/index.ts';
import { type CrashedSystem, readSystem } from './system/index.ts';

/** What `openSession` takes besides the file. */
export interface OpenOptions extends SystemOptions {
  /** What the user calls the dump: goes into reports. */
  readonly path?: string;
  /** Files, logs and a clock for the console's commands; without it they have none. */
  readonly host?: ConsoleHost;
  /** Text of a pooltag.txt, which says who uses which pool tag; what it lacks the built-in table tells. */
  readonly poolTags?: string;
  /** Commands of one's own, for the console; their names are `!name`. */
  readonly commands?: readonly Command[];
  /** Detectors of one's own, which are asked for a verdict besides the built-in ones. */
  readonly detectors?: readonly Detector[];
}

/** What an analysis may be asked for besides. */
export interface AnalyzeOptions {
  /** Leave out what can identify a person or machine. */
  readonly redact?: boolean;
}

/** One opened dump: reports and a console over it. */
export class Session {
  readonly path: string;
  /** State of the console: registers in use, variables, aliases. */
  readonly console: Console;
  readonly #runner = new ScriptRunner();

  constructor(system: CrashedSystem, path: string, host?: ConsoleHost) {
    this.path = path;
    this.console = new Console(
      system,
      (text, options) => this.#runner.runText(this.console, text, options),
      host,
      path,
    );
  }

  /** The crashed machine: another object after symbols were looked for anew. */
  get system(): CrashedSystem {
    return this.console.system;
  }

  /** Where symbols are looked for, as `.sympath` shows it. */
  get symbolPath(): string {
    return this.console.symbolPath;
  }

  /** Reads everything anew with symbols of a source, which stays open; without one, by what the dump and this program hold. */
  async useSymbols(source?: SymbolSource): Promise<void> {
    const { target, disassembler } = this.system;
    this.console.useSystem(await readSystem(target, disassembler, source));
  }

  /**
   * The report with the verdict, and how its signature came about. One step that may take seconds; never throws for
   * what is in the dump.
   */
  analyze(options: AnalyzeOptions = {}): Analysis {
    const analysis = analyze(this.system, this.path, this.console.poolTags, this.console.detectors);
    return options.redact === true ? { ...analysis, report: redact(analysis.report) } : analysis;
  }

  /** The report of `!analyze -v`, in blocks under the debugger's names. */
  classicReport(): ClassicReport {
    return classicReport(this.system, this.path, this.console.poolTags, this.console.detectors);
  }

  /**
   * Runs a line or a script as typed at the prompt, step by step: lines to show, errors of single commands, progress. The
   * caller may stop between two steps, with `return()`.
   */
  run(text: string): Generator<Step, readonly CommandResult[]> {
    return this.#runner.runLine(this.console, text);
  }

  /**
   * Runs one command to its end; throws a DebuggerError with a remedy when it cannot. One that looks for symbols has to be run
   * by `run`, whose steps can be waited for.
   */
  execute(command: string): CommandResult {
    const lines: Line[] = [];
    const run = this.#runner.runOne(this.console, command.trim());
    for (let step = run.next(); ; step = run.next()) {
      if (step.done === true) return { ...step.value, lines: [...lines, ...step.value.lines] };
      if (step.value.kind === 'lines') lines.push(...step.value.lines);
      else if (step.value.kind === 'error') lines.push(...errorLines(step.value.error));
    }
  }

  /** Value of an expression in the console's scope, as `?` shows it. Throws a DebuggerError. */
  evaluate(expression: string): bigint {
    return evaluateIn(this.console, expression);
  }

  /** A C++ expression in the console's scope, as `??` shows it. Throws a DebuggerError. */
  evaluateCpp(expression: string): CppResult {
    return valueOfCpp(this.console, evaluateCppIn(this.console, expression));
  }

  /** A register, part of one, flag or pseudo register of the console's scope; undefined where it is not known. */
  register(name: string): bigint | undefined {
    return lookUpRegister(this.console, name.replace(/^@/, '').toLowerCase())?.value;
  }

  /** What a prompt shows: it changes with the processor. Transcripts show `kd> ` always. */
  get prompt(): string {
    return promptOf(this.console);
  }

  /** What may stand at the cursor (an index into `line`), for Tab at a prompt. */
  complete(line: string, cursor = line.length): Completion {
    return complete(this.console, line, cursor);
  }

  /** What the debugger says when it opens a dump. */
  banner(): string[] {
    return bannerLines(this.system);
  }

  get warnings(): readonly Warning[] {
    return this.system.target.warnings.list;
  }
}

/** Opens a dump of any kind. Throws a DebuggerError when the bytes are no kernel dump. */
export async function openSession(source: ByteSource, options: OpenOptions = {}): Promise<Session> {
  const system = await openSystem(source, options);
  const session = new Session(system, options.path ?? '', options.host);
  if (options.poolTags !== undefined) session.console.poolTags = ownersOfFile(options.poolTags);
  session.console.detectors = options.detectors ?? [];
  addCommands(session.console, options.commands ?? [], commands);
  return session;
}
