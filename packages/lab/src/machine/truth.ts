import type { Va } from '@poolscope/engine/base';
import type { PoolTruth } from '../pool/index.ts';
import type { ProcessFigures, ProcessorFigures, ThreadFigures } from './object-figures.ts';
import type { SystemTruth } from './objects/system-truth.ts';
import type { ScenarioTruth } from './scenario-truth.ts';

/** Register values by lower-case name. */
export type Registers = Readonly<Record<string, bigint>>;

/** A frame as it really is. The first is the newest. */
export interface TrueFrame {
  /** `module!function`; absent in user mode, where the lab has no images. */
  readonly function: string | undefined;
  /** Bytes from the start of the function to `ip`. */
  readonly offset: number;
  /** Where the processor is, or where it will go on: a return address, the faulting instruction, a saved pc. */
  readonly ip: Va;
  /** Stack pointer of the function at `ip`; on x86 arguments of the call are still on the stack. */
  readonly sp: Va;
  /** All registers at `ip`. After a call only the nonvolatile ones can be found again. */
  readonly registers: Registers;
  /** How the frame was left: by calling the next newer one, or by a trap. The newest one is the bug check's context. */
  readonly leftBy: 'context' | 'call' | 'trap';
  /** The trap frame that this function built on its stack. */
  readonly trapFrame?: Va;
}

/** A loaded image of a made-up machine, with where its symbols are. */
export interface TrueModule {
  /** Name that symbols carry. */
  readonly module: string;
  readonly baseName: string;
  readonly fullName: string;
  readonly base: Va;
  readonly size: number;
  readonly entryPoint: Va;
  readonly timeDateStamp: number;
  readonly checkSum: number;
  readonly pdb: { readonly name: string; readonly guid: string; readonly age: number };
  readonly symbols: ReadonlyMap<string, Va>;
}

/** The instruction that could not be carried out. */
export interface FaultTruth {
  readonly ip: Va;
  readonly function: string;
  /** As the debugger writes it, where the lab knows. */
  readonly instruction?: string;
  readonly registers: Registers;
  /** Address that the instruction used. */
  readonly address: Va;
  /** Where the kernel stored its records of the exception. */
  readonly exceptionRecord?: Va;
  readonly contextRecord?: Va;
}

/** A thread as it was planted. */
export interface TrueThread {
  readonly address: Va;
  readonly id: number;
  readonly processId: number;
  /** KTHREAD.State: 1 ready, 2 running, 5 waiting. */
  readonly state: number;
  /** KTHREAD.WaitReason, of one that waits. */
  readonly waitReason?: number;
  /** The objects that it waits for, where the build's tables have wait blocks. */
  readonly waitsFor: readonly { readonly kind: string; readonly address: Va }[];
  readonly figures: ThreadFigures;
  /** The process that it has gone into, if it is not its own. */
  readonly attached?: Va;
  readonly impersonates: boolean;
  /** From the caller of nt!SwapContext on; absent: it runs. */
  readonly frames?: readonly TrueFrame[];
}

/** A process as it was planted. Figures are in memory only where the build's tables have places for them. */
export interface TrueProcess {
  readonly address: Va;
  readonly id: number;
  readonly parentId: number;
  readonly imageName: string;
  readonly sessionId: number | undefined;
  readonly directoryTableBase: bigint;
  readonly figures: ProcessFigures;
  readonly token: Va;
  readonly objectTable: Va;
  readonly vadRoot: Va;
  readonly deviceMap: Va;
  /** An address of user mode that holds the process's ID as u32. */
  readonly marker: Va | undefined;
  readonly threads: readonly TrueThread[];
}

/** A processor's figures as they were planted, in the order of their numbers. */
export type TrueProcessor = ProcessorFigures & { readonly number: number; readonly prcb: Va };

/** What a test may compare a reader's answers with. */
export interface MachineTruth {
  /** In the order of nt!PsActiveProcessHead. */
  readonly processes: readonly TrueProcess[];
  readonly processors: readonly TrueProcessor[];
  readonly system: SystemTruth;
  /** Blocks, lists and counters of classic pool, where the machine has it. */
  readonly pool?: PoolTruth;
  readonly frames: readonly TrueFrame[];
  readonly modules: readonly TrueModule[];
  /** Registers at the bug check: those of the header. */
  readonly registers: Registers;
  /** Registers at the instruction that faulted, where there was one. */
  readonly fault: FaultTruth | undefined;
  /** Addresses of functions and variables as `module!name`. */
  readonly symbols: ReadonlyMap<string, Va>;
  /** What really happened, on a machine that played a scenario. */
  readonly scenario?: ScenarioTruth;
}
