import { type Block, type BlockValue, shortOffset } from '../analyze/index.ts';
import { padHex, type Va } from '../base/index.ts';
import { RegisterSet } from '../cpu/index.ts';
import { instructionLine } from '../disasm/index.ts';
import { verdictLines } from './analyze-verdict.ts';
import type { Console, Scope } from './console.ts';
import { trapFrameLines } from './context.ts';
import { type Line, plain, span } from './output.ts';
import { registerBlock } from './registers.ts';
import { recordLines } from './show-exception-record.ts';
import { stackLines } from './stack-lines.ts';

type ValueOf<K extends BlockValue['kind']> = Extract<BlockValue, { kind: K }>;

/** Blocks that the debugger prints with one blank behind the colon; the others have two. */
const narrow =
  /^(BUGCHECK_P\d|DUMP_FILE_ATTRIBUTES|MODULE_NAME|EXCEPTION_CODE|KEY_VALUES_STRING|FAULTING_IP|FOLLOWUP_IP)$/;

/** One block in the debugger's layout, with the empty line behind it. */
export function blockLines(console: Console, block: Block): Line[] {
  const head = `${block.name}:${narrow.test(block.name) ? ' ' : '  '}`;
  const note: Line = block.note === undefined ? [] : [span(` (${block.note})`, 'dim')];
  return [...valueLines(console, head, block.value, note), ['']];
}

function valueLines(console: Console, head: string, value: BlockValue, note: Line): Line[] {
  const { system } = console;
  switch (value.kind) {
    case 'text':
      return [[head, value.text, ...note]];
    case 'number':
      return [[head, value.value.toString(16), ...note]];
    case 'address':
      return [[head, span(system.plainText(value.value), 'address'), ...note]];
    case 'attributes':
      return plain(`${head}0x${value.value.toString(16)}`, ...value.names.map((name) => `  ${name}`));
    case 'status':
      return plain(`${head}${statusText(value)}`);
    case 'place':
      return [[head], ...placeLines(console, value.address, value.symbol)];
    case 'transfer':
      return plain(`${head}from ${system.plainText(value.from)} to ${system.plainText(value.to)}`);
    case 'exception':
      return exceptionLines(console, head, value);
    case 'registers':
      return registersLines(console, head, value);
    case 'stack':
      return [
        [head],
        ...stackLines(system, value.frames, { arguments: true, sources: console.sourceLines }).slice(1),
        [''],
      ];
    case 'keys':
      return keysLines(head, value);
    case 'verdict':
      return verdictLines(head, value.verdict);
  }
}

function statusText({ code, meaning }: ValueOf<'status'>): string {
  const number = `(NTSTATUS) 0x${padHex(code, 8)}`;
  return meaning === undefined ? number : `${number} - ${meaning}`;
}

/** The name of an address, where it has one, and the instruction there. */
function placeLines({ system }: Console, address: Va, symbol: string | undefined): Line[] {
  const name = symbol === undefined ? [] : [[span(shortOffset(symbol), 'symbol')]];
  const instruction = system.decodeAt(address);
  return instruction === undefined
    ? [...name, [span(system.addressText(address), 'address'), ' ??              ???']]
    : [...name, [instructionLine(instruction, (va) => system.symbols.nameOf(va))]];
}

/** `ADDR -- (.exr 0xADDR)`: where a record is, and the command that shows it. */
function recordHead({ system }: Console, head: string, at: Va, command: string): Line {
  const typed = `${command} 0x${system.shortText(at)}`;
  return [head, span(system.plainText(at), 'address'), ' -- (', span(typed, 'good', typed), ')'];
}

const exceptionLines = (console: Console, head: string, value: ValueOf<'exception'>): Line[] => [
  recordHead(console, head, value.address, '.exr'),
  ...plain(...recordLines(console, value.record)),
];

function registersLines(console: Console, head: string, value: ValueOf<'registers'>): Line[] {
  const registers = new RegisterSet(console.system.machine, Object.entries(value.registers));
  const scope: Scope = { registers, kind: value.from };
  return [
    recordHead(console, head, value.address, value.from === 'trap' ? '.trap' : '.cxr'),
    ...(value.from === 'trap'
      ? trapFrameLines(console, scope, value.errorCode)
      : registerBlock(console, scope)),
    ...plain('Resetting default scope'),
  ];
}

const keysLines = (head: string, { keys }: ValueOf<'keys'>): Line[] => [
  [`${head}1`],
  [''],
  ...keys.flatMap(([key, text]) => plain(`    Key  : ${key}`, `    Value: ${text}`, '')),
];
