import { type Arm64Parts, isExclusiveStore, memoryKind, wholeRegister } from './arm64-memory.ts';

export interface RegisterUse {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

type Role = 'read' | 'write' | 'both';

/** Branches, comparisons, writes of system state: no operand is written. */
const readOnly =
  /^(?:bl?|b\.\w+|bl?r(?:a[ab]z?)?|ret(?:a[ab])?|c?cm[pn]|tst|[ct]bn?z|fc?cmpe?|msr|dc|ic|at|tlbi|sys|hint|svc|hvc|smc|brk|hlt|dcps\d)$/;
/** The destination keeps a part of its old value. */
const partial = /^(?:movk|bfi|bfxil|bfc|bfm|ins|bit|bif|bsl|fml[as]l?|[us]?ml[as]l?2?)$/;
const setsFlags = /^(?:(?:add|sub|and|bic|neg|ngc|adc|sbc)s|c?cm[pn]|tst|fc?cmpe?)$/;
const readsFlags =
  /^(?:b\.\w+|cs(?:el|inc|inv|neg|et|etm)|cin[cv]|cneg|ccm[pn]|fccmpe?|fcsel|(?:adc|sbc|ngc)s?)$/;

/** Roles of the operands; one that is not listed is read. */
function roles({ mnemonic, operands }: Arm64Parts): Role[] {
  switch (memoryKind(mnemonic)) {
    case 'store':
      return isExclusiveStore(mnemonic) ? ['write'] : [];
    case 'load':
      return operands.filter((operand) => /^[wxbhsdqv{]/.test(operand)).map(() => 'write');
    case 'atomic':
      return atomicRoles(mnemonic);
    case 'hint':
      return [];
    case 'none':
      return readOnly.test(mnemonic) ? [] : [partial.test(mnemonic) ? 'both' : 'write'];
  }
}

/** cas compares with its first operands and loads into them; ldadd and swp read the first and load into the second. */
function atomicRoles(mnemonic: string): Role[] {
  if (mnemonic.startsWith('casp')) return ['both', 'both'];
  if (mnemonic.startsWith('cas')) return ['both'];
  return mnemonic.startsWith('st') ? [] : ['read', 'write'];
}

/** Registers used without being shown. */
function implied({ mnemonic, operands }: Arm64Parts): RegisterUse {
  if (/^blr?/.test(mnemonic)) return { reads: [], writes: ['lr'] };
  if (mnemonic === 'ret') return { reads: operands.length === 0 ? ['lr'] : [], writes: [] };
  if (/^reta[ab]$/.test(mnemonic)) return { reads: ['lr', 'sp'], writes: [] };
  if (/^(?:pac|aut)i[ab]sp$/.test(mnemonic)) return { reads: ['lr', 'sp'], writes: ['lr'] };
  return mnemonic === 'xpaclri' ? { reads: ['lr'], writes: ['lr'] } : { reads: [], writes: [] };
}

const registersIn = (text: string): string[] =>
  (text.match(/\b(?:wsp|sp|[wxbhsdqv]\d+)\b/g) ?? []).map((name) => wholeRegister(name)!);

/** `[x0, #8]!` and `[x0], #8` change their base as well. */
function changedBase({ operands }: Arm64Parts): string[] {
  const place = operands.findIndex((operand) => operand.startsWith('['));
  if (place < 0) return [];
  const isChanged = operands[place]!.endsWith('!') || place < operands.length - 1;
  return isChanged ? registersIn(operands[place]!).slice(0, 1) : [];
}

/** Registers that an instruction reads and writes, flags under `cpsr`, by its mnemonic and the places of its operands. */
export function arm64Registers(parts: Arm64Parts): RegisterUse {
  const { mnemonic, operands } = parts;
  const unseen = implied(parts);
  const reads = new Set(unseen.reads);
  const writes = new Set([...unseen.writes, ...changedBase(parts)]);
  const places = roles(parts);
  operands.forEach((operand, place) => {
    // Writing one element of a vector keeps the others: `mov v0.s[1], w0`.
    const role =
      /^v.*\[\d+\]$/.test(operand) && places[place] === 'write' ? 'both' : (places[place] ?? 'read');
    for (const register of registersIn(operand)) {
      if (role !== 'write') reads.add(register);
      if (role !== 'read') writes.add(register);
    }
  });
  if (readsFlags.test(mnemonic)) reads.add('cpsr');
  if (setsFlags.test(mnemonic)) writes.add('cpsr');
  return { reads: [...reads], writes: [...writes] };
}
