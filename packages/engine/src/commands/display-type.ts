import { DebuggerError, type Va, wrap64 } from '../base/index.ts';
import { wildcardMatcher } from '../expr/index.ts';
import {
  findEnumeration,
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
import { explainLines } from './help.ts';
import { type CommandResult, type Line, plain, span } from './output.ts';
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
    '-r[N] opens structures inside and behind pointers, N levels, 5 when absent; -b those inside; -a[N] each element of arrays,',
    'and with N, an address and no MEMBER as many structures side by side;',
    '-l MEMBER follows a list by this member; -v sizes; -o no offsets; -y names are beginnings.',
    'MEMBER may have wildcards, or lead inside: Pcb.DirectoryTableBase; one that ends in a dot is opened. A TYPE with wildcards',
    'lists names; an enumeration its values.',
    'Integers of an enumeration have the name of their value behind them where PDB or ISF files tell it.',
    'Layouts come from symbols of the image, else from the built-in profile; a line says so where they are not of this build.',
  ],
  examples: [
    'dt nt!_POOL_HEADER',
    'dt _LIST_ENTRY nt!PsActiveProcessHead',
    'dt nt!_*POOL*',
    'dt -r1 _KPROCESS @$proc',
    'dt -a _DRIVER_OBJECT MajorFunction ADDR',
  ],
  *run(console, args): CommandRun {
    if (/^-[?h]$/.test(args.trim())) return { data: displayType.names, lines: explainLines(displayType) };
    const request = parseTypeRequest(args);
    if ('unknown' in request) throw usageError(displayType, `there is no option ${request.unknown}`);
    if (request.name === '') throw usageError(displayType, 'a type is missing');
    if (/[*?#]/.test(request.name)) return listTypes(console, request.name);
    const values = request.fields.length === 0 ? findEnumeration(console.system, request.name) : undefined;
    if (values !== undefined) return showEnumeration(request.name, values.values);
    const { module, type } = typeNamed(console, request.name);
    const sorted = sortWords(request, type);
    const address = sorted.address === '' ? undefined : evaluateIn(console, sorted.address);
    const isCounted = sorted.isCounted && sorted.fields.length === 0 && address !== undefined;
    if (isCounted) return yield* showArray(console, module, type, sorted, address);
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
        ? [[span(`(no structure matches ${pattern}; x searches the names of symbols)`, 'dim')]]
        : names.map((name): Line => ['          ', span(name, 'symbol', `dt ${name}`)]),
    call: `[...engine.typeNames(session.system${module === undefined ? '' : `, ${JSON.stringify(module)}`})].filter(engine.wildcardMatcher(${JSON.stringify(`*!${pattern.slice(bang + 1)}`)}))`,
  };
}

/** Throws TYPES_UNKNOWN or MODULE_UNKNOWN. */
function typeNamed({ system }: Console, name: string) {
  try {
    return findType(system, name);
  } catch (error) {
    if (system.symbols.findAddress(name) === undefined) throw error;
    throw new DebuggerError(
      'TYPES_UNKNOWN',
      `the type of the symbol ${name} is not known: dt TYPE ${name} reads it as one`,
    );
  }
}

const showEnumeration = (name: string, values: ReadonlyMap<string, number>): CommandResult => ({
  data: Object.fromEntries(values),
  lines: [...values].sort(([, a], [, b]) => a - b).map(([value, number]) => [`   ${value} = 0n${number}`]),
  call: `Object.fromEntries(engine.findEnumeration(session.system, ${JSON.stringify(name)}).values)`,
});

function optionsOf(console: Console, request: TypeRequest, address: Va | undefined): StructureOptions {
  const tests = request.fields
    .filter((word) => !word.includes('.'))
    .map((word) => fits(word, request.prefixes));
  const paths = request.fields.filter((word) => word.includes('.'));
  return {
    address,
    memory: console.memory,
    ...levelsOf(request),
    ...(request.fields.length === 0 ? {} : { only: (name) => tests.some((test) => test(name)) }),
    ...(paths.length === 0 ? {} : { paths }),
  };
}

/** What `-r`, `-b` and `-a` ask for. */
function levelsOf({ recursion, blocks, elements }: TypeRequest): StructureOptions {
  const each = elements ?? (blocks ? maxEntries : 0);
  return {
    depth: recursion ?? (blocks ? 16 : 0),
    ...(recursion === undefined ? {} : { pointers: true }),
    ...(each === 0 ? {} : { elements: Math.min(each, maxEntries) }),
    ...(elements === undefined ? {} : { splitTexts: true }),
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

function sourceNote(report: StructureReport | undefined): Line[] {
  if (report === undefined) return [];
  const { exact, source, name } = report;
  return exact ? [] : [[span(`(${name}: ${source}; members may be elsewhere in this build)`, 'dim')]];
}

function callOf({ module, name, address }: StructureReport, request: TypeRequest): string {
  const where =
    address === undefined ? [] : [`address: 0x${address.toString(16)}n`, 'memory: session.console.memory'];
  const levels = Object.entries(levelsOf(request)).filter(([, value]) => value !== 0);
  const options = [...where, ...levels.map(([key, value]) => `${key}: ${String(value)}`)];
  const rest = options.length === 0 ? '' : `, { ${options.join(', ')} }`;
  return `engine.reportStructure(session.system, ${JSON.stringify(`${module}!${name}`)}${rest})`;
}

/** `-aN` without a member: so many structures side by side. */
function* showArray(
  console: Console,
  module: string,
  type: StructureType,
  request: TypeRequest,
  start: Va,
): CommandRun {
  const single = { ...request, elements: undefined };
  const reports: StructureReport[] = [];
  for (let index = 0; index < Math.min(request.elements ?? 0, maxEntries); index++) {
    const at = wrap64(start + BigInt(index * type.size));
    const report = reportType(console.system, module, type, optionsOf(console, single, at));
    reports.push(report);
    yield linesStep(entryLines(console, report, `[${index}] @ ${console.system.addressText(at)}`));
  }
  return { data: reports, lines: sourceNote(reports[0]) };
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
    const head = `${list} at 0x${console.system.addressText(at)}`;
    yield linesStep(entryLines(console, report, head, request.fields.length > 0));
    const next: Va | undefined = new Structure(type, console.memory, at).pointer(list);
    at = next === undefined || next === 0n ? undefined : next - shift;
  }
  return { data: reports, lines: [] };
}

function entryLines(console: Console, report: StructureReport, head: string, bare = false): Line[] {
  return [
    ...plain(head, '-'.repeat(45)),
    ...structureLines(console.system, report, { values: true, bare }),
    ...missingLine(console, report, report.address),
    [''],
  ];
}
