import type { Machine } from '../cpu/index.ts';
import type { CodeRow } from './code-rows.ts';

/**
 * Runs of a gap between known instructions that may be code: they decode without a break and end where control goes
 * elsewhere, or where the gap does. On x86 and x64 that is the whole gap or nothing: behind bytes that are no
 * instruction nothing tells where the next one begins. Padding at the start of a run is left out.
 */
export function cleanRuns(machine: Machine, rows: readonly CodeRow[]): CodeRow[][] {
  const runs: CodeRow[][] = [[]];
  for (const row of rows) {
    if (row.instruction === undefined) runs.push([]);
    else runs.at(-1)!.push(row);
  }
  const last = runs.at(-1)!;
  const whole = machine === 'arm64' ? runs : runs.length === 1 ? runs : [];
  return whole
    .filter((run) => run === last || leavesAtEnd(run))
    .map((run) =>
      run.slice(
        Math.max(
          0,
          run.findIndex((row) => !isPadding(row)),
        ),
      ),
    )
    .filter((run) => run.some((row) => !isPadding(row)));
}

const leavesAtEnd = (run: readonly CodeRow[]): boolean => {
  const flow = run.at(-1)?.instruction?.flow;
  return flow === 'branch' || flow === 'indirect-branch' || flow === 'return';
};

/** Does control surely not go on behind this row? */
export function endsRun({ instruction, address }: CodeRow, rows: ReadonlyMap<bigint, CodeRow>): boolean {
  if (instruction === undefined) return true;
  const { flow, mnemonic, operands } = instruction;
  if (flow === 'indirect-branch' || flow === 'return' || flow === 'exception') return true;
  if (flow !== 'interrupt') return false;
  // int 29h ends the system; an int 3 or brk behind a call stands where the call does not return.
  if (mnemonic === 'int' && operands[0] === '29h') return true;
  if (mnemonic === 'brk' && operands[0] === '#0xF003') return true;
  return isBreakpoint(instruction) && callsBefore(address, rows);
}

const isBreakpoint = ({ mnemonic, operands }: NonNullable<CodeRow['instruction']>): boolean =>
  (mnemonic === 'int' && operands[0] === '3') || (mnemonic === 'brk' && operands[0] === '#0xF000');

/** Is the instruction right before a call? Calls have at most eight bytes. */
function callsBefore(address: bigint, rows: ReadonlyMap<bigint, CodeRow>): boolean {
  for (let back = 1n; back <= 8n; back++) {
    const row = rows.get(address - back);
    if (row !== undefined && row.length === Number(back))
      return row.instruction?.flow === 'call' || row.instruction?.flow === 'indirect-call';
  }
  return false;
}

/** What compilers put between pieces of code. */
export function isPadding({ instruction }: CodeRow): boolean {
  if (instruction === undefined) return false;
  const { mnemonic, operands } = instruction;
  const exchangesNothing = mnemonic === 'xchg' && operands[0] === 'ax' && operands[1] === 'ax';
  return mnemonic === 'nop' || isBreakpoint(instruction) || exchangesNothing;
}
