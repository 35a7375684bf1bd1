import { DebuggerError } from '../base/index.ts';
import { runToEnd } from '../memory/index.ts';
import {
  driverStructures,
  logStructure,
  poolEntryStructures,
  poolLogStructures,
  readPoolLog,
  readVerifierLog,
  reportVerifier,
  settingsStructures,
  type VerifierLog,
  type VerifierLogKind,
  type VerifierReportOptions,
} from '../verifier/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, type CommandRun, linesStep, progressStep, tick, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn, takeExpression } from './evaluate-in.ts';
import { layoutLines } from './object-text.ts';
import { type Line, plain } from './output.ts';
import { driverLines } from './verifier-drivers-text.ts';
import {
  type Asked,
  otherLogLines,
  poolLogEnding,
  poolLogHeading,
  poolTraceLines,
} from './verifier-log-text.ts';
import { settingsLines } from './verifier-settings-text.ts';

export const verifierCommand: Command = {
  names: ['!verifier'],
  usage: '[FLAGS [IMAGE]] | 4|8 [COUNT] | 80 [COUNT|ADDR] | 200 [THREAD]',
  summary: 'show the settings of Driver Verifier, verified drivers and its logs',
  group: 'memory',
  details: [
    'FLAGS are bits: 1 verified drivers, 2 what each has allocated and not freed (with 1), 4 injected faults, 8 changes of IRQL.',
    'Alone 4 and 8 show the newest COUNT entries of their log (4); 80 is the log of pool allocations and frees, of all or of',
    'blocks that hold ADDR, newest first; 200 is the log of critical regions. Settings need no symbols of nt, the log of 80 is',
    'found without them where its records tell, and drivers and other logs need them.',
    'The logs 20, 40, 100, 400 and 800 have no published structures and are not here.',
  ],
  examples: ['!verifier', '!verifier 3 myfault.sys', '!verifier 80 fffff980`0a7fe800', '!verifier 8 10'],
  *run(console, args): CommandRun {
    if (/^-disable\b/i.test(args)) throw usageError(verifierCommand, 'a dump is only read');
    if (args === '?') return { data: null, lines: plain(...(verifierCommand.details ?? [])) };
    const { value: flags, rest } = args === '' ? { value: 0n, rest: '' } : takeExpression(console, args);
    if (flags > 0xffff_ffffn) throw usageError(verifierCommand, 'FLAGS have 32 bits');
    if (flags === 0x80n) return yield* showPoolLog(console, askedOf(console, rest));
    const log = logs.get(flags);
    if (log !== undefined) return yield* showLog(console, log, rest);
    const missing = notHere.get(flags);
    if (missing !== undefined)
      throw new DebuggerError(
        'COMMAND_NOT_HERE',
        `${missing} is not here: its structures are in no published types`,
      );
    return yield* showReport(console, Number(flags), rest);
  },
};

/** Flags that stand for a log when they are given alone. */
const logs: ReadonlyMap<bigint, VerifierLogKind> = new Map([
  [4n, 'faults'],
  [8n, 'irql'],
  [0x200n, 'critical-regions'],
]);

const notHere: ReadonlyMap<bigint, string> = new Map([
  [0x20n, 'the log of drivers that hang (!verifier 20)'],
  [0x40n, 'the log of forced pending IRPs (!verifier 40)'],
  [0x100n, 'the log of IRP calls (!verifier 100)'],
  [0x400n, 'the list of cancelled IRPs that are watched (!verifier 400)'],
  [0x800n, 'the log of systematic low resources (!verifier 800)'],
]);

/** Records of the smaller logs that are shown when no number is given. */
const fewRecords = 4;

/** An address is one of the kernel; everything else counts entries. */
function askedOf(console: Console, text: string): Asked {
  if (text === '') return { address: undefined, count: undefined };
  const value = evaluateIn(console, text);
  if (value >> 63n === 1n) return { address: value, count: undefined };
  if (value === 0n || value > 0x10_0000n)
    throw usageError(verifierCommand, 'this is neither an address of the kernel nor a number of entries');
  return { address: undefined, count: Number(value) };
}

const filterText = (parts: readonly (string | undefined)[]): string => {
  const given = parts.filter((part) => part !== undefined);
  return given.length === 0 ? '' : `, { ${given.join(', ')} }`;
};

function* showPoolLog(console: Console, asked: Asked): CommandRun {
  const { system } = console;
  const { address, count } = asked;
  const filter = { ...(address !== undefined && { address }), ...(count !== undefined && { count }) };
  const run = readPoolLog(system, filter);
  let isFirst = true;
  for (;;) {
    const step = run.next();
    if (step.done === true) {
      const typed = filterText([
        address === undefined ? undefined : `address: ${bigHex(address)}`,
        count === undefined ? undefined : `count: ${count}`,
      ]);
      return {
        data: step.value,
        lines: [...poolLogEnding(step.value, asked), ...layoutLines(system, poolLogStructures)],
        call: `engine.runToEnd(engine.readPoolLog(session.system${typed}))`,
      };
    }
    if (step.value === undefined) {
      yield tick;
      continue;
    }
    const { ring, traces, done } = step.value;
    const heading = isFirst ? poolLogHeading(system, ring, asked) : [];
    isFirst = false;
    const lines = [...heading, ...traces.flatMap((trace) => poolTraceLines(system, trace))];
    if (lines.length > 0) yield linesStep(lines);
    yield progressStep('parsing the log', done, ring.length);
  }
}

function* showLog(console: Console, kind: VerifierLogKind, text: string): CommandRun {
  const { system } = console;
  const value = text === '' ? undefined : evaluateIn(console, text);
  const thread = kind === 'critical-regions' ? value : undefined;
  if (kind !== 'critical-regions' && value !== undefined && (value === 0n || value > 0x10_0000n))
    throw usageError(verifierCommand, 'this is no number of entries');
  const count = kind === 'critical-regions' ? undefined : Number(value ?? fewRecords);
  const filter = { ...(count !== undefined && { count }), ...(thread !== undefined && { thread }) };
  const run = readVerifierLog(system, kind, filter);
  let step = run.next();
  for (; step.done !== true; step = run.next()) yield tick;
  const typed = filterText([
    count === undefined ? undefined : `count: ${count}`,
    thread === undefined ? undefined : `thread: ${bigHex(thread)}`,
  ]);
  return {
    data: step.value,
    lines: [...otherLogLines(system, step.value, count), ...layoutLines(system, [logStructure(kind)])],
    call: `engine.runToEnd(engine.readVerifierLog(session.system, '${kind}'${typed}))`,
  };
}

function* showReport(console: Console, flags: number, image: string): CommandRun {
  const { system } = console;
  if (image !== '' && !/^[\w.$-]{1,64}$/.test(image))
    throw usageError(verifierCommand, `'${image.slice(0, 40)}' is no name of a driver`);
  const options: VerifierReportOptions = {
    ...((flags & 1) !== 0 && { drivers: true }),
    ...((flags & 3) === 3 && { allocations: true }),
    ...(image !== '' && { image }),
  };
  const run = reportVerifier(system, options);
  let step = run.next();
  for (; step.done !== true; step = run.next()) yield tick;
  const report = step.value;
  const structures = [
    ...settingsStructures,
    ...(report.drivers === undefined ? [] : driverStructures),
    ...(options.allocations === true && report.drivers !== undefined ? poolEntryStructures : []),
  ];
  const lines = [
    ...settingsLines(report.settings),
    ...(options.drivers === true ? driverLines(system, report) : []),
    ...moreLogs(console, flags),
    ...layoutLines(system, structures),
  ];
  return {
    data: report,
    lines,
    call: `engine.runToEnd(engine.reportVerifier(session.system${optionsText(options)}))`,
  };
}

const optionsText = ({ drivers, allocations, image }: VerifierReportOptions): string =>
  filterText([
    drivers === true ? 'drivers: true' : undefined,
    allocations === true ? 'allocations: true' : undefined,
    image === undefined ? undefined : `image: '${image}'`,
  ]);

/** Flags 4 and 8 with others: a few records of each log behind the report. */
const moreLogs = (console: Console, flags: number): Line[] => [
  ...((flags & 4) === 0 ? [] : logPart(console, 'faults', 'Fault injection trace log')),
  ...((flags & 8) === 0 ? [] : logPart(console, 'irql', 'Track irql trace log')),
];

const rule = '-'.repeat(47);

function logPart({ system }: Console, kind: VerifierLogKind, title: string): Line[] {
  return [...plain('', rule, title, rule, ''), ...logOrWhy(system, kind)];
}

function logOrWhy(system: Console['system'], kind: VerifierLogKind): Line[] {
  let log: VerifierLog;
  try {
    log = runToEnd(readVerifierLog(system, kind, { count: fewRecords }));
  } catch (error) {
    if (error instanceof DebuggerError) return plain(error.message);
    throw error;
  }
  return otherLogLines(system, log, fewRecords);
}
