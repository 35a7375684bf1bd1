import { DebuggerError, type Va } from '../base/index.ts';
import {
  type CrashedSystem,
  reportProcess,
  reportThread,
  searchThread,
  type ThreadDepth,
} from '../system/index.ts';
import { isThread, threadDetailsStructures } from '../windows/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, type CommandRun, tick, usageError } from './command.ts';
import type { Console } from './console.ts';
import { layoutNote } from './layout-note.ts';
import { checkObject, current, isId, takeFlags, takeObject } from './object-arguments.ts';
import type { CommandResult } from './output.ts';
import { processLines } from './process-lines.ts';
import { threadLines } from './thread-lines.ts';

export const showThread: Command = {
  names: ['!thread'],
  usage: '[-p] [-t] [ADDR | ID | -1 [FLAGS]]',
  summary: 'show a thread: what it waits for, its times, priority and stack',
  group: 'objects',
  details: [
    'Without ADDR, or with -1: the thread that the current processor ran. -t: the number is a thread ID. -p: its process too.',
    'FLAGS: 0 a line, 2 what it waits for, 6 all (as without FLAGS), 8 the stack without arguments.',
  ],
  examples: ['!thread', '!thread -t 1b20', '!thread @$thread 2'],
  run(console, args) {
    const { withProcess, isThreadId, rest } = parseOptions(args);
    const asked = rest === '' ? { value: current, rest: '' } : takeObject(console, rest);
    const { flags = 6, rest: more } = takeFlags(showThread, console, asked.rest);
    if (more !== '') throw usageError(showThread, `'${more}' is too much`);
    if (asked.value === current) return show(console, runningThread(console), flags, withProcess);
    if (isThreadId || isId(asked.value)) return showById(console, asked.value, flags, withProcess);
    checkObject(console, 'thread', asked.value, isThread(console.system, asked.value));
    return show(console, asked.value, flags, withProcess);
  },
};

function parseOptions(args: string): {
  readonly withProcess: boolean;
  readonly isThreadId: boolean;
  readonly rest: string;
} {
  const options = /^(?:[-/][a-z](?:\s+|$))*/i.exec(args)![0];
  const letters = options.replaceAll(/[-/\s]/g, '').toLowerCase();
  const wrong = /[^pt]/.exec(letters)?.[0];
  if (wrong !== undefined) throw usageError(showThread, `there is no option '-${wrong}'`);
  return {
    withProcess: letters.includes('p'),
    isThreadId: letters.includes('t'),
    rest: args.slice(options.length).trim(),
  };
}

/** The thread that the chosen processor ran: `.thread` does not change it. */
function runningThread({ system, processor }: Console): Va {
  const chosen = system.processors.find(({ number }) => number?.value === processor && number !== undefined);
  const found = chosen?.currentThread ?? system.thread?.address;
  if (found !== undefined) return found;
  throw new DebuggerError('MEMORY_UNREADABLE', 'this dump does not tell the current thread');
}

const depthOf = (flags: number): ThreadDepth =>
  (flags & 6) === 6 ? 'stack' : (flags & 2) === 2 ? 'wait' : 'line';

function* showById(console: Console, id: bigint, flags: number, withProcess: boolean): CommandRun {
  const { system } = console;
  const search = searchThread(system, id);
  for (let next = search.next(); ; next = search.next()) {
    if (next.done !== true) yield tick;
    else if (next.value !== undefined) return show(console, next.value, flags, withProcess);
    else throw notFound(system, id);
  }
}

const notFound = ({ target }: CrashedSystem, id: bigint): DebuggerError =>
  new DebuggerError(
    target.dump.triage === undefined ? 'NO_SUCH_OBJECT' : 'NOT_IN_TRIAGE_DUMP',
    `no thread in the lists of this dump has the ID ${id.toString(16)}`,
  );

function show(console: Console, address: Va, flags: number, withProcess: boolean): CommandResult {
  const { system } = console;
  const depth = depthOf(flags);
  const report = reportThread(system, address, depth);
  const call = `engine.reportThread(session.system, ${bigHex(address)}, '${depth}')`;
  const options = { waits: (flags & 2) !== 0, arguments: (flags & 8) === 0 };
  const lines = [...threadLines(system, report, options), ...layoutNote(console, ...threadDetailsStructures)];
  const owner = withProcess ? reportThread(system, address, 'stack').details?.process : undefined;
  if (owner === undefined) return { data: report, lines, call };
  const process = reportProcess(system, owner);
  return {
    data: { ...report, ...process },
    lines: [...processLines(system, process.process), [''], ...lines],
    call: `({ ...${call}, ...engine.reportProcess(session.system, ${bigHex(owner)}) })`,
  };
}
