import { DebuggerError, type Va } from '../base/index.ts';
import { wildcardMatcher } from '../expr/index.ts';
import {
  findType,
  reportType,
  type StructureOptions,
  type StructureReport,
  typeNames,
} from '../system/index.ts';
import { Structure, type StructureType } from '../types/index.ts';
import { type Command, type CommandRun, linesStep, usageError } from './command.ts';
import type { Console } from './console.ts';
import { fits, parseTypeRequest, sortWords, type TypeRequest } from './display-type-arguments.ts';
import { evaluateIn } from './evaluate-in.ts';
import { linksText } from './field-text.ts';
import { type Line, plain, span } from './output.ts';
import { structureLines } from './structure-lines.ts';

/** Entries of a list at most. */
const maxEntries = 0x1000;
const maxNames = 0x1_0000;

export const displayType: Command = {
  names: ['dt'],
  usage: '[OPTIONS] [MODULE!]TYPE [MEMBER...] [ADDR]',
  summary: 'show a structure: its members, or what memory at ADDR holds in them',
  group: 'memory',
  details: [
    '-r[N] opens structures inside and behind pointers, N levels, 5 when absent; -b those inside; -a[N] each element of arrays;',
    '-l MEMBER follows a list by this member; -v sizes; -o no offsets; -y names are beginnings.',
    'MEMBER may have wildcards, or lead inside: Pcb.DirectoryTableBase. A TYPE with wildcards lists names.',
    'Layouts come from symbols of the image, else from the built-in profile; a line says so where they are not of this build.',
  ],
  examples: [
    'dt nt!_POOL_HEADER',
    'dt _LIST_ENTRY nt!PsActiveProcessHead',
    'dt nt!_*POOL*',
    'dt -r1 _KPROCESS @$proc',
  ],
  *run(console, args): CommandRun {
    const request = parseTypeRequest(args);
    if ('unknown' in request) throw usageError(displayType, `there is no option ${request.unknown}`);
    if (request.name === '') throw usageError(displayType, 'a type is missing');
    if (/[*?#]/.test(request.name)) return listTypes(console, request.name);
    const { module, type } = findType(console.system, request.name);
    const sorted = sortWords(request, type);
    const address = sorted.address === '' ? undefined : evaluateIn(console, sorted.address);
    if (request.list === undefined) return showOne(console, module, type, sorted, address);
    if (address === undefined) throw usageError(displayType, 'a list needs an address');
    return yield* followList(console, module, type, sorted, address);
  },
};

function listTypes(console: Console, pattern: string) {
  const bang = pattern.indexOf('!');
  const fitsName = wildcardMatcher(pattern.slice(bang + 1));
  const module = bang < 0 || /[*?#]/.test(pattern.slice(0, bang)) ? undefined : pattern.slice(0, bang);
  const names: string[] = [];
  for (const name of typeNames(console.system, module))
    if (names.length < maxNames && fitsName(name.slice(name.indexOf('!') + 1))) names.push(name);
  return {
    data: names,
    lines:
      names.length === 0
        ? [[span(`(no structure matches ${pattern})`, 'dim')]]
        : names.map((name): Line => ['          ', span(name, 'symbol', `dt ${name}`)]),
    call: `[...engine.typeNames(session.system${module === undefined ? '' : `, ${JSON.stringify(module)}`})].filter(engine.wildcardMatcher(${JSON.stringify(`*!${pattern.slice(bang + 1)}`)}))`,
  };
}

function optionsOf(console: Console, request: TypeRequest, address: Va | undefined): StructureOptions {
  const tests = request.fields
    .filter((word) => !word.includes('.'))
    .map((word) => fits(word, request.prefixes));
  const paths = request.fields.filter((word) => word.includes('.'));
  const depth = request.recursion ?? (request.blocks ? 16 : 0);
  return {
    address,
    memory: console.memory,
    depth,
    pointers: request.recursion !== undefined,
    ...(request.fields.length === 0 ? {} : { only: (name) => tests.some((test) => test(name)) }),
    ...(paths.length === 0 ? {} : { paths }),
  };
}

function showOne(
  console: Console,
  module: string,
  type: StructureType,
  request: TypeRequest,
  address: Va | undefined,
) {
  const report = reportType(console.system, module, type, optionsOf(console, request, address));
  return {
    data: report,
    lines: [
      ...(request.verbose ? [verboseHead(report)] : []),
      ...(address === undefined ? [] : headLines(console, type, address)),
      ...structureLines(console.system, report, {
        values: address !== undefined,
        bare: request.fields.length > 0,
        noOffsets: request.noOffsets,
        verbose: request.verbose,
      }),
      ...arrayLines(console, type, request, address),
      ...missingLine(console, report, address),
      ...sourceNote(report),
    ],
    ...(request.fields.length === 0 ? { call: callOf(report, request) } : {}),
  };
}

const verboseHead = ({ name, fields, size }: StructureReport): Line => [
  `struct ${name}, ${fields.length} elements, 0x${size.toString(16)} bytes`,
];

/** Of links and of counted texts the debugger shows a line before the members. */
function headLines(console: Console, type: StructureType, address: Va): Line[] {
  const at = new Structure(type, console.memory, address);
  if (type.name === '_LIST_ENTRY') {
    const [flink, blink] = [at.pointer('Flink'), at.pointer('Blink')];
    return flink === undefined || blink === undefined
      ? []
      : plain(` ${linksText(console.system, [flink, blink])}`);
  }
  return [];
}

/** The first byte that is missing, as the debugger says it behind the members. */
function missingLine({ system }: Console, { fields }: StructureReport, address: Va | undefined): Line[] {
  const missing = address === undefined ? undefined : fields.findLast(({ isMissing }) => isMissing);
  if (missing === undefined) return [];
  const at = address! + BigInt(missing.offset);
  return [[span(`Memory read error ${system.plainText(at)}`, 'bad')]];
}

function sourceNote({ exact, source, name }: StructureReport): Line[] {
  return exact ? [] : [[span(`(${name}: ${source}; members may be elsewhere in this build)`, 'dim')]];
}

/** `-a`: elements of arrays of numbers and pointers. */
function arrayLines(
  console: Console,
  type: StructureType,
  { elements, fields }: TypeRequest,
  address: Va | undefined,
): Line[] {
  if (elements === undefined || address === undefined) return [];
  const at = new Structure(type, console.memory, address);
  const arrays = type.members.filter(
    ({ path, isArray, kind }) =>
      isArray && kind !== 'structure' && (fields.length === 0 || fields.includes(path)),
  );
  return arrays.flatMap((member) =>
    Array.from({ length: Math.min(member.count, elements, maxEntries) }, (_, index): Line => {
      const value = at.bigint(`${member.path}[${index}]`);
      const text = value === undefined ? '????' : `0x${value.toString(16)}`;
      return [`   ${member.path} [${String(index).padStart(2, '0')}] ${text}`];
    }),
  );
}

function callOf({ module, name, address }: StructureReport, { recursion, blocks }: TypeRequest): string {
  const depth = recursion ?? (blocks ? 16 : 0);
  const options = [
    ...(address === undefined
      ? []
      : [`address: 0x${address.toString(16)}n`, 'memory: session.console.memory']),
    ...(depth === 0 ? [] : [`depth: ${depth}`]),
    ...(recursion === undefined ? [] : ['pointers: true']),
  ];
  const rest = options.length === 0 ? '' : `, { ${options.join(', ')} }`;
  return `engine.reportStructure(session.system, ${JSON.stringify(`${module}!${name}`)}${rest})`;
}

/** `-l`: each structure of a list, by the member that leads to the next one. */
function* followList(
  console: Console,
  module: string,
  type: StructureType,
  request: TypeRequest,
  start: Va,
): CommandRun {
  const { list = '' } = request;
  const link = type.member(list);
  if (link === undefined || link.kind !== 'pointer')
    throw new DebuggerError('TYPES_UNKNOWN', `${type.name} has no pointer ${list}`);
  // A link inside a list entry leads to the entry in the next structure; another pointer to the structure itself.
  const isEntry = link.target === '_LIST_ENTRY' || link.target === '_SINGLE_LIST_ENTRY';
  const shift = isEntry && type.name !== link.target ? BigInt(link.offset) : 0n;
  const seen = new Set<Va>();
  const reports: StructureReport[] = [];
  for (let at: Va | undefined = start; at !== undefined && at !== 0n && !seen.has(at); ) {
    if (seen.size >= maxEntries) break;
    seen.add(at);
    const report = reportType(console.system, module, type, optionsOf(console, request, at));
    reports.push(report);
    yield linesStep(entryLines(console, report, request));
    const next: Va | undefined = new Structure(type, console.memory, at).pointer(list);
    at = next === undefined || next === 0n ? undefined : next - shift;
  }
  return { data: reports, lines: [] };
}

function entryLines(console: Console, report: StructureReport, request: TypeRequest): Line[] {
  const { system } = console;
  const at = report.address!;
  return [
    ...plain(`${request.list} at 0x${system.addressText(at)}`, '-'.repeat(45)),
    ...structureLines(system, report, { values: true, bare: request.fields.length > 0 }),
    ...missingLine(console, report, at),
    [''],
  ];
}
