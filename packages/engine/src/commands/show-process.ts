import { DebuggerError, type Va } from '../base/index.ts';
import {
  type CrashedSystem,
  type ProcessDepth,
  type ProcessFilter,
  type ProcessReport,
  searchProcesses,
  walkProcessReport,
} from '../system/index.ts';
import { describeListEnd, type ListEnd } from '../types/index.ts';
import {
  isProcess,
  processStatisticsStructures,
  processStructures,
  threadDetailsStructures,
} from '../windows/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, type CommandRun, linesStep, type Step, tick, usageError } from './command.ts';
import type { Console } from './console.ts';
import { layoutNote } from './layout-note.ts';
import { checkObject, current, isId, takeFlags, takeObject } from './object-arguments.ts';
import { type Line, lineText, plain, span } from './output.ts';
import { processLines, statisticsLines } from './process-lines.ts';
import { parseProcessOptions } from './process-options.ts';
import { threadLines } from './thread-lines.ts';

export const showProcess: Command = {
  names: ['!process'],
  usage: '[/s SESSION] [ADDR | ID | 0 | -1 [FLAGS [IMAGE]]]',
  summary: 'show a process, or all of them (0): !process 0 0 lists them',
  group: 'objects',
  details: [
    'FLAGS: 1 times and sizes, 2 threads and what they wait for, 4 threads (alone: a line each; with 2: details and',
    'stack), 8 stacks without arguments. Without FLAGS: 3 for the current process and for all, f for a named one.',
    'IMAGE is the name of the program, of which 15 characters are compared. -1 is the current process.',
    'A line that this build of Windows has no place for is left out; ???? is not in the dump.',
  ],
  examples: ['!process 0 0', '!process 0 1 svchost.exe', '!process -1 7', '!process 1a4c'],
  run(console, args) {
    const { sessionId, rest } = parseProcessOptions(showProcess, console, args);
    const asked = rest === '' ? { value: current, rest: '' } : takeObject(console, rest);
    const { flags, rest: imageName } = takeFlags(showProcess, console, asked.rest);
    if (asked.value === 0n) {
      const filter = {
        ...(imageName === '' ? {} : { imageName }),
        ...(sessionId === undefined ? {} : { sessionId }),
      };
      return showAll(console, filter, flags ?? 3);
    }
    if (imageName !== '') throw usageError(showProcess, 'a name is given with 0 as the process');
    if (sessionId !== undefined) throw usageError(showProcess, 'a session is given with 0 as the process');
    if (asked.value === current) return showOne(console, currentProcess(console), flags ?? 3);
    if (isId(asked.value)) return showById(console, asked.value, flags ?? 0xf);
    checkObject(console, 'process', asked.value, isProcess(console.system, asked.value));
    return showOne(console, asked.value, flags ?? 0xf);
  },
};

/** The process that `.process` or `~Ns` chose, else that of the crash. */
export function currentProcess({ process, system }: Console): Va {
  const found = process ?? system.process?.address;
  if (found !== undefined) return found;
  throw new DebuggerError('MEMORY_UNREADABLE', 'this dump does not tell the current process');
}

const threadBits = 6;

/** What the bits of FLAGS ask for. */
export function depthOf(flags: number): ProcessDepth {
  const bits = flags & threadBits;
  const threads = bits === threadBits ? 'stack' : bits === 2 ? 'wait' : bits === 4 ? 'line' : undefined;
  return {
    ...((flags & 1) === 0 ? {} : { statistics: true }),
    ...(threads === undefined ? {} : { threads }),
  };
}

const depthCall = (flags: number): string => JSON.stringify(depthOf(flags)).replaceAll('"', "'");

function* showOne(console: Console, address: Va, flags: number, heading: readonly Line[] = []): CommandRun {
  const { report, lines } = yield* reportLines(console, address, flags);
  return {
    data: report,
    lines: [...heading, ...lines, ...noteOf(console, flags)],
    call: `engine.reportProcess(session.system, ${bigHex(address)}, ${depthCall(flags)})`,
  };
}

function* showById(console: Console, id: bigint, flags: number): CommandRun {
  const { system } = console;
  const heading = plain(`Searching for Process with Cid == ${id.toString(16)}`);
  const search = searchProcesses(system, { id });
  for (let next = search.next(); ; next = search.next()) {
    if (next.done === true) throw notFound(system, `no process has the ID ${id.toString(16)}`, next.value);
    if (next.value !== undefined) return yield* showOne(console, next.value, flags, heading);
    yield tick;
  }
}

/** Each process is handed out when it is ready. */
function* showAll(console: Console, filter: ProcessFilter, flags: number): CommandRun {
  const { system } = console;
  yield linesStep([[span('**** NT ACTIVE PROCESS DUMP ****', 'heading')]]);
  const reports: ProcessReport[] = [];
  const search = searchProcesses(system, filter);
  let next = search.next();
  for (; next.done !== true; next = search.next()) {
    if (next.value === undefined) {
      yield tick;
      continue;
    }
    const { report, lines } = yield* reportLines(console, next.value, flags);
    reports.push(report);
    yield linesStep([...lines, ['']]);
  }
  if (reports.length === 0) throw notFound(system, nothingText(filter), next.value);
  return {
    data: reports,
    lines: [...listNote(next.value), ...noteOf(console, flags)],
    call: allCall(filter, flags),
  };
}

function allCall(filter: ProcessFilter, flags: number): string {
  const text = JSON.stringify(filter).replaceAll('"', "'");
  const search = `engine.findProcesses(session.system${text === '{}' ? '' : `, ${text}`})`;
  return `${search}.map((process) => engine.reportProcess(session.system, process, ${depthCall(flags)}))`;
}

const nothingText = ({ imageName, sessionId }: ProcessFilter): string =>
  imageName !== undefined
    ? `no process is called ${imageName}`
    : sessionId !== undefined
      ? `no process belongs to session ${sessionId}`
      : 'this dump tells of no process';

function notFound(system: CrashedSystem, message: string, trouble: string | undefined): DebuggerError {
  const more = trouble === undefined ? '' : `; their list is not whole: ${trouble}`;
  return system.target.dump.triage === undefined
    ? new DebuggerError('NO_SUCH_OBJECT', message + more)
    : new DebuggerError('NOT_IN_TRIAGE_DUMP', message + more);
}

function listNote(trouble: string | undefined): Line[] {
  if (trouble === undefined) return [];
  const text = `The list of processes is not whole: ${trouble}.`;
  return [[span(text, 'warning')], [span('Processes of threads that ran are shown all the same.', 'dim')]];
}

/** The lines of one process; a tick for each of its threads. */
function* reportLines(
  { system }: Console,
  address: Va,
  flags: number,
): Generator<Step, { readonly report: ProcessReport; readonly lines: Line[] }> {
  const walk = walkProcessReport(system, address, depthOf(flags));
  let next = walk.next();
  for (; next.done !== true; next = walk.next()) yield tick;
  const report = next.value;
  const { process, statistics, threads = [], threadsEnd } = report;
  const lines = [
    ...processLines(system, process),
    ...(statistics === undefined ? [] : statisticsLines(system, statistics)),
  ];
  const options = { waits: (flags & 2) !== 0, arguments: (flags & 8) === 0 };
  for (const thread of threads) lines.push([''], ...indent(threadLines(system, thread, options)));
  if (report.threads !== undefined) lines.push(...threadsNote(system, threadsEnd));
  return { report, lines };
}

function threadsNote(system: CrashedSystem, end: ListEnd | undefined): Line[] {
  const trouble =
    end === undefined
      ? `Only threads that ran are shown: ${system.structures.unknown('_KPROCESS', 'ThreadListHead').message}.`
      : describeListEnd(end);
  if (trouble === undefined) return [];
  const text = end === undefined ? trouble : `The list of threads is not whole: ${trouble}.`;
  return [[''], ['        ', span(text, 'warning')]];
}

const indent = (lines: readonly Line[]): Line[] =>
  lines.map((line) => (lineText(line) === '' ? line : ['        ', ...line]));

function noteOf(console: Console, flags: number): Line[] {
  return layoutNote(
    console,
    ...new Set([
      ...processStructures,
      ...((flags & 1) === 0 ? [] : processStatisticsStructures),
      ...((flags & threadBits) === 0 ? [] : threadDetailsStructures),
    ]),
  );
}
