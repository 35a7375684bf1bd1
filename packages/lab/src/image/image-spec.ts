import type { Va } from '@poolscope/engine/base';
import type { Instruction } from './code.ts';

/** Machines that the lab makes. */
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

/** A place in a function's code: bytes from its beginning, or a label. */
export type CodePoint = number | string;

/** A stretch of a function's code, the end exclusive. */
export interface CodeRange {
  readonly from: CodePoint;
  readonly to: CodePoint;
}

/** A function that was inlined: its copy is the code in the ranges. */
export interface InlineSpec {
  readonly name: string;
  readonly ranges: readonly (CodeRange & {
    /** Source line that the code came from; the function's first one when absent. */
    readonly line?: number;
  })[];
  /** First line of the inlined function; absent: the symbols do not tell. */
  readonly line?: number;
  /** Source file; that of the function around it when absent. */
  readonly file?: string;
  /** Functions that were inlined into this one. */
  readonly inlines?: readonly InlineSpec[];
}

/** Code from `at` on, up to the next one, was made from a source line. */
export interface LineSpec {
  readonly at: CodePoint;
  readonly line: number;
  /** Source file; that of the function when absent. */
  readonly file?: string;
}

/** Where a function's code was before the image was reordered. */
export interface MovedCode {
  /** The function that the code was a part of; its own when absent. */
  readonly of?: string;
  /**
   * Ascending by `at`: code from there on, up to the next one, stood `offset` bytes behind the function's beginning. A block
   * may be longer than it was, for instance by larger jumps, or shorter.
   */
  readonly blocks: readonly { readonly at: CodePoint; readonly offset: number }[];
}

/** What symbol files tell of a function besides its name and extent. */
export interface FunctionSource {
  /** Source file; the module's only one when absent. */
  readonly file?: string;
  readonly lines?: readonly LineSpec[];
  readonly inlines?: readonly InlineSpec[];
  /** Scopes inside the function. */
  readonly blocks?: readonly CodeRange[];
  /** Of an image with `linkOrder` only; absent: the code moved as a whole. */
  readonly moved?: MovedCode;
}

/** A function to be placed: instructions from prolog to epilog. `Step` is what the simulated thread needs. */
export interface FunctionSpec<Step = unknown> extends FunctionSource {
  readonly name: string;
  readonly exported?: boolean;
  /** Offset in the image; anywhere when absent. Placed functions stand behind all others, in ascending order. */
  readonly at?: number;
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
  /** Offset in the image; behind the one before when absent. */
  readonly at?: number;
}

/** The RSDS record of an image: how to find its PDB. */
export interface PdbReference {
  readonly name: string;
  /** Text form with dashes. */
  readonly guid: string;
  readonly age: number;
}

/** An image as it is to be linked: its code, data and names. */
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
  /**
   * The image's functions were reordered after linking, as kernels of Windows XP to 8 were: their names in the order that
   * they had, those left out behind them. Symbols then keep the places of that order.
   */
  readonly linkOrder?: readonly string[];
}
