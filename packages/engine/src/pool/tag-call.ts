import { readU32, readU64, signExtend32, type Va } from '../base/index.ts';
import type { Disassembler, Instruction } from '../disasm/index.ts';
import { findImport, type ImageReader } from '../pe/index.ts';
import type { Symbols } from '../symbols/index.ts';

/** The call or jump behind an instruction. */
export interface TagCall {
  readonly address: Va;
  readonly target: Va | undefined;
  /** `nt!ExAllocatePoolWithTag`; `ntoskrnl.exe!...` where only the image's import table tells. */
  readonly name: string | undefined;
  /** `import`: through a slot of the image's import addresses; `unknown`: through a register or a table. */
  readonly by: 'direct' | 'import' | 'unknown';
  /** Where the tag still is then: registers, and `stack`. */
  readonly holders: ReadonlySet<string>;
}

/** Code of one image as it was read: `at` is an index of `bytes`. */
export interface ReadCode {
  readonly symbols: Symbols;
  readonly disassembler: Disassembler;
  readonly module: { readonly name: string; readonly base: Va };
  readonly image: ImageReader;
  readonly bytes: Uint8Array;
  readonly vaOf: (at: number) => Va;
}

/** An instruction with the tag, and where the next one begins. */
export interface TaggedInstruction {
  readonly instruction: Instruction;
  readonly text: string;
  readonly next: number;
}

/** Instructions behind the tag in which a call is looked for. */
const mostInstructions = 12;
/** Longest instruction of x86. */
export const maxInstruction = 15;

/** The first call or jump behind an instruction; undefined where the function returns before, or nothing can be decoded. */
export function callAfter(
  code: ReadCode,
  { instruction, next: start }: TaggedInstruction,
): TagCall | undefined {
  const holders = new Set<string>();
  const first = placeOf(instruction);
  if (first !== undefined) holders.add(first);
  // Kernels that guard indirect calls load the address into r10 first and call a helper.
  let loaded: Va | undefined;
  let at = start;
  for (let count = 0; count < mostInstructions && at < code.bytes.length; count++) {
    const address = code.vaOf(at);
    const next = code.disassembler.decode(code.bytes.subarray(at, at + maxInstruction), address);
    if (next === undefined || next.flow === 'return') return undefined;
    if (next.flow === 'call' || next.flow === 'branch')
      return { address, holders, ...directTarget(code, next.target, loaded) };
    if (next.flow === 'indirect-call' || next.flow === 'indirect-branch')
      return { address, holders, ...importAt(code, slotOf(next)) };
    if (next.writes.includes('r10')) loaded = slotOf(next);
    follow(next, holders);
    at += next.length;
  }
  return undefined;
}

const stackRegisters = new Set(['rsp', 'esp', 'ebp', 'rbp', 'sp']);

/** Where an instruction puts its value: a register, or the stack. */
function placeOf({ mnemonic, writes, memory }: Instruction): string | undefined {
  if (mnemonic === 'push') return 'stack';
  const [operand] = memory;
  if (operand === undefined) return writes.find((name) => name !== 'efl');
  return operand.access === 'write' && operand.base !== undefined && stackRegisters.has(operand.base)
    ? 'stack'
    : undefined;
}

/** Copies from register to register, and what is written over. */
function follow(instruction: Instruction, holders: Set<string>): void {
  const { mnemonic, reads, writes, memory } = instruction;
  const isMove = mnemonic === 'mov' && reads.length === 1 && writes.length <= 1;
  const isKept = mnemonic === 'push' && holders.has(reads.find((name) => !stackRegisters.has(name)) ?? '');
  const isCopy = isMove && memory.length === 0 && holders.has(reads[0]!);
  for (const name of writes) holders.delete(name);
  if (isCopy && writes.length === 1) holders.add(writes[0]!);
  if (isKept) holders.add('stack');
}

type Destination = Pick<TagCall, 'target' | 'name' | 'by'>;

const unknown: Destination = { target: undefined, name: undefined, by: 'unknown' };

function directTarget(code: ReadCode, target: Va | undefined, loaded: Va | undefined): Destination {
  const imported = loaded === undefined ? unknown : importAt(code, loaded);
  if (imported.name !== undefined) return imported;
  return { target, name: target === undefined ? undefined : code.symbols.nameOf(target), by: 'direct' };
}

/** The address that an instruction reads a pointer from, where no register is in it. */
function slotOf({ memory, operands }: Instruction): Va | undefined {
  const [operand] = memory;
  if (operand === undefined || operand.base !== undefined || operand.index !== undefined) return undefined;
  for (const text of operands) if (typeof text !== 'string') return text.address;
  return undefined;
}

/** By what is in the slot; where that leads nowhere, by the image's own import table. */
function importAt(code: ReadCode, slot: Va | undefined): Destination {
  if (slot === undefined) return unknown;
  const { symbols, module, image, disassembler } = code;
  const size = disassembler.machine === 'x86' ? 4 : 8;
  const rva = Number(slot - module.base);
  const bytes = rva < 0 || rva > 0xffff_ffff ? undefined : image.tryReadRva(rva, size);
  if (bytes instanceof Uint8Array) {
    const target = size === 8 ? readU64(bytes, 0) : signExtend32(readU32(bytes, 0));
    const name = symbols.nameOf(target);
    if (name !== undefined) return { target, name, by: 'import' };
  }
  const imported = findImport(image, rva);
  if (imported === undefined) return unknown;
  const name = `${imported.image}!${imported.name ?? `#${imported.ordinal}`}`;
  return { target: undefined, name, by: 'import' };
}
