import type { Va } from './address.ts';

/**
 * Why bytes could not be read.
 * - `non-canonical`: the address cannot exist on this machine
 * - `not-present`: a paging entry is not valid; `level` says which one
 * - `paged-out`: the entry names a page file
 * - `demand-zero`: the page was never touched
 * - `prototype`: the page belongs to a section, and its prototype PTE (or the VAD) does not lead to memory in this dump
 * - `table-not-in-dump`: a page-table page is not in this dump, so nothing can be said about the address
 * - `not-in-dump`: the address is mapped (or, in a triage dump, may be), but its bytes were not saved
 * - `truncated`: the bytes belong in this file, but the file ends before them
 */
export type FaultKind =
  | 'non-canonical'
  | 'not-present'
  | 'paged-out'
  | 'demand-zero'
  | 'prototype'
  | 'table-not-in-dump'
  | 'not-in-dump'
  | 'truncated';

/** A paging level under the debugger's names; PXE is the PML4 entry, PX5 the LA57 one above it. */
export type PagingLevel = 'PX5' | 'PXE' | 'PPE' | 'PDE' | 'PTE';

/** A failed or partial read: a value, not an exception. */
export class Fault {
  readonly kind: FaultKind;
  /** First address that could not be read. */
  readonly at: Va;
  /** The level at which translation ended, where it is known. */
  readonly level: PagingLevel | undefined;
  /** Contents of the entry at that level. */
  readonly entry: bigint | undefined;
  /** What was read before `at`. */
  readonly got: Uint8Array;

  constructor(kind: FaultKind, at: Va, more: { level?: PagingLevel; entry?: bigint; got?: Uint8Array } = {}) {
    this.kind = kind;
    this.at = at;
    this.level = more.level;
    this.entry = more.entry;
    this.got = more.got ?? empty;
  }

  /** The same fault met later in a longer read. */
  withGot(got: Uint8Array): Fault {
    return new Fault(this.kind, this.at, { level: this.level, entry: this.entry, got });
  }
}

const empty = new Uint8Array(0);

/** One plain sentence, without the address. */
export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case 'non-canonical':
      return 'the address is not canonical';
    case 'not-present':
      return fault.level === undefined
        ? 'the address is not mapped'
        : `the ${fault.level} is not valid${fault.entry === undefined ? '' : ` (contains ${fault.entry.toString(16).toUpperCase().padStart(16, '0')})`}`;
    case 'paged-out':
      return 'the page is in the page file';
    case 'demand-zero':
      return 'the page was never touched (demand zero)';
    case 'prototype':
      return 'the page belongs to a section, and no prototype PTE leads to it in this dump';
    case 'table-not-in-dump':
      return `the page table that holds the ${fault.level ?? 'entry'} is not in this dump`;
    case 'not-in-dump':
      return 'the bytes are not in this dump';
    case 'truncated':
      return 'the dump file ends before these bytes';
  }
}
