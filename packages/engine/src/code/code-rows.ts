import { describeFault, Fault, type Va, wrap64 } from '../base/index.ts';
import type { Disassembler, Instruction } from '../disasm/index.ts';
import type { CrashedSystem } from '../system/index.ts';

/** One row of a listing: an instruction, a byte that starts none, or a byte that is missing. */
export interface CodeRow {
  readonly address: Va;
  readonly length: number;
  readonly instruction: Instruction | undefined;
  /** What is there but starts no instruction: a byte, or a word of arm64. */
  readonly bytes: Uint8Array | undefined;
  /** Why the first byte is not there. */
  readonly missing: string | undefined;
}

/** Where code is read from: virtual memory of some process, or physical memory. */
export type ReadCode = (address: Va, length: number) => Uint8Array | Fault;

/** How far a listing of code goes, and what it reads. */
export interface CodeRange {
  /** Rows at most. */
  readonly count: number;
  /** Exclusive; without it only `count` ends the listing. */
  readonly end?: Va;
  /** Go on behind bytes that are missing. */
  readonly pastMissing?: boolean;
  /** The dump's virtual memory when absent. */
  readonly read?: ReadCode;
}

/** Longest instruction of x86. */
const longest = 15;

/** Rows from `start` on. Ends at the first missing byte unless told otherwise; empty without a disassembler. */
export function* walkCode(system: CrashedSystem, start: Va, range: CodeRange): Generator<CodeRow> {
  const { disassembler } = system;
  if (disassembler === undefined) return;
  const read = range.read ?? ((va, length) => system.memory.tryRead(va, length));
  let address = start;
  for (let rows = 0; rows < range.count; rows++) {
    if (range.end !== undefined && address >= range.end) return;
    const row = readRow(disassembler, read, address);
    yield row;
    if (row.missing !== undefined && range.pastMissing !== true) return;
    address = wrap64(address + BigInt(row.length));
    if (address < start) return;
  }
}

/** All rows of a range at once. */
export const disassemble = (system: CrashedSystem, start: Va, range: CodeRange): CodeRow[] => [
  ...walkCode(system, start, range),
];

/** The row at one address. */
export function readRow(disassembler: Disassembler, read: ReadCode, address: Va): CodeRow {
  const bytes = read(address, longest);
  const got = bytes instanceof Fault ? bytes.got : bytes;
  const instruction = got.length === 0 ? undefined : disassembler.decode(got, address);
  if (instruction !== undefined)
    return { address, length: instruction.length, instruction, bytes: undefined, missing: undefined };
  const length = disassembler.machine === 'arm64' ? 4 : 1;
  if (got.length >= length)
    return { address, length, instruction, bytes: got.slice(0, length), missing: undefined };
  return { address, length, instruction, bytes: undefined, missing: describeFault(bytes as Fault) };
}
