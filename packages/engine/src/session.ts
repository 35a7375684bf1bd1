import { type Analysis, analyze, redact } from './analyze/index.ts';
import { Fault, type Warning } from './base/index.ts';
import { type CommandResult, type Console, execute, versionLines } from './commands/index.ts';
import { type LibrarySource, loadDisassembler } from './disasm/index.ts';
import { type Dump, openDump } from './dump/index.ts';
import type { BlockCacheOptions, ByteSource } from './io/index.ts';
import { BlockMemory, detectPaging, PagedMemory, type VirtualMemory } from './mmu/index.ts';
import { CrashedSystem } from './system/index.ts';
import { Target } from './windows/index.ts';

export interface OpenOptions {
  /** What the user calls the dump: goes into reports. */
  readonly path?: string;
  readonly cache?: BlockCacheOptions;
  /** How this host loads the disassemblers' libraries. */
  readonly libraries?: LibrarySource;
}

export interface AnalyzeOptions {
  /** Leave out what can identify a person or machine. */
  readonly redact?: boolean;
}

/** One opened dump: reports and a console over it. */
export class Session {
  readonly system: CrashedSystem;
  readonly path: string;
  readonly #console: Console;

  constructor(system: CrashedSystem, path: string) {
    this.system = system;
    this.path = path;
    this.#console = { system, scope: system.defaultScope, nextData: undefined, nextCode: undefined };
  }

  analyze(options: AnalyzeOptions = {}): Analysis {
    const analysis = analyze(this.system, this.path);
    return options.redact === true ? { ...analysis, report: redact(analysis.report) } : analysis;
  }

  /** Runs one console command; throws a DebuggerError with a remedy when it cannot. */
  execute(command: string): CommandResult {
    return execute(this.#console, command);
  }

  /** What the debugger says when it opens a dump. */
  banner(): string[] {
    return versionLines(this.system);
  }

  get warnings(): readonly Warning[] {
    return this.system.target.warnings.list;
  }
}

/** Opens a dump of any kind. Throws a DebuggerError when the bytes are no kernel dump. */
export async function openSession(source: ByteSource, options: OpenOptions = {}): Promise<Session> {
  const dump = openDump(source, options.cache);
  const disassembler = await loadDisassembler(dump.header.machine, options.libraries);
  return new Session(new CrashedSystem(new Target(dump, openMemory(dump)), disassembler), options.path ?? '');
}

/** Virtual memory by page tables, or by saved blocks where the dump holds none. */
function openMemory(dump: Dump): VirtualMemory {
  const { header, physical } = dump;
  if (physical === undefined) return new BlockMemory(dump.file, dump.blocks);
  const probes = [header.psLoadedModuleList, header.kdDebuggerDataBlock, header.psActiveProcessHead].filter(
    (va) => va !== undefined,
  );
  const { machine, directoryTableBase, paeEnabled: pae, build } = header;
  const memory = new PagedMemory(
    physical,
    detectPaging(physical, { machine, directoryTableBase, pae, build }, probes),
  );
  if (probes.length > 0 && probes.every((va) => memory.tryReadU32(va) instanceof Fault)) {
    const message =
      'the page tables at DirectoryTableBase do not lead to the kernel: the header may hold another process';
    dump.warnings.add('directory-table-base', message, BigInt(directoryTableBase));
  }
  return memory;
}
