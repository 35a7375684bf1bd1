import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { type CommandResult, type Line, plain } from './output.ts';

/** What the debugger calls a log that was given no name. */
const usualName = 'dbgeng.log';

export const openLog: Command = {
  names: ['.logopen'],
  usage: '[/t] [/u] [FILE] | /d',
  summary: 'write what is shown into a new file too',
  group: 'session',
  details: [
    '/t puts the date and time (UTC) behind the name; /d makes a name from that of the dump.',
    `Without FILE the log is ${usualName}. Logs are UTF-8, with /u too.`,
  ],
  examples: ['.logopen /t "case 42.txt"'],
  run(console, args) {
    const { options, file } = parse(openLog, args, /^[tud]$/);
    if (options.has('d') && file !== '') throw usageError(openLog, '/d makes the name itself');
    const name = options.has('d') ? nameOfDump(console) : file;
    return open(
      console,
      options.has('t') || options.has('d') ? withTime(name, console.host.now()) : name,
      false,
    );
  },
};

export const appendLog: Command = {
  names: ['.logappend'],
  usage: '[/u] [FILE]',
  summary: 'write what is shown at the end of a file too',
  group: 'session',
  run: (console, args) => open(console, parse(appendLog, args, /^u$/).file, true),
};

export const closeLogFile: Command = {
  names: ['.logclose'],
  usage: '',
  summary: 'close the log file',
  group: 'session',
  run(console) {
    const closed = close(console);
    return { data: closed.path, lines: closed.lines.length > 0 ? closed.lines : plain('No log file open') };
  },
};

export const showLogFile: Command = {
  names: ['.logfile'],
  usage: '',
  summary: 'show whether a log file is open',
  group: 'session',
  run({ logFile }) {
    return {
      data: logFile ?? null,
      lines: plain(logFile === undefined ? 'No log file open' : `Log '${logFile.path}' open`),
    };
  },
};

function parse(
  command: Command,
  args: string,
  known: RegExp,
): { options: ReadonlySet<string>; file: string } {
  const [, head, rest] = /^((?:\/\w+(?:\s+|$))*)(.*)$/s.exec(args)!;
  const options = head!.split(/[\s/]+/).filter((option) => option !== '');
  const unknown = options.find((option) => !known.test(option));
  if (unknown !== undefined) throw usageError(command, `there is no option /${unknown}`);
  return { options: new Set(options), file: rest!.trim().replace(/^"([^"]*)"$/, '$1') };
}

function open(console: Console, file: string, append: boolean): CommandResult {
  const path = file === '' ? usualName : file;
  const before = close(console);
  console.host.openLog(path, { append });
  console.logFile = { path, append };
  return { data: console.logFile, lines: [...before.lines, ...plain(`Opened log file '${path}'`)] };
}

function close(console: Console): { readonly path: string | null; readonly lines: Line[] } {
  const path = console.host.closeLog();
  console.logFile = undefined;
  return path === undefined
    ? { path: null, lines: [] }
    : { path, lines: plain(`Closing open log file ${path}`) };
}

/** `MEMORY.log` of `C:\dumps\MEMORY.DMP`, in the current folder. */
function nameOfDump({ path }: Console): string {
  const name = /[^/\\]*$/.exec(path)![0].replace(/(?<=.)\.[^.]*$/, '');
  return `${name === '' ? 'dump' : name}.log`;
}

/** `name_2005-02-28_09-05-50-935.txt`: the debugger's form, without the number of its process. */
function withTime(file: string, ms: number): string {
  const name = file === '' ? usualName : file;
  const [, date, time] = /^(.*)T(.*)Z$/.exec(new Date(ms).toISOString())!;
  const extension = /(?<=[^/\\])\.[^./\\]*$/.exec(name)?.[0] ?? '';
  return `${name.slice(0, name.length - extension.length)}_${date}_${time!.replaceAll(/[:.]/g, '-')}${extension}`;
}
