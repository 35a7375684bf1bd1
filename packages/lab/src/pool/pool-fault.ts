import type { Va } from '@poolscope/engine/base';
import { isCanonical, type KernelAddress } from './kernel-address.ts';

/** Places in the pool's code that touch memory which others may have destroyed. */
export type PoolStep =
  | 'start'
  /** `Flink` of a list head. */
  | 'read-list-head'
  /** `Flink` of the entry that is taken out. */
  | 'read-entry-flink'
  /** `Flink->Blink`, to be compared with the entry. */
  | 'unlink-blink'
  /** `Blink` of the entry. */
  | 'read-entry-blink'
  /** `Blink->Flink`, to be compared with the entry. */
  | 'unlink-flink'
  /** `Flink->Blink` or `Blink->Flink` of the list head before an entry goes in. */
  | 'insert-head'
  | 'read-block'
  | 'write-block'
  | 'read-header'
  | 'check-next'
  | 'check-previous'
  | 'read-descriptor'
  | 'pop-lookaside'
  | 'push-lookaside'
  | 'push-deferred'
  | 'read-deferred'
  | 'read-process'
  | 'big-page-table'
  | 'big-page-tail'
  | 'tracker'
  | 'lfh-bucket'
  | 'lfh-subsegment'
  | 'heap-tree'
  | 'heap-segment'
  | 'vs-subsegment'
  | 'vs-chunk'
  | 'heap-lookaside'
  | 'vs-delayed';

/** Pointers that the pool's code has in hand. */
export const poolValueNames = [
  'descriptor',
  'head',
  'entry',
  'flink',
  'blink',
  'header',
  'next',
  'previous',
  'list',
  'process',
  // Of the segment heap.
  'heap',
  'context',
  'subsegment',
  'chunk',
  'node',
  'tree',
  'range',
] as const;

/** A variable of the kernel that pool is found by. */
export type PoolValueName = (typeof poolValueNames)[number];
/** The variables of the kernel that pool is found by, and where they are. */
export type PoolValues = Readonly<Partial<Record<PoolValueName, Va>>>;

/** The processor could not do what the pool's code asked for: what a page fault or a protection fault is made of. */
export class PoolFault extends Error {
  override readonly name = 'PoolFault';
  readonly kind: 'page' | 'general-protection';
  readonly step: PoolStep;
  /** Address of the access; of a protection fault, what the code computed. */
  readonly address: Va;
  readonly write: boolean;
  readonly values: PoolValues;
  /** IRQL at that moment: DISPATCH_LEVEL under the lock of nonpaged pool. */
  readonly irql: number;
  /** Functions of nt that the code was in, outermost first, below the one that was called; none in classic pool. */
  readonly path: readonly string[];

  constructor(
    facts: Pick<PoolFault, 'kind' | 'step' | 'address' | 'write' | 'values' | 'irql'> &
      Partial<Pick<PoolFault, 'path'>>,
  ) {
    super(`${facts.kind} fault at ${facts.address.toString(16)} (${facts.step})`);
    this.path = facts.path ?? [];
    this.kind = facts.kind;
    this.step = facts.step;
    this.address = facts.address;
    this.write = facts.write;
    this.values = facts.values;
    this.irql = facts.irql;
  }

  /**
   * What Windows calls this when the pool's code met it at DISPATCH_LEVEL: DRIVER_CORRUPTED_EXPOOL. Undefined below that
   * level, and for a protection fault: these become exceptions.
   */
  bugCheck(instruction: Va): PoolBugCheck | undefined {
    if (this.kind !== 'page' || this.irql < 2) return undefined;
    return new PoolBugCheck(0xc5, [this.address, BigInt(this.irql), this.write ? 1n : 0n, instruction]);
  }
}

/** The four parameters of a bug check. */
export type BugCheckParameters = readonly [bigint, bigint, bigint, bigint];

/** The pool stops the machine. Parameters that only the machine knows (trap frame, caller) are 0. */
export class PoolBugCheck extends Error {
  override readonly name = 'PoolBugCheck';
  readonly code: number;
  readonly parameters: BugCheckParameters;
  /** Pointers in hand, where the check was one of links. */
  readonly values: PoolValues;
  /** As that of a `PoolFault`. */
  readonly path: readonly string[];

  constructor(
    code: number,
    parameters: BugCheckParameters,
    values: PoolValues = {},
    path: readonly string[] = [],
  ) {
    super(`bug check ${code.toString(16)} {${parameters.map((each) => each.toString(16)).join(', ')}}`);
    this.code = code;
    this.parameters = parameters;
    this.values = values;
    this.path = path;
  }
}

/** An access that failed, before anybody said which step it was. */
export class MemoryFault extends Error {
  readonly address: KernelAddress;
  readonly write: boolean;

  constructor(address: KernelAddress, write: boolean) {
    super('access to memory failed');
    this.address = address;
    this.write = write;
  }

  get kind(): 'page' | 'general-protection' {
    return isCanonical(this.address) ? 'page' : 'general-protection';
  }
}
