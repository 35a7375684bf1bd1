import type { Line } from '@poolscope/engine';

/** What the views show. Addresses are numbers of 64 bits; the page writes them as the debugger does. */

export interface RegisterFact {
  readonly name: string;
  readonly value: bigint;
  /** Bytes of the register. */
  readonly width: number;
  /** Name of the code or data that the value points to. */
  readonly near: string | undefined;
  /** It points to kernel memory that can be read. */
  readonly isReadable: boolean;
}

export interface RegisterView {
  /** Where they are from: the context of the crash, a trap frame, a thread that waits. */
  readonly kind: 'context' | 'trap' | 'switch' | undefined;
  readonly general: readonly RegisterFact[];
  readonly others: readonly RegisterFact[];
  /** As `r` shows them. */
  readonly lines: readonly Line[];
}

export interface TagUseFact {
  readonly allocations: number;
  readonly outstanding: number;
  readonly bytes: number;
}

export interface TagFact {
  readonly tag: string;
  readonly nonPaged: TagUseFact;
  readonly paged: TagUseFact;
  readonly owner: string | undefined;
  readonly description: string | undefined;
}

export interface TagView {
  readonly tags: readonly TagFact[];
  /** How the account was found; undefined: it was not, and `missing` says why. */
  readonly from: string | undefined;
  readonly missing: readonly string[];
}

export interface MemoryView {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  /** 1 where the byte is in the dump. */
  readonly mask: Uint8Array;
}

/** What an address is, and why its byte is there or not. */
export interface AddressView {
  readonly address: bigint;
  readonly lines: readonly Line[];
}

export interface FieldFact {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly value: string;
  /** Where a pointer leads. */
  readonly target: bigint | undefined;
}

export interface StructureView {
  readonly name: string;
  readonly address: bigint;
  readonly size: number;
  readonly source: string;
  readonly exact: boolean;
  readonly fields: readonly FieldFact[];
}

export interface CodeView {
  readonly address: bigint;
  readonly before: readonly Line[];
  /** The instruction at the address is the first. */
  readonly after: readonly Line[];
}

/** What an entry of the verifier's log records. */
export type LogDeed = 'allocation' | 'free';

export interface LogEntry {
  /** Undefined where the names on its stack do not tell: the record itself does not. */
  readonly deed: LogDeed | undefined;
  readonly slot: number;
  readonly address: bigint;
  readonly size: number;
  readonly thread: bigint;
  readonly stack: readonly { readonly address: bigint; readonly name: string | undefined }[];
}

export interface VerifierView {
  /** As `!verifier` shows the settings. */
  readonly settings: readonly Line[];
  readonly isOn: boolean | undefined;
  /** Newest first. */
  readonly log: readonly LogEntry[];
  /** Why there is no log, or what it lacks. */
  readonly note: string | undefined;
}
