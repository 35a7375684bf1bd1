import type { MemoryOperand } from './instruction.ts';

/** One arm64 instruction in the library's words, split into operands. */
export interface Arm64Parts {
  readonly mnemonic: string;
  readonly operands: readonly string[];
  /** Result of a pc-relative operand minus the address of the instruction. */
  readonly distance: bigint | undefined;
}

/** Name of the whole register: `w8` -> `x8`, `x29` -> `fp`, `q3` and `v3.8h` -> `v3`; undefined for the zero register. */
export function wholeRegister(name: string): string | undefined {
  if (name === 'sp' || name === 'wsp') return 'sp';
  const match = /^([wxbhsdqv])(\d+)(?:$|\.)/.exec(name);
  if (match === null) return undefined;
  const [, letter, number] = match;
  if (letter !== 'w' && letter !== 'x') return `v${number}`;
  return number === '29' ? 'fp' : number === '30' ? 'lr' : `x${number}`;
}

const atomicNames = 'add|clr|eor|set|smax|smin|umax|umin';
const atomic = new RegExp(`^(?:ld|st)(?:${atomicNames})|^swp|^cas`);

/** What the mnemonic does with memory. `atomic`: reads, changes and writes; `hint`: prefetch; `none`: not a memory instruction. */
export function memoryKind(mnemonic: string): 'load' | 'store' | 'atomic' | 'hint' | 'none' {
  if (atomic.test(mnemonic)) return 'atomic';
  if (mnemonic.startsWith('ld')) return 'load';
  if (mnemonic.startsWith('st')) return 'store';
  return mnemonic.startsWith('prf') ? 'hint' : 'none';
}

const accesses = { load: 'read', store: 'write', atomic: 'read-write', hint: 'none' } as const;

/** The memory operand of a load, store or prefetch; none when its address is of a form that is not understood. */
export function arm64Memory(parts: Arm64Parts): MemoryOperand[] {
  const kind = memoryKind(parts.mnemonic);
  if (kind === 'none') return [];
  const address = addressOf(parts);
  if (address === undefined) return [];
  return [{ segment: 'ds', ...address, size: sizeOf(parts), access: accesses[kind] }];
}

type Address = Pick<
  MemoryOperand,
  'base' | 'index' | 'indexExtend' | 'scale' | 'displacement' | 'ipRelative'
>;

const bracketForm =
  /^\[(sp|x\d+)(?:, (?:#(-?(?:0x[0-9a-f]+|\d+))|([wx](?:\d+|zr))(?:, (lsl|[us]xt[wx])(?: #(\d+))?)?))?\]!?$/;

function addressOf({ operands, distance }: Arm64Parts): Address | undefined {
  if (distance !== undefined) return { scale: 1, displacement: distance, ipRelative: true };
  const bracket = operands.find((operand) => operand.startsWith('['));
  const match = bracketForm.exec(bracket ?? '');
  if (match === null) return undefined;
  const [, base, displacement, indexName, extend, shift] = match;
  const index = wholeRegister(indexName ?? '');
  return {
    base: wholeRegister(base!)!,
    ...(index === undefined ? {} : { index }),
    ...(extend === 'uxtw' || extend === 'sxtw' ? { indexExtend: extend } : {}),
    scale: 2 ** Number(shift ?? 0),
    displacement: displacement === undefined ? 0n : signedNumber(displacement),
    ipRelative: false,
  };
}

const signedNumber = (text: string): bigint =>
  BigInt.asIntN(64, text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text));

const letterSizes: Readonly<Record<string, number>> = { b: 1, h: 2, s: 4, w: 4, d: 8, x: 8, q: 16 };
const isPair = (mnemonic: string): boolean => /^(?:(?:ld|st)n?p|ldpsw|lda?xp|stl?xp|casp\w*)$/.test(mnemonic);

/** An exclusive store tells in its first operand whether it happened. */
export const isExclusiveStore = (mnemonic: string): boolean => /^stl?x[rp][bh]?$/.test(mnemonic);

/** Bytes moved: by the letter that ends the mnemonic, else by the first data register. 0 for structures (ld1..st4). */
function sizeOf({ mnemonic, operands }: Arm64Parts): number {
  const data = operands[isExclusiveStore(mnemonic) ? 1 : 0] ?? '';
  const letter = mnemonic.endsWith('sw') ? 's' : (/[bh]$/.exec(mnemonic)?.[0] ?? data[0] ?? '');
  return (letterSizes[letter] ?? 0) * (isPair(mnemonic) ? 2 : 1);
}
