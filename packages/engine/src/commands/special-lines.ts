import { padHex } from '../base/index.ts';
import type { Console } from './console.ts';
import { findMachineRegister, specialRegisters } from './machine-registers.ts';
import { type Line, plain, span } from './output.ts';

const notSaved: Line[] = [
  [span('The dump holds no control and descriptor registers of this processor.', 'dim')],
];

const wide = ({ system }: Console): number => system.target.pointerSize * 2;

/** `name=value` with question marks where the value is not known. */
function cell(values: ReadonlyMap<string, bigint> | undefined, name: string, digits: number): string {
  const value = values?.get(name);
  return `${name}=${value === undefined ? '?'.repeat(digits) : padHex(BigInt.asUintN(digits * 4, value), digits)}`;
}

export function controlLines(console: Console): Line[] {
  const values = specialRegisters(console);
  if (values === undefined) return notSaved;
  const row = (names: readonly string[]) => names.map((name) => cell(values, name, wide(console))).join(' ');
  return plain(row(['cr0', 'cr2', 'cr3']), ...(values.has('cr8') ? [row(['cr8'])] : []));
}

/** Debug registers of the scope, and cr4 of the processor. */
export function debugLine(console: Console): Line[] {
  const values = new Map(
    ['dr0', 'dr1', 'dr2', 'dr3', 'dr6', 'dr7'].flatMap((name) => {
      const value = findMachineRegister(console, name)?.value;
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  const row = (names: readonly string[]) => names.map((name) => cell(values, name, wide(console))).join(' ');
  const cr4 = cell(specialRegisters(console), 'cr4', wide(console));
  return plain(row(['dr0', 'dr1', 'dr2']), `${row(['dr3', 'dr6', 'dr7'])} ${cr4}`);
}

export function descriptorLine(console: Console): Line[] {
  const values = specialRegisters(console);
  if (values === undefined) return notSaved;
  const digits = wide(console);
  const table = (name: string) => `${cell(values, `${name}r`, digits)}   ${cell(values, `${name}l`, 4)}`;
  return plain(`${table('gdt')} ${table('idt')} ${cell(values, 'tr', 4)}  ${cell(values, 'ldtr', 4)}`);
}
