/** Registers that a save stores: `x` 64-bit integer, `d` 64-bit and `q` 128-bit vector registers. */
export type Arm64Bank = 'x' | 'd' | 'q';

/** What one instruction of an arm64 prolog or epilog does, said as its undoing. */
export type Arm64Op =
  | { readonly kind: 'alloc'; readonly bytes: number }
  | {
      readonly kind: 'save';
      readonly bank: Arm64Bank;
      readonly registers: readonly number[];
      /** From the stack pointer; 0 with `release`. */
      readonly offset: number;
      /** Bytes that the store made room for. */
      readonly release: number;
    }
  /** The next save stores two registers more. */
  | { readonly kind: 'save-next' }
  /** The frame pointer is the stack pointer plus `bytes`. */
  | { readonly kind: 'set-fp'; readonly bytes: number }
  | { readonly kind: 'pac' }
  | { readonly kind: 'trap-frame' | 'machine-frame' | 'context' | 'clear-unwound' }
  | { readonly kind: 'nop' | 'end' | 'end-chained' };

/** What the unwind data of an arm64 function tells. Offsets and lengths are in instructions. */
export interface Arm64UnwindInfo {
  readonly length: number;
  /** In the order of undoing: the last instruction of the prolog first. Ends with `end`. */
  readonly prolog: readonly Arm64Op[];
  readonly epilogs: readonly Arm64Epilog[];
}

export interface Arm64Epilog {
  readonly start: number;
  /** In the order of running. */
  readonly ops: readonly Arm64Op[];
}

const fp = 29;
const lr = 30;
const firstSaved = 19;
const firstVector = 8;

const run = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => first + index);

export const save = (bank: Arm64Bank, registers: readonly number[], offset: number): Arm64Op => ({
  kind: 'save',
  bank,
  registers,
  offset,
  release: 0,
});

/** A store with pre-decrement of the stack pointer. */
export const push = (bank: Arm64Bank, registers: readonly number[], release: number): Arm64Op => ({
  kind: 'save',
  bank,
  registers,
  offset: 0,
  release,
});

const simple = {
  0xe1: { kind: 'set-fp', bytes: 0 },
  0xe3: { kind: 'nop' },
  0xe4: { kind: 'end' },
  0xe5: { kind: 'end-chained' },
  0xe6: { kind: 'save-next' },
  0xe8: { kind: 'trap-frame' },
  0xe9: { kind: 'machine-frame' },
  0xea: { kind: 'context' },
  0xec: { kind: 'clear-unwound' },
  0xfc: { kind: 'pac' },
} as const satisfies Record<number, Arm64Op>;

/** Bytes of the code that starts with `first`. */
function sizeOf(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  if (first === 0xe0) return 4;
  if (first === 0xe2) return 2;
  if (first === 0xe7) return 3;
  return first >= 0xf8 && first <= 0xfb ? first - 0xf6 : 1;
}

/** A code, unless it names registers that do not exist. */
function decodeCode(codes: Uint8Array, at: number): Arm64Op | undefined {
  const op = decodeEncoding(codes, at);
  if (op?.kind !== 'save') return op;
  return op.registers.every((register) => register <= (op.bank === 'x' ? lr : 31)) ? op : undefined;
}

/** One code at `at`; undefined for encodings that are not assigned. Source: the public ARM64 exception documentation. */
function decodeEncoding(codes: Uint8Array, at: number): Arm64Op | undefined {
  const first = codes[at]!;
  if (first < 0x20) return { kind: 'alloc', bytes: first * 16 };
  if (first < 0x40) return push('x', [firstSaved, firstSaved + 1], (first & 0x1f) * 8);
  if (first < 0x80) return save('x', [fp, lr], (first & 0x3f) * 8);
  if (first < 0xc0) return push('x', [fp, lr], ((first & 0x3f) + 1) * 8);
  if (first < 0xe0) return decodePairOfBytes((first << 8) | codes[at + 1]!);
  if (first === 0xe0)
    return { kind: 'alloc', bytes: ((codes[at + 1]! << 16) | (codes[at + 2]! << 8) | codes[at + 3]!) * 16 };
  if (first === 0xe2) return { kind: 'set-fp', bytes: codes[at + 1]! * 8 };
  if (first === 0xe7) return decodeAnyRegister((codes[at + 1]! << 8) | codes[at + 2]!);
  // 0xf8 and up are reserved, and do nothing to a frame until they are assigned.
  return simple[first as keyof typeof simple] ?? (first >= 0xf8 ? { kind: 'nop' } : undefined);
}

function decodePairOfBytes(word: number): Arm64Op | undefined {
  const offset = (word & 0x3f) * 8;
  const x4 = firstSaved + ((word >> 6) & 15);
  const x3 = (word >> 6) & 7;
  const release5 = ((word & 0x1f) + 1) * 8;
  if (word < 0xc800) return { kind: 'alloc', bytes: (word & 0x7ff) * 16 };
  if (word < 0xcc00) return save('x', [x4, x4 + 1], offset);
  if (word < 0xd000) return push('x', [x4, x4 + 1], offset + 8);
  if (word < 0xd400) return save('x', [x4], offset);
  if (word < 0xd600) return push('x', [firstSaved + ((word >> 5) & 15)], release5);
  if (word < 0xd800) return save('x', [firstSaved + 2 * x3, lr], offset);
  if (word < 0xda00) return save('d', run(firstVector + x3, 2), offset);
  if (word < 0xdc00) return push('d', run(firstVector + x3, 2), offset + 8);
  if (word < 0xde00) return save('d', [firstVector + x3], offset);
  return word < 0xdf00 ? push('d', [firstVector + ((word >> 5) & 7)], release5) : undefined;
}

/** save_any_reg: pair bit 14, pre-decrement bit 13, register bits 8 to 12, bank bits 6 and 7, offset bits 0 to 5. */
function decodeAnyRegister(word: number): Arm64Op | undefined {
  const bank = (['x', 'd', 'q'] as const)[(word >> 6) & 3];
  if (bank === undefined || (word & 0x8000) !== 0) return undefined;
  const pair = (word & 0x4000) !== 0;
  const registers = run((word >> 8) & 0x1f, pair ? 2 : 1);
  if ((word & 0x2000) !== 0) return push(bank, registers, ((word & 0x3f) + 1) * 16);
  return save(bank, registers, (word & 0x3f) * (pair || bank === 'q' ? 16 : 8));
}

/** Codes from byte `start` up to and with `end`; undefined when there is none or a code before it is not valid. */
export function decodeArm64Codes(codes: Uint8Array, start: number): Arm64Op[] | undefined {
  const ops: Arm64Op[] = [];
  for (let at = start; at < codes.length; at += sizeOf(codes[at]!)) {
    if (at + sizeOf(codes[at]!) > codes.length) return undefined;
    const op = decodeCode(codes, at);
    if (op === undefined) return undefined;
    ops.push(op);
    if (op.kind === 'end') return ops;
  }
  return undefined;
}

const withoutInstruction = new Set<Arm64Op['kind']>([
  'end',
  'end-chained',
  'trap-frame',
  'machine-frame',
  'context',
  'clear-unwound',
]);

/** Does the code stand for an instruction? */
export const isInstruction = ({ kind }: Arm64Op): boolean => !withoutInstruction.has(kind);

/** Instructions of a prolog, or of an epilog without its last one: the codes before the first end. */
export function scopeSize(ops: readonly Arm64Op[]): number {
  const end = ops.findIndex(({ kind }) => kind === 'end' || kind === 'end-chained');
  return ops.slice(0, end < 0 ? ops.length : end).filter(isInstruction).length;
}
