import type { Va } from '../base/index.ts';
import type { RegisterSet } from '../cpu/index.ts';
import type { VirtualMemory } from '../mmu/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import type { Step } from './command.ts';
import { bareHost, type ConsoleHost } from './host.ts';
import type { CommandResult } from './output.ts';

/** Registers that `r`, `k`, `u` and expressions work with. */
export interface Scope {
  readonly registers: RegisterSet;
  /** What they were read from: a trap frame lacks registers, and so does a thread that waits (`switch`). */
  readonly kind: 'context' | 'trap' | 'switch';
}

/** Runs a text of commands, as typed; a command that runs others yields what they yield. */
export type RunText = (text: string) => Generator<Step, readonly CommandResult[]>;

/** State of one console over one dump. */
export class Console {
  readonly system: CrashedSystem;
  readonly host: ConsoleHost;
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
  nextCode: Va | undefined;
  /** Base of numbers without a prefix: 8, 10 or 16. */
  radix = 16;
  /** `$t0` to `$t19`. */
  readonly variables = new Map<string, bigint>();
  /** User-named aliases, and the fixed-name ones `$u0` to `$u9`. */
  readonly aliases = new Map<string, string>();
  /** The last command that gave an answer, for `explain`. */
  last: { readonly command: string; readonly call: string | undefined } | undefined;

  constructor(system: CrashedSystem, runText: RunText, host: ConsoleHost = bareHost) {
    this.system = system;
    this.runText = runText;
    this.host = host;
    this.memory = system.memory;
    this.defaultScope = system.defaultScope;
    this.scope = system.defaultScope;
    this.processor = system.crashedProcessor?.number?.value;
  }

  /** Goes back to the registers that the console began with, or those of the chosen processor or thread. */
  resetScope(): void {
    this.scope = this.defaultScope;
    this.frame = 0;
  }
}
