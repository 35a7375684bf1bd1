import type { Va } from '@poolscope/engine/base';
import type { X64Cpu } from '../image/x64-registers.ts';

/** What the kernel makes of a page fault that MmAccessFault cannot resolve. */
export type FaultVerdict =
  | { readonly kind: 'exception' }
  | {
      readonly kind: 'bug-check';
      readonly code: number;
      /** Second and fourth parameter; the first is the address, the third the instruction. */
      readonly access: bigint;
      readonly fourth: bigint;
    };

/** A device control on its way down. */
export interface ControlRequest {
  readonly file: Va;
  readonly device: Va;
}

/** A deferred procedure call that a processor has to do. */
export interface WaitingDpc {
  /** KDPC. */
  readonly address: Va;
  /** Its timer has expired; else somebody has queued it. */
  readonly isTimer: boolean;
}

/** What functions of the kernel leave to the machine: everything that would take thousands of instructions. */
export interface KernelServices {
  /** `poolType` as the POOL_TYPE that the caller gave; 0 when there is no memory. */
  allocatePool(poolType: number, bytes: bigint, tag: number): Va;
  /** The process that is charged for blocks; undefined: the system itself runs. */
  readonly payer: Va | undefined;
  /** `tag` is 0 when the caller named none. */
  freePool(address: Va, tag: number): void;
  /** A fault at an address of the kernel, at an IRQL below DISPATCH_LEVEL or of a page that is not there. */
  judgeFault(address: Va, errorCode: number, ip: Va): FaultVerdict;
  isUserAddress(address: Va): boolean;
  /** The code of a fault at DISPATCH_LEVEL or above: whose instruction was it? */
  irqlBugCheck(ip: Va): number;
  /** The frame of the thread's oldest function decides who handles an exception. */
  exceptionHandler(): 'service' | 'thread' | 'none';
  /** The object that a handle of the caller's process stands for. */
  fileOf(handle: Va): ControlRequest;
  /** Makes an IRP of a block, and takes the caller's buffer in. */
  prepareIrp(
    irp: Va,
    request: ControlRequest,
    control: { code: number; buffer: Va; input: Va; length: number },
  ): void;
  /** A request is done with, and its block is about to be freed. */
  forgetIrp(irp: Va): void;
  /** Makes an IRP of a block that asks for a state of power. */
  preparePowerIrp(irp: Va): void;
  /** The KDPC that waits. */
  takeDpc(): WaitingDpc;
  /** The trap frame that the running handler has made. */
  noteTrapFrame(trapFrame: Va): void;
  writeContext(va: Va, trapFrame: Va, exceptionFrame: Va): void;
  /** Where the exception's records are; 0: there is none. */
  noteRecords(record: Va, context: Va): void;
  /** Page number behind an address of the kernel that is mapped. */
  pageNumber(va: Va): bigint;
  address(symbol: string): Va;
  /** The thread goes back to user mode, or ends. */
  leave(cpu: X64Cpu): void;
}
