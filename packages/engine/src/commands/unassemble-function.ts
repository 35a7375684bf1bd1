import { DebuggerError, Fault, readU32, readU64, signExtend32, type Va } from '../base/index.ts';
import { type CodeBlock, type CodeRow, type FunctionListing, listFunction } from '../code/index.ts';
import { instructionLine } from '../disasm/index.ts';
import { bigHex } from './call-text.ts';
import { codeLine, codeOf, headingLine, requireDisassembler, sourceOf } from './code-lines.ts';
import { type Command, type CommandRun, progressStep, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';
import { type Line, plain, span } from './output.ts';
import { readText } from './unassemble.ts';

export const unassembleFunction: Command = {
  names: ['uf'],
  usage: '[/c] [/i] [/o] ADDR',
  summary: 'disassemble the whole function around an address',
  group: 'code',
  details: [
    '/c only its calls, /i the number of instructions first, /o in order of addresses. /m and /D change nothing here.',
    'The function is what the exception directory of its image says, with the parts that were moved away from it; where',
    'there is none, what branches reach from the nearest export or from ADDR on, and a line says so.',
  ],
  examples: ['uf nt!KeBugCheckEx', 'uf /c .', 'uf /o @$ip'],
  *run(console, args): CommandRun {
    requireDisassembler(console);
    const { options, address } = parse(console, args);
    requireCode(console, address);
    const run = listFunction(console.system, address, codeOf(console));
    let step = run.next();
    for (; step.done !== true; step = run.next()) yield progressStep('reading instructions', step.value);
    const listing = step.value;
    if (listing.instructionCount === 0)
      throw new DebuggerError('MEMORY_UNREADABLE', listing.problems[0] ?? 'there is no code at this address');
    const lines = options.has('c') ? callLines(console, listing) : blockLines(console, listing, options);
    return { data: listing, lines: [...lines, ...noteLines(listing)], call: callOf(console, address) };
  },
};

const known = /^[cimoDO]$/;

function parse(console: Console, args: string): { options: ReadonlySet<string>; address: Va } {
  const options = new Set<string>();
  let rest = args.trim();
  for (let match = /^\/(\S)(?:\s+|$)/.exec(rest); match !== null; match = /^\/(\S)(?:\s+|$)/.exec(rest)) {
    const letter = match[1]!;
    if (!known.test(letter)) throw usageError(unassembleFunction, `there is no option /${letter}`);
    options.add(letter);
    rest = rest.slice(match[0].length);
  }
  if (rest.startsWith('/')) throw usageError(unassembleFunction, `'${rest.slice(0, 20)}' is no option`);
  const address = rest === '' ? console.scope?.registers.ip : evaluateIn(console, rest);
  if (address === undefined) throw usageError(unassembleFunction, 'an address is missing');
  return { options, address };
}

/** Throws NO_SUCH_RECORD for an address that is surely no code. */
function requireCode({ system }: Console, address: Va): void {
  const module = system.symbols.moduleAt(address);
  if (module?.isExecutable(Number(address - module.module.base)) !== false) return;
  const where = system.symbols.nameOf(address) ?? system.addressText(address);
  throw new DebuggerError('NO_SUCH_RECORD', `${where} is in no section with code`);
}

function callOf(console: Console, address: Va): string {
  const read = console.memory === console.system.memory ? '' : `, ${readText}`;
  return `engine.runToEnd(engine.listFunction(session.system, ${bigHex(address)}${read}))`;
}

/** Blocks with a blank line between them, each under its name. */
function blockLines(console: Console, listing: FunctionListing, options: ReadonlySet<string>): Line[] {
  const blocks = options.has('o')
    ? [...listing.blocks].sort((a, b) => (a.start < b.start ? -1 : 1))
    : listing.blocks;
  const starts = new Set(blocks.flatMap(({ rows }) => rows.map(({ address }) => address)));
  const count = plain(`${listing.instructionCount} instructions scanned`, '');
  return [
    ...(options.has('i') ? count : []),
    ...blocks.flatMap((block, index) => [
      ...(index === 0 ? [] : [['']]),
      ...blockHeading(console, block),
      ...block.rows.map((row) => rowLine(console, row, starts)),
    ]),
  ];
}

function blockHeading(console: Console, { start, isReached }: CodeBlock): Line[] {
  const { system } = console;
  const name = system.symbols.nameOf(start) ?? system.addressText(start);
  const heading = headingLine(name + sourceOf(console, start));
  return [isReached ? heading : [...heading, span('  (no direct branch leads here)', 'dim')]];
}

/** A branch that stays in the function is marked as such. */
function rowLine(console: Console, row: CodeRow, starts: ReadonlySet<Va>): Line {
  const line = codeLine(console, row);
  const { flow, target } = row.instruction ?? {};
  const isBranch = flow === 'branch' || flow === 'conditional-branch';
  return isBranch && target !== undefined && starts.has(target) ? [...line, '  Branch'] : line;
}

/** `nt!Foo (addr)`, then each call: where it stands and where it leads. */
function callLines(console: Console, { start, blocks }: FunctionListing): Line[] {
  const calls = blocks.flatMap(({ rows }) => rows).filter(isCall);
  return [
    [span(nameAndAddress(console, start), 'symbol')],
    ...calls.flatMap((row): Line[] => [
      [span(`  ${nameAndAddress(console, row.address)}:`, 'symbol')],
      callLine(console, row),
    ]),
  ];
}

const isCall = ({ instruction }: CodeRow): boolean =>
  instruction?.flow === 'call' || instruction?.flow === 'indirect-call';

function callLine(console: Console, { instruction }: CodeRow): Line {
  const { target } = instruction!;
  if (target !== undefined) return [`    call to ${nameAndAddress(console, target)}`];
  const text = instructionLine(instruction!, (va) => console.system.symbols.nameOf(va));
  const operands = text.slice(text.indexOf(instruction!.mnemonic));
  const now = pointerAt(console, instruction!);
  const line: Line = [`    unresolvable call: ${operands}`];
  return now === undefined ? line : [...line, span(`  (now ${nameAndAddress(console, now)})`, 'dim')];
}

/** What a call through a fixed place in memory would reach with the memory of the dump. */
function pointerAt(
  { memory, system }: Console,
  { operands }: NonNullable<CodeRow['instruction']>,
): Va | undefined {
  const [operand] = operands;
  if (operand === undefined || typeof operand === 'string') return undefined;
  const size = system.target.pointerSize;
  const bytes = memory.tryRead(operand.address, size);
  if (bytes instanceof Fault) return undefined;
  return size === 8 ? readU64(bytes, 0) : signExtend32(readU32(bytes, 0));
}

function nameAndAddress({ system }: Console, va: Va): string {
  const name = system.symbols.nameOf(va);
  return name === undefined ? system.addressText(va) : `${name} (${system.addressText(va)})`;
}

/** How the function's extent is known, and what may be missing. */
function noteLines({ knownBy, problems }: FunctionListing): Line[] {
  const notes = {
    'function table': [],
    export: ['(no function table tells its extent: what branches reach from the exported name on)'],
    guess: ['(nothing tells where the function begins: what branches reach from this address on)'],
  }[knownBy];
  return [...notes, ...problems.map((problem) => `(${problem})`)].map((note) => [span(note, 'dim')]);
}
