import type { Va } from '@poolscope/engine/base';
import type { Instruction } from './code.ts';

export type Architecture = 'x64' | 'x86' | 'arm64';

/** Offsets of a function and of its unwind data. */
export interface UnwindPlace {
  readonly begin: number;
  /** Exclusive. */
  readonly end: number;
  readonly unwindInfo: number;
}

/** Unwind data of a function; x86 has none. */
export interface UnwindSpec {
  /** Bytes for .xdata, given where the parent of a moved part lies. */
  encode(parent?: UnwindPlace): Uint8Array;
  /** The function that this part belongs to. */
  readonly chainTo?: string;
}

/** A function to be placed: instructions from prolog to epilog. `Step` is what the simulated thread needs. */
export interface FunctionSpec<Step = unknown> {
  readonly name: string;
  readonly exported?: boolean;
  readonly code: readonly Instruction[];
  readonly prolog: readonly Step[];
  /** Bytes of the prolog. */
  readonly prologSize: number;
  readonly unwind?: UnwindSpec;
}

/** A variable in .data, or a constant in .rdata. */
export interface DataSpec {
  readonly name: string;
  /** Bytes it takes; contents are zero unless `bytes` gives them. */
  readonly size: number;
  readonly bytes?: Uint8Array;
  readonly exported?: boolean;
  readonly alignment?: number;
}

/** The RSDS record of an image: how to find its PDB. */
export interface PdbReference {
  readonly name: string;
  /** Text form with dashes. */
  readonly guid: string;
  readonly age: number;
}

export interface ImageSpec {
  readonly architecture: Architecture;
  /** File name, for instance ntoskrnl.exe. */
  readonly name: string;
  /** Name that symbols carry, for instance nt. */
  readonly module: string;
  readonly base: Va;
  readonly timeDateStamp: number;
  readonly pdb: PdbReference;
  readonly functions: readonly FunctionSpec[];
  /** Name of the function where the image starts. */
  readonly entryPoint: string;
  readonly variables?: readonly DataSpec[];
  readonly constants?: readonly DataSpec[];
}
