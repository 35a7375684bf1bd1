import { DebuggerError, padHex } from '../base/index.ts';
import type { CodeRow, ReadCode } from '../code/index.ts';
import { annotation, type Disassembler, type Instruction, instructionLine } from '../disasm/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import type { Console } from './console.ts';
import { type Line, span } from './output.ts';
import { placeInSource } from './source-text.ts';

/** The disassembler of this dump's machine. Throws COMMAND_USAGE when none was loaded. */
export function requireDisassembler({ system }: Console): Disassembler {
  if (system.disassembler !== undefined) return system.disassembler;
  throw new DebuggerError('COMMAND_USAGE', 'no disassembler was loaded for this dump');
}

/** Code as the current process sees it. */
export const codeOf =
  ({ memory }: Console): ReadCode =>
  (va, length) =>
    memory.tryRead(va, length);

/** Lines of rows in the debugger's layout, with the name of the code above the first row and wherever it changes. */
export function codeLines(console: Console, rows: readonly CodeRow[]): Line[] {
  const { symbols } = console.system;
  const lines: Line[] = [];
  let heading = '';
  rows.forEach((row, index) => {
    const name = placeName(symbols, row.address);
    const base = (name ?? '').replace(/\+0x[0-9a-f]+\]?$/, '');
    if (name !== undefined && (index === 0 || (base !== heading && base.includes('!'))))
      lines.push(headingLine(name + sourceOf(console, row.address)));
    heading = base;
    lines.push(codeLine(console, row));
  });
  return lines;
}

/** ` [d:\src\file.c @ 12]` of the code at an address, where lines are shown and known; of inlined code its own. */
export function sourceOf({ system, sourceLines }: Console, va: bigint): string {
  if (!sourceLines) return '';
  const [inlined] = system.symbols.inlinesAt(va);
  return placeInSource(inlined === undefined ? system.symbols.lineAt(va) : inlined.source);
}

/** `nt!Name+0x10`; inside of inlined code `nt!Inlined [inlined in nt!Name+0x421]`. */
function placeName(symbols: CrashedSystem['symbols'], va: bigint): string | undefined {
  const name = symbols.nameOf(va);
  const [inlined] = symbols.inlinesAt(va);
  return inlined === undefined ? name : `${inlined.name} [inlined in ${name}]`;
}

export const headingLine = (name: string): Line => [span(`${name}:`, 'symbol')];

/** One row: the instruction, `???` behind a byte that starts none, or why the byte is not there. */
export function codeLine(console: Console, row: CodeRow): Line {
  const { system } = console;
  if (row.instruction !== undefined)
    return [
      instructionLine(row.instruction, (va) => system.symbols.nameOf(va)) +
        branchNote(console, row.instruction),
    ];
  return bareLine(system.addressText(row.address), row);
}

/** A row without an instruction, behind the text of its address. */
export function bareLine(address: string, { length, bytes, missing }: CodeRow): Line {
  // A word of arm64 is written as a number, its lowest byte last.
  const digits = bytes === undefined ? '??'.repeat(length) : hexBytes([...bytes].reverse());
  const line: Line = [span(address, 'address'), ` ${length === 1 ? digits.padEnd(16) : `${digits} `}???`];
  return missing === undefined ? line : [...line, span(`  (${missing})`, 'dim')];
}

const hexBytes = (bytes: readonly number[]): string => bytes.map((byte) => padHex(byte, 2)).join('');

/** ` [br=1]` behind the current instruction when it is a conditional branch. */
function branchNote({ scope }: Console, instruction: Instruction): string {
  if (scope?.registers.ip !== instruction.address || instruction.flow !== 'conditional-branch') return '';
  return annotation(instruction, scope.registers, () => undefined);
}
