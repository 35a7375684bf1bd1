import type { Registers } from '../machine/truth.ts';

/**
 * What the article about pool corruption shows of its three machines: addresses, values of registers and bytes. They all ran
 * Windows 8 on x64. Scenarios that bring a machine there have to end at these values.
 */

/** A block in a page of small pool, the header included; 0 is a free one. */
export interface ArticleBlock {
  readonly tag: string;
  readonly size: number;
  readonly isFree?: true;
}

/** Part 1: a text of more bytes than its block has, and the allocation that stumbles over it. */
export const part1 = {
  /** Nothing tells where the kernel began; at most here. */
  kernelBase: 0xffff_f800_9240_0000n,
  healthyPage: {
    address: 0xffff_fa80_03f4_2000n,
    blocks: [
      { tag: 'Irp ', size: 0x410, isFree: true },
      { tag: 'MmSe', size: 0x40 },
      { tag: 'File', size: 0x150 },
      { tag: 'Even', size: 0x80 },
      { tag: 'EtwR', size: 0xc0 },
      { tag: 'CcBc', size: 0xd0 },
      { tag: 'CcBc', size: 0xd0 },
      { tag: 'Free', size: 0x20, isFree: true },
      { tag: 'Wait', size: 0xd0 },
      { tag: 'CM44', size: 0x80 },
      { tag: 'Even', size: 0x80 },
      { tag: 'Even', size: 0x80 },
      { tag: 'Wait', size: 0xd0 },
      { tag: 'CM44', size: 0x80 },
      { tag: 'Wait', size: 0xd0 },
      { tag: 'ALPC', size: 0x230 },
      { tag: 'EtwR', size: 0xc0 },
    ] as readonly ArticleBlock[],
  },
  damagedPage: {
    address: 0xffff_fa80_01a1_b000n,
    /** The block whose owner wrote on: 0x800 bytes of its own behind the header. */
    tag: 'None',
    size: 0x810,
    /** What was written ends here, with a text that is closed by a NUL. */
    ending: 'OVERFLOW',
    end: 0x840,
  },
  bugCheck: 0x3b,
  status: 0xc000_0005n,
  contextRecord: 0xffff_f880_0476_3560n,
  /** Above the trap frame of the system call: it follows from the stack pointer at the fault. */
  stackTop: 0xffff_f880_0476_44f0n,
  /** At the instruction that faulted. */
  registers: {
    rax: 0x4f4f_4f4f_4f4f_4f4fn,
    rbx: 0xffff_f800_9269_0460n,
    rcx: 0xffff_f800_926f_bc60n,
    rdx: 0n,
    rsi: 0x1000n,
    rdi: 0n,
    rip: 0xffff_f800_9267_244an,
    rsp: 0xffff_f880_0476_3f60n,
    rbp: 0xffff_f800_9268_fb40n,
    r8: 0xffff_fa80_01a1_b820n,
    r9: 1n,
    r10: 0xffff_f800_926f_bc60n,
    r11: 0x11n,
    r12: 0n,
    r13: 0xffff_f800_9268_fb48n,
    r14: 0x12n,
    r15: 0x6374_504dn,
    efl: 0x1_0206n,
  } satisfies Registers,
  /** rbp: the descriptor of nonpaged pool; rbx: the head of its list of free blocks of 0x7f0 bytes. */
  descriptor: 0xffff_f800_9268_fb40n,
  listHead: 0xffff_f800_9269_0460n,
  allocatePool: 0xffff_f800_9241_1bc0n,
  /** Bytes of `nop` behind it, at least. */
  allocatePoolPadding: 21,
  allocatePoolWithTag: 0xffff_f800_9267_2010n,
  /** Code from 0x419 bytes behind the beginning of nt!ExAllocatePoolWithTag; what stands before the fault was shown as the inlined lock's. */
  code: {
    at: 0x419,
    lock: { name: 'KzAcquireQueuedSpinLock', bytes: '48 8d 54 24 40 49 87 55 00 48 85 d2 0f 85 c3 03 00 00' },
    list: '48 39 1b 0f 84 64 06 00 00 4c 8b 03 49 8b 00',
    fault: '4c 8b 48 08',
  },
  /** Before the kernel's functions were reordered its code had other offsets: from, to, and how much they differ. */
  movedBy: { fault: 8, lockIsTaken: { at: 0x7ee, offset: 0x7ec }, listIsEmpty: { at: 0xa98, offset: 0xa94 } },
} as const;

/** The next two parts share the places of the kernel's functions. */
export const laterKernel = {
  /** Bytes behind the kernel's beginning, as far as that is known: the same for both parts, whatever the beginning is. */
  functions: {
    KiPageFault: 0x5_9d80,
    KiSystemServiceCopyEnd: 0x5_b440,
    KeBugCheckEx: 0x5_c440,
    MmAccessFault: 0x9_6570,
    KeBugCheck2: 0x17_e13f,
    KiBugCheckDebugBreak: 0x17_f278,
    IopXxxControlFile: 0x43_0ee2,
    NtDeviceIoControlFile: 0x44_6850,
    IovCallDriver: 0x64_2990,
    VerifierExFreePoolWithTag: 0x64_3550,
    ExFreePoolSanityChecks: 0x66_47a0,
  },
  /** Parts of a function that symbols count to another name: where the call of KeBugCheckEx returns, and its offset from it. */
  coldName: " ?? ::FNODOBFM::`string'",
  cold: { beyond: { at: 0x11_d3f1, offset: 0x3_3c2b }, freed: { at: 0x11_d5bc, offset: 0x3_3e2a } },
  /** Behind the beginning of myfault.sys: functions, where it writes, and where calls come back to. */
  driver: {
    MyfaultDeviceControl: 0x12dc,
    MyfaultDispatch: 0x1670,
    write: 0x14eb,
    secondFree: 0x15d9,
    out: 0x1655,
    controlReturn: 0x1727,
    blockSize: 0x800,
  },
} as const;

/** Part 2: the same driver with special pool: it faults as soon as it leaves its block. */
export const part2 = {
  kernelBase: 0xffff_f803_7201_6000n,
  driverBase: 0xffff_f880_04f8_2000n,
  block: { page: 0xffff_f980_0b5f_e000n, size: 0x800, tag: 'Wrap' },
  guard: 0xffff_f980_0b5f_f000n,
  /** Entries for the guard page. */
  entries: { pxe: 0x1b8_f863n, ppe: 0x138_e863n, pde: 0x1a6a_1863n },
  bugCheck: 0xd6,
  write: 1n,
  fault: 0xffff_f880_04f8_34ebn,
  /** Child-SP of nt!KiSystemServiceCopyEnd. */
  serviceStack: 0xffff_f880_0482_2dd0n,
  user: { ip: 0x7fc_4fe2_2c5an, sp: 0x4d_ebb8n },
} as const;

/** Part 3: the driver frees its block twice. First as an ordinary kernel sees it, then with special pool. */
export const part3 = {
  plain: {
    bugCheck: 0xc2,
    /** Already freed; the second has no meaning; the header of the block, and what its owner got. */
    parameters: [0x7n, 0x11c1n, 0x481_0007n, 0xffff_fa80_01b1_0800n],
    /** Its block ends a page, behind one of 0x70 bytes; what else is there is not told. */
    page: 0xffff_fa80_01b1_0000n,
    blocks: [
      { tag: 'MmSt', size: 0x780 },
      { tag: 'Even', size: 0x70 },
      { tag: 'Free', size: 0x810, isFree: true },
    ],
  },
  kernelBase: 0xffff_f800_5fbf_f000n,
  driverBase: 0xffff_f880_04c9_a000n,
  /** What was freed: header, and what the owner got. */
  header: 0xffff_f980_0a7f_e7f0n,
  block: { address: 0xffff_f980_0a7f_e800n, size: 0x800 },
  entries: { pxe: 0x2a9_1863n, ppe: 0x2a1_0863n, pde: 0n },
  bugCheck: 0x50,
  read: 0n,
  kind: 2n,
  fault: 0xffff_f800_6026_3888n,
  serviceStack: 0xffff_f880_041a_0dd0n,
  user: { ip: 0x7fd_ea21_2c5an, sp: 0x4d_ebb8n },
  /** Blocks of pool, with their headers' sizes, that registers point to: the file object behind its header, and the request and its buffer. */
  file: { address: 0xffff_fa80_0345_68a0n, size: 0x120, tag: 'File' },
  irp: { address: 0xffff_fa80_0359_75e0n, size: 0x130, tag: 'Irp ' },
  buffer: { address: 0xffff_fa80_0438_1b80n, size: 0x20, tag: 'IoSB' },
  /** In the driver, after the call that frees; those that calls do not keep are of the fault. */
  registers: {
    rax: 0n,
    rbx: 0xffff_f980_0a7f_e800n,
    rcx: 0xffff_f980_0a7f_e800n,
    rdx: 0xffff_fa80_01a3_7fa0n,
    rsi: 0xffff_fa80_0359_75e0n,
    rdi: 0xffff_fa80_0359_7610n,
    rbp: 0xffff_fa80_0345_68d0n,
    r8: 0xffff_f980_0a7f_e801n,
    r9: 0xffff_f980_0a7f_e7f0n,
    r10: 0xffff_f980_0a7f_e800n,
    r11: 0n,
    r12: 0n,
    r13: 0n,
    r14: 0xffff_f800_6003_06c7n,
    r15: 0xffff_fa80_0438_1b80n,
    efl: 0x286n,
  } satisfies Registers,
} as const;
