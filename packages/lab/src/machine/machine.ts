import type { Pfn, Va } from '@poolscope/engine/base';
import type { HeaderFacts } from '../dump/page-dumps.ts';
import type { Architecture } from '../image/image-spec.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import type { PageRun } from '../memory/page-source.ts';
import type { PagingFormat } from '../memory/paging-format.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import type { KernelPool, MachinePool } from '../pool/index.ts';
import type { KernelWorld } from './kernel-world.ts';
import type { LoadedImages } from './loaded-images.ts';
import type { CrashKind } from './platform.ts';
import type { DamagedPage } from './pool-page.ts';
import type { KernelStack, ProcessObject, ThreadObject } from './processes.ts';
import type { Processor } from './processors.ts';
import type { KernelProfile } from './profiles/profile.ts';
import type { StructureTable } from './structure-table.ts';
import type { TriageRange } from './triage-table.ts';
import type { MachineTruth } from './truth.ts';
import type { UnloadedDriverFacts } from './unloaded-drivers.ts';

/** What machine is to be made, and how it crashes. */
export interface MachineOptions {
  /** x64 when absent. */
  readonly architecture?: Architecture;
  /**
   * Build of Windows; the newest that the lab knows when absent. Those before 18362 keep classic pool: 7601, 9200, 9600,
   * 14393 and 17763 on x64, 7601 on x86.
   */
  readonly build?: number;
  /** x64: `x64` (four levels) or `la57`; x86: `pae` or `x86`; arm64: `arm64`. The first is taken when absent. */
  readonly paging?: PagingFormat['name'];
  /** `service-exception` when absent. */
  readonly crash?: CrashKind;
  /** 2 when absent. */
  readonly processors?: number;
  /** Pages of RAM, 4096 (16 MB) when absent. */
  readonly memoryPages?: number;
  /** RAM above a hole behind them. */
  readonly highMemory?: PageRun;
  /** Pages that are given to nobody: `prepare` or a story needs them. */
  readonly keptPages?: readonly Pfn[];
  /** Keep the debugger data block encoded in memory, as Windows 8 and later do without a debugger. */
  readonly encodeDebuggerData?: boolean;
  /** Adds to kernel memory after the machine's own structures exist and before processes get their tables. */
  readonly prepare?: (kernel: KernelWorld, site: PrepareSite) => void;
  /** Uses classic pool, where the kernel keeps it, instead of what usually happens in it. */
  readonly usePool?: (pool: KernelPool, kernel: KernelWorld) => void;
  /** Map one large page of kernel memory; true when absent. */
  readonly largePage?: boolean;
}

/** What else `prepare` can use of the machine. */
export interface PrepareSite {
  readonly loaded: LoadedImages;
  readonly tables: StructureTable;
  /** The thread that crashes. */
  readonly thread: Va;
}

/** Addresses with a special paging entry. On arm64 only `large` is there: its software entries are not published. */
export interface SpecialPages {
  /** In memory but out of the working set; begins with its own page number as u64. */
  readonly transition?: { readonly va: Va; readonly pfn: Pfn };
  readonly pageFile?: { readonly va: Va; readonly pageFile: number; readonly offset: number };
  readonly demandZero?: { readonly va: Va };
  /** Not on x86 without PAE. */
  readonly prototype?: { readonly va: Va; readonly prototype: Va };
  readonly large?: LargePage;
}

/** Memory mapped by a PDE: `va` is its start, `marker` an address in it that holds `value` as u64. */
export interface LargePage {
  readonly va: Va;
  readonly pfn: Pfn;
  readonly marker: Va;
  readonly value: bigint;
}

/** A machine at the moment when it wrote its dump. */
export interface Machine {
  readonly architecture: Architecture;
  readonly paging: PagingFormat['name'];
  readonly profile: KernelProfile;
  readonly memory: PhysicalMemory;
  /** Kernel memory and the user memory of the current process. */
  readonly space: AddressSpace;
  readonly images: LoadedImages;
  readonly processors: readonly Processor[];
  /** Number of the processor that crashed. */
  readonly crashProcessor: number;
  readonly process: ProcessObject;
  readonly thread: ThreadObject;
  readonly stack: KernelStack & { readonly pointer: Va };
  /** As a debugger wants it: not encoded. */
  readonly debuggerData: { readonly va: Va; readonly bytes: Uint8Array };
  /** Oldest first, as in memory. */
  readonly unloadedDrivers: readonly UnloadedDriverFacts[];
  /** Contents of nt!IopTriageDumpDataBlocks. */
  readonly triageTable: readonly TriageRange[];
  readonly bugCheck: { readonly code: number; readonly parameters: readonly Va[] };
  readonly header: HeaderFacts;
  /** CONTEXT at the faulting instruction, where there was one. */
  readonly exceptionContext: Uint8Array | undefined;
  readonly specialPages: SpecialPages;
  /** Of a kernel that keeps classic pool, and of a machine that ran. */
  readonly kernelPool?: MachinePool;
  readonly truth: MachineTruth;
}

/** A machine of `buildMachine`, which always has the same damaged page of pool. */
export interface DeclaredMachine extends Machine {
  /** The pool block whose owner wrote past its end, and the one after it. */
  readonly pool: DamagedPage;
}
