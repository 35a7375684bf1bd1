import { DebuggerError } from '../base/index.ts';
import { runToEnd } from '../memory/index.ts';
import {
  type LogFilter,
  logStructure,
  poolLogStructures,
  readPoolLog,
  readVerifierLog,
  readWatchedIrps,
  type VerifierLog,
  type VerifierLogKind,
  watchedIrpStructures,
} from '../verifier/index.ts';
import { bigHex } from './call-text.ts';
import { type CommandRun, linesStep, progressStep, tick } from './command.ts';
import type { Console } from './console.ts';
import { layoutLines } from './object-text.ts';
import { type Line, plain } from './output.ts';
import {
  type Asked,
  otherLogLines,
  poolLogEnding,
  poolLogHeading,
  poolTraceLines,
} from './verifier-log-text.ts';
import { watchedIrpLines } from './verifier-watched-text.ts';

/** Records of the smaller logs that are shown when no number is given. */
const fewRecords = 4;

/** Logs of which few records are shown when no number is given; of the others all are. */
const briefLogs = new Set<VerifierLogKind>(['faults', 'irql']);

/** `, { a: 1 }` of a call's last argument, or nothing. */
export const optionsText = (parts: readonly (string | undefined)[]): string => {
  const given = parts.filter((part) => part !== undefined);
  return given.length === 0 ? '' : `, { ${given.join(', ')} }`;
};

/** The log of allocations and frees: lines as they are found. */
export function* showPoolLog(console: Console, asked: Asked): CommandRun {
  const { system } = console;
  const { address, count } = asked;
  const filter = { ...(address !== undefined && { address }), ...(count !== undefined && { count }) };
  const run = readPoolLog(system, filter);
  let isFirst = true;
  for (;;) {
    const step = run.next();
    if (step.done === true) {
      const typed = optionsText([
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

/** One of the other logs: the newest records, those of a thread, or those of a request. */
export function* showLog(console: Console, kind: VerifierLogKind, { address, count }: Asked): CommandRun {
  const { system } = console;
  const wanted = count ?? (briefLogs.has(kind) ? fewRecords : undefined);
  const name = kind === 'critical-regions' ? 'thread' : 'irp';
  const filter: LogFilter = {
    ...(wanted !== undefined && address === undefined && { count: wanted }),
    ...(address !== undefined && { [name]: address }),
  };
  const run = readVerifierLog(system, kind, filter);
  let step = run.next();
  for (; step.done !== true; step = run.next()) yield tick;
  const typed = optionsText([
    filter.count === undefined ? undefined : `count: ${filter.count}`,
    address === undefined ? undefined : `${name}: ${bigHex(address)}`,
  ]);
  const asked: Asked = { address, count: filter.count };
  return {
    data: step.value,
    lines: [...otherLogLines(system, step.value, asked), ...layoutLines(system, [logStructure(kind)])],
    call: `engine.runToEnd(engine.readVerifierLog(session.system, '${kind}'${typed}))`,
  };
}

/** Cancelled requests that the verifier waits for: all, or one. */
export function* showWatchedIrps({ system }: Console, { address }: Asked): CommandRun {
  const run = readWatchedIrps(system, address);
  let step = run.next();
  for (; step.done !== true; step = run.next()) yield tick;
  const typed = address === undefined ? '' : `, ${bigHex(address)}`;
  return {
    data: step.value,
    lines: [...watchedIrpLines(system, step.value, address), ...layoutLines(system, watchedIrpStructures)],
    call: `engine.runToEnd(engine.readWatchedIrps(session.system${typed}))`,
  };
}

/** Flags 4 and 8 with others: a few records of each log behind the report. */
export const moreLogs = (console: Console, flags: number): Line[] => [
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
  return otherLogLines(system, log, { address: undefined, count: fewRecords });
}
