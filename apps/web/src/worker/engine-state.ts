import { analyzeSystem, type CrashedSystem, DebuggerError, type Report, redact } from '@poolscope/engine';
import type { Consoles } from './consoles.ts';
import type { GivenFiles } from './given-files.ts';

/**
 * What the engine's worker holds: one dump at a time. A verdict needs the crashed machine alone; the consoles over it come with the
 * part of the engine that has the commands, when they are first asked for.
 */
export class EngineState {
  readonly given: GivenFiles;
  #system: CrashedSystem | undefined;
  #path = '';
  /** There are some: they may have read the machine anew. */
  consoles: Consoles | undefined;
  /** The freed block of special pool that the last verdict was about. */
  freedSpecial: bigint | undefined;

  constructor(given: GivenFiles) {
    this.given = given;
  }

  get isOpen(): boolean {
    return this.#system !== undefined;
  }

  /** What the user calls the dump. */
  get path(): string {
    return this.#path;
  }

  /** The crashed machine. Throws where no dump is open. */
  get system(): CrashedSystem {
    const system = this.consoles?.system ?? this.#system;
    if (system === undefined) throw new DebuggerError('FILE_UNREADABLE', 'no dump is open in this window');
    return system;
  }

  use(system: CrashedSystem, path: string): void {
    this.#system = system;
    this.#path = path;
    this.consoles = undefined;
  }

  close(): void {
    this.#system = undefined;
    this.consoles = undefined;
  }

  /** Reaches the verdict. */
  report(isRedacted: boolean): Report {
    const { report } = analyzeSystem(this.system, this.#path, this.given.owners);
    const { block } = report.verdict;
    const isFreed = block?.allocator === 'special' && block.state === 'free';
    this.freedSpecial = isFreed ? BigInt(block.address) : undefined;
    return isRedacted ? redact(report) : report;
  }
}
