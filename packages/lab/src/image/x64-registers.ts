export type X64Register =
  | 'rax'
  | 'rcx'
  | 'rdx'
  | 'rbx'
  | 'rsp'
  | 'rbp'
  | 'rsi'
  | 'rdi'
  | 'r8'
  | 'r9'
  | 'r10'
  | 'r11'
  | 'r12'
  | 'r13'
  | 'r14'
  | 'r15';

/** General registers of x64 in the order of their numbers. */
export const x64Registers: readonly X64Register[] = [
  'rax',
  'rcx',
  'rdx',
  'rbx',
  'rsp',
  'rbp',
  'rsi',
  'rdi',
  'r8',
  'r9',
  'r10',
  'r11',
  'r12',
  'r13',
  'r14',
  'r15',
];

export const registerNumber = (register: X64Register): number => x64Registers.indexOf(register);

/** Bytes of an operand. */
export type OperandSize = 1 | 2 | 4 | 8;

/** What an instruction needs of the processor that executes it. */
export interface X64Cpu {
  readonly registers: Record<X64Register, bigint>;
  /** Arithmetic flags, as in EFLAGS. */
  flags: number;
  /** CR8. */
  irql: number;
  /** Address of the last page fault. */
  readonly cr2: bigint;
  /** Raises a fault of the processor where nothing can be accessed. */
  read(va: bigint, size: OperandSize): bigint;
  write(va: bigint, size: OperandSize, value: bigint): void;
  /** Writes up to `count` bytes of one value; how many, at least one. */
  fillBytes(va: bigint, value: number, count: number): number;
  /** Copies up to `count` bytes one after the other; how many, at least one. */
  copyBytes(to: bigint, from: bigint, count: number): number;
  /** Where execution goes on instead of at the next instruction. */
  jump(va: bigint): void;
  call(va: bigint): void;
  ret(): void;
  /** Returns from a trap. */
  iret(): void;
  /** Executes this instruction again, for a repeated one. */
  repeat(): void;
  breakpoint(): void;
  /** int 29h: the kernel stops; the reason is in ecx. */
  fastFail(): void;
}
