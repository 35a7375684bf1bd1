import type { Completion, Line, Report } from '@poolscope/engine';
import type { Call } from './call.ts';
import type { Played, PlayInput, ScenarioFact } from './lab.ts';
import type { BlockDetail, PoolMapEnd, PoolMapPiece } from './pool-map.ts';
import type {
  AddressView,
  CodeView,
  MemoryView,
  RegisterView,
  StructureView,
  TagView,
  VerifierView,
} from './views.ts';

/** An opened dump, before anything was concluded from it. */
export interface Opened {
  readonly name: string;
  /** Bytes of the file that was given. */
  readonly size: number;
  /** Name of the dump inside of an archive. */
  readonly entry?: string;
  readonly pointerSize: 4 | 8;
  /** Why the symbol server that was typed in gave nothing, as a sentence without its end. */
  readonly serverProblem?: string;
}

/** How a console begins. */
export interface Greeting {
  /** What the debugger says when it opens a dump. */
  readonly banner: readonly string[];
  readonly warnings: readonly string[];
  readonly prompt: string;
}

/** How a text of commands ended: by itself, stopped by the user, or with the wish to leave. */
export type RunOutcome = 'done' | 'stopped' | 'left';

export interface RunAnswer {
  readonly outcome: RunOutcome;
  readonly prompt: string;
  /** What an empty line runs next; empty: nothing. */
  readonly repeat: string;
}

/** A file that was given besides the dump, and what it was taken for. */
export interface GivenFile {
  readonly name: string;
  readonly kind: 'pdb' | 'isf' | 'profile' | 'image' | 'pool tags' | 'unknown';
}

/** Where the server of this page answers questions for symbols. */
export interface SymbolServer {
  readonly address: string;
  /** The folders and servers that its user named. */
  readonly path: string;
}

export interface OpenInput {
  readonly file: Blob;
  readonly name: string;
  /** The server of this page looks for symbols. */
  readonly symbols?: SymbolServer;
  /** Address of a symbol server that the user typed in, with a slash at its end. */
  readonly typedServer?: string;
}

/** All calls: those of the engine's worker. */
export interface Calls extends LabCalls {
  /** Opens a file of any size; what was open is closed. Files with symbols that were given stay. */
  open: Call<OpenInput, Opened>;
  /** Reaches the verdict. */
  analyze: Call<{ readonly redact?: boolean }, Report>;
  greeting: Call<null, Greeting>;
  /** Runs a line as typed at the prompt; its events are lines to show. */
  run: Call<{ readonly text: string }, RunAnswer, readonly Line[]>;
  /** What may stand at the cursor. */
  complete: Call<{ readonly line: string; readonly cursor: number }, Completion>;
  /** Takes symbols or a pooltag.txt. What is open is read anew with them. */
  give: Call<
    { readonly files: readonly { readonly file: Blob; readonly name: string }[] },
    readonly GivenFile[]
  >;
  /** The report as a page of its own. */
  reportPage: Call<{ readonly redact: boolean }, string>;
  registers: Call<null, RegisterView>;
  tags: Call<null, TagView>;
  memory: Call<{ readonly address: bigint; readonly length: number }, MemoryView>;
  /** What an expression leads to. */
  address: Call<{ readonly expression: string }, AddressView>;
  structure: Call<{ readonly name: string; readonly address: bigint }, StructureView>;
  structureNames: Call<{ readonly typed: string }, readonly string[]>;
  code: Call<{ readonly expression: string; readonly before: number; readonly after: number }, CodeView>;
  verifier: Call<null, VerifierView>;
  /** Walks all pool; its events are pieces of the map. */
  poolMap: Call<null, PoolMapEnd, readonly PoolMapPiece[]>;
  blockDetail: Call<{ readonly address: bigint }, BlockDetail>;
}

/** Calls of the lab's worker. */
interface LabCalls {
  scenarios: Call<null, readonly ScenarioFact[]>;
  play: Call<PlayInput, Played>;
}
