import type { Pa } from '../base/index.ts';

/** How addresses of one process translate: the machine's tables, where they start, and which Windows wrote them. */
export interface PagingSetup {
  readonly machine: 'x64' | 'x86' | 'arm64';
  /**
   * Physical address of the root table: CR3, or TTBR0 on arm64, whose page also holds the kernel half.
   * Flags, PCID and ASID bits are dropped.
   */
  readonly directoryTableBase: Pa;
  /** x64: 5 under LA57; 4 when not given. */
  readonly levels?: 4 | 5;
  /** x86: 8-byte entries and three levels; false when not given. */
  readonly pae?: boolean;
  /** Windows build, which decides the layout of entries that are not valid. */
  readonly build?: number;
  /**
   * nt!MiState.Hardware.InvalidPteMask: address bits that Windows sets in entries that are not valid, against L1TF.
   * Without it only transition entries are undone.
   */
  readonly invalidPteMask?: bigint;
}
