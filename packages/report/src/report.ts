// Made by tools/make-report-package.mjs: change what it is made of, and run it.

/** How a frame of the stack was found. */
export type Trust = 'context' | 'trap' | 'unwind' | 'frame-pointer' | 'scan';

/** A u64 in the report: `0x…`, lower case, without padding. Addresses of 32-bit machines have 32 bits. */
export type Hex = string;

/**
 * The answer to `analyze`, schema `poolscope.analysis/1`. Other programs rely on it: fields may be added, what is here
 * keeps its meaning. Published as docs/schema/poolscope.analysis-1.schema.json. Null: the dump does not tell.
 */
export interface Report {
  readonly schema: 'poolscope.analysis/1';
  readonly tool: { readonly name: 'poolscope'; readonly version: string };
  readonly dump: DumpFacts;
  readonly bugcheck: BugCheckFactsOut;
  readonly system: SystemFacts;
  readonly fault: FaultFacts | null;
  readonly stack: readonly StackFrame[];
  readonly modules: readonly ModuleFacts[];
  readonly unloadedModules: readonly UnloadedModuleFacts[];
  readonly verdict: Verdict;
  readonly signature: string;
  readonly missing: readonly Missing[];
  readonly warnings: readonly WarningOut[];
}

/** What the file is, and of which machine. */
export interface DumpFacts {
  readonly path: string;
  readonly bytes: number;
  readonly format: 'full' | 'summary' | 'header' | 'triage' | 'bitmap-full' | 'bitmap-kernel' | 'range';
  readonly machine: 'x64' | 'x86' | 'arm64';
  readonly build: number;
  readonly processors: number | null;
  /** ISO 8601, UTC. */
  readonly crashTime: string | null;
  readonly uptimeSeconds: number | null;
  /** Secondary data behind the memory, by GUID. */
  readonly secondaryData: readonly { readonly guid: string; readonly bytes: number }[];
}

/**
 * The bug check: its code, its name, and what its parameters mean; `meanings` has a sentence for each parameter,
 * in their order.
 */
export interface BugCheckFactsOut {
  readonly code: Hex;
  readonly name: string;
  readonly description: string;
  readonly parameters: readonly Hex[];
  readonly meanings: readonly string[];
}

/** Facts about the crashed system that the schema adds to those of the dump; each says where it was read. */
export interface SystemFacts {
  readonly buildText: Known<string> | null;
  readonly product: Known<string> | null;
  readonly process: Known<string> | null;
  /** Number of the processor that crashed. */
  readonly processor: Known<number> | null;
}

/** A value, and what it was read from. */
export interface Known<T> {
  readonly value: T;
  readonly from: string;
}

/** Where and how the crash happened; null is what the dump does not tell. */
export interface FaultFacts {
  readonly ip: Hex | null;
  readonly symbol: string | null;
  readonly instruction: string | null;
  readonly address: Hex | null;
  /** How the address is known; `registers`: computed from the operand of the instruction. */
  readonly addressFrom: 'exception record' | 'bug check parameters' | 'registers' | null;
  readonly access: 'read' | 'write' | 'execute' | null;
}

/** A call of the stack of the crash; `trust` says how it was found. */
export interface StackFrame {
  /** Number for `.frame`; functions inlined into a frame have the same. */
  readonly frame: number;
  readonly sp: Hex | null;
  readonly ip: Hex;
  readonly module: string | null;
  /** `nt!KeBugCheckEx`; null when no name is known for the address. */
  readonly symbol: string | null;
  /** Distance from `symbol`, or from the module's base where there is none. */
  readonly offset: number | null;
  readonly trust: Trust;
  readonly inline: boolean;
}

/** A loaded image. `size` is in bytes; `timestamp` is that of its header, which need not be a time. */
export interface ModuleFacts {
  readonly name: string;
  readonly image: string;
  readonly base: Hex;
  readonly size: number;
  readonly timestamp: Hex | null;
  readonly symbols: 'pdb' | 'isf' | 'profile' | 'exports' | 'none';
}

/** A driver that was unloaded before the crash; `end` is behind its last byte. */
export interface UnloadedModuleFacts {
  readonly name: string;
  readonly start: Hex;
  readonly end: Hex;
}

/** What happened. Each kind is explained in docs/guide/verdict.md. */
export type VerdictKind =
  | 'pool-overrun'
  | 'pool-underrun'
  | 'double-free'
  | 'use-after-free'
  | 'invalid-free'
  | 'single-bit-error'
  | 'stray-write'
  | 'pool-header-corruption'
  | 'pool-misuse'
  | 'not-pool'
  | 'unknown';

/**
 * What happened to which memory, who most likely did it, and the proof. `confidence` is from 0 to 1: how likely
 * the kind and the block are right.
 */
export interface Verdict {
  readonly kind: VerdictKind;
  readonly confidence: number;
  readonly summary: string;
  /** The block that the verdict is about; what it is, kind by kind, is in docs/guide/verdict.md. */
  readonly block: BlockFacts | null;
  /** Blocks that were written into, the nearest first. */
  readonly victims: readonly VictimFacts[];
  readonly damage: DamageFacts | null;
  /** What was passed to the function that frees. */
  readonly freedAddress: Hex | null;
  readonly suspects: readonly Suspect[];
  readonly evidence: readonly Evidence[];
  readonly next: readonly string[];
  /** The damaged memory, for a drawing; null where none is shown. */
  readonly picture: PagePicture | null;
}

/** A page of pool as blocks, and the damaged bytes with some before them. */
export interface PagePicture {
  readonly page: Hex;
  readonly parts: readonly PicturePart[];
  /** Where the bytes begin, and two digits for each; null where they are not shown. */
  readonly bytes: { readonly at: Hex; readonly hex: string } | null;
}

/** `lost`: memory that no header explains any more. */
export interface PicturePart {
  readonly start: Hex;
  readonly length: number;
  readonly what: 'allocated' | 'free' | 'damage' | 'lost';
  readonly tag: string | null;
}

/** A pool block as the report tells it. */
export interface BlockFacts {
  /** Of the header; for special pool and large allocations what the caller got. */
  readonly address: Hex;
  /** Bytes with the header; for special pool and large allocations those of the caller. */
  readonly size: number | null;
  readonly tag: string | null;
  readonly pool: 'nonpaged' | 'nonpaged-nx' | 'paged' | 'session' | null;
  readonly allocator: 'classic' | 'big' | 'special' | 'vs' | 'lfh' | 'segment' | 'large' | null;
  readonly state: 'allocated' | 'free' | null;
}

/** A block that was written into by somebody else. `size` is in bytes, with the header. */
export interface VictimFacts {
  /** Of the header. */
  readonly address: Hex;
  readonly size: number | null;
  readonly tag: string | null;
  readonly state: 'allocated' | 'free' | null;
}

/**
 * What was changed, as far as it can be seen. `length` is in bytes, null where its end is not told; `text` is what
 * was written where that is text.
 */
export interface DamageFacts {
  /** First changed byte. */
  readonly start: Hex;
  readonly length: number | null;
  readonly pattern: 'text' | 'fill' | 'zeros' | 'pointers' | 'bit' | 'mixed' | null;
  readonly text: string | null;
}

/** A module that may have done it. `score` is from 0 to 1: how likely it is the culprit, each module judged alone. */
export interface Suspect {
  readonly module: string;
  readonly score: number;
  readonly because: readonly string[];
}

/** A step of the proof. */
export interface Evidence {
  readonly claim: string;
  /** Console command that shows it. */
  readonly command: string;
}

/** What the dump or this machine lacks, why, and what that costs. */
export interface Missing {
  readonly what: string;
  readonly why: string;
  readonly cost: string;
}

/** Damage or a contradiction that was met while reading, with its place. */
export interface WarningOut {
  readonly rule: string;
  readonly at: Hex | null;
  readonly message: string;
}
