import type { Detector } from '../analyze/index.ts';
import type { Va } from '../base/index.ts';
import type { RegisterSet } from '../cpu/index.ts';
import type { VirtualMemory } from '../mmu/index.ts';
import { builtInOwners, type TagOwners } from '../pool/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import { bareHost, type ConsoleHost, type OpenedSymbols } from './host.ts';
import type { CommandResult, Span } from './output.ts';
import type { Step } from './step.ts';

/** Registers that `r`, `k`, `u` and expressions work with. */
export interface Scope {
  readonly registers: RegisterSet;
  /** What they were read from: a trap frame lacks registers, and so does a thread that waits (`switch`). */
  readonly kind: 'context' | 'trap' | 'switch';
}

/** How commands are run. */
export interface RunOptions {
  /** An error ends the text and is thrown, as in a block. Otherwise it is a step, and the next command runs all the same. */
  readonly strict?: boolean;
}

/** Runs a text of commands, as typed; a command that runs others yields what they yield. */
export type RunText = (text: string, options?: RunOptions) => Generator<Step, readonly CommandResult[]>;

/** A line that was begun and not ended: `.printf` without a newline. */
export interface OpenLine {
  readonly parts: (string | Span)[];
  /** In characters. */
  length: number;
}

/** State of one console over one dump. */
export class Console {
  #system: CrashedSystem;
  readonly host: ConsoleHost;
  /** What the user calls the dump. */
  readonly path: string;
  /** Runs other commands: `!for_each_module`, `~*`, `.foreach` need it. */
  readonly runText: RunText;

  /** Memory as the current process sees it: `.process` changes what user addresses mean. */
  memory: VirtualMemory;
  /** Registers of `.cxr`, `.trap`, `.thread` or `~Ns`; undefined when the dump holds none. */
  scope: Scope | undefined;
  /** What `.cxr` without an address goes back to: the current processor's or thread's registers. */
  defaultScope: Scope | undefined;
  /** Frame that `.frame` chose, counted from 0. */
  frame = 0;
  /** Processor that `~Ns` chose; undefined: the one that crashed, or not known. */
  processor: number | undefined;
  /** Thread and process that `.thread` and `.process` chose; undefined: those of the crash. */
  thread: Va | undefined;
  process: Va | undefined;
  /** Where the next display or disassembly goes on. */
  nextData: Va | undefined;
  /** The same for displays of physical memory. */
  nextPhysical = 0n;
  /** The display command that `d` repeats. */
  display = 'db';
  /** What `s -[s]` found, for `s -[r]`. */
  savedHits: readonly Va[] = [];
  /** Bytes that searches of a command over many ranges could not look at; that command says the sum, not each search. */
  unsearched: bigint | undefined;
  nextCode: Va | undefined;
  /** A command asked to leave: the host stops what runs, and ends the console. */
  leaving = false;
  /** Are source lines shown where symbols tell them? */
  sourceLines = true;
  /** Base of numbers without a prefix: 8, 10 or 16. */
  radix = 16;
  /** Who uses which pool tag: a pooltag.txt where the host gave one. */
  poolTags: TagOwners = builtInOwners();
  /** What is asked for a verdict besides the built-in detectors. */
  detectors: readonly Detector[] = [];
  /** Which registers `r` shows, as `rm` set it; undefined: those of this machine. */
  registerMask: number | undefined;
  /** `$t0` to `$t19`, and what commands leave: `$exp` and `$p`. */
  readonly variables = new Map<string, bigint>();
  /** User-named aliases. */
  readonly aliases = new Map<string, string>();
  /** The fixed-name aliases `$u0` to `$u9`. */
  readonly fixedAliases = new Map<string, string>();
  /** Names that stand for texts while something runs: variables of `.foreach`, arguments of scripts. The last ones count. */
  readonly locals: ReadonlyMap<string, string>[] = [];
  /** What the next line that is shown goes on. */
  openLine: OpenLine | undefined;
  /** The log file that `.logopen` or `.logappend` opened. */
  logFile: { readonly path: string; readonly append: boolean } | undefined;
  /** The path of symbols was changed, and nothing was looked for since. */
  symbolsAreOld = false;
  /** Files that the symbols of `system` are read from, as far as this console opened them. */
  #symbolFiles: readonly OpenedSymbols[] = [];
  /** The last command that gave an answer, for `explain`. */
  last: { readonly command: string; readonly call: string | undefined } | undefined;

  constructor(system: CrashedSystem, runText: RunText, host: ConsoleHost = bareHost, path = '') {
    this.#system = system;
    this.path = path;
    this.runText = runText;
    this.host = host;
    this.memory = system.memory;
    this.defaultScope = system.defaultScope;
    this.scope = system.defaultScope;
    this.processor = system.crashedProcessor?.number?.value;
  }

  /** The crashed machine, read by the symbols that were found last. */
  get system(): CrashedSystem {
    return this.#system;
  }

  /** Goes on with the machine as it was read anew by other symbols; memory, registers and what was chosen stay. */
  useSystem(system: CrashedSystem, files?: OpenedSymbols): void {
    for (const each of this.#symbolFiles) each.close();
    this.#system = system;
    this.#symbolFiles = files === undefined ? [] : [files];
    this.symbolsAreOld = false;
    this.frame = 0;
  }

  /** Some symbols of the machine are read from these files besides. */
  keepSymbolFiles(files: OpenedSymbols): void {
    this.#symbolFiles = [...this.#symbolFiles, files];
  }

  /** Where symbols are looked for, as people may see it; empty where nothing is set. */
  get symbolPath(): string {
    return this.host.symbols?.path ?? this.system.symbols.search?.path ?? '';
  }

  /** Works with other registers from now on; their frames are counted anew. */
  useScope(scope: Scope | undefined): void {
    this.scope = scope;
    this.frame = 0;
  }

  /** Goes back to the registers that the console began with, or those of the chosen processor or thread. */
  resetScope(): void {
    this.useScope(this.defaultScope);
  }
}
