import type { Va } from '@poolscope/engine/base';

export type FaultKind = 'page' | 'general-protection' | 'breakpoint' | 'invalid-opcode' | 'fast-fail';

/** An exception of the processor: the instruction did not complete. */
export class CpuFault extends Error {
  readonly kind: FaultKind;
  /** Address that could not be used; 0 when the processor names none. */
  readonly address: Va;
  readonly access: 'read' | 'write' | 'execute';
  /** The page is there, but not for this access. */
  readonly protection: boolean;

  constructor(kind: FaultKind, address: Va = 0n, access: CpuFault['access'] = 'read', protection = false) {
    super(`${kind} fault at ${address.toString(16)}`);
    this.kind = kind;
    this.address = address;
    this.access = access;
    this.protection = protection;
  }

  /** Error code of a page fault; bits: 0 protection, 1 write, 2 user, 4 execution. */
  get errorCode(): number {
    if (this.kind !== 'page') return 0;
    const access = { read: 0, write: 2, execute: 0x10 }[this.access];
    return access | (this.protection ? 1 : 0);
  }
}

/** The kernel has decided to stop: the processor is at the first instruction of nt!KeBugCheckEx. */
export class SystemStopped extends Error {
  constructor() {
    super('the machine has stopped with a bug check');
  }
}
