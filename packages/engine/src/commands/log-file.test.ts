import { beforeEach, describe, expect, it } from 'vitest';
import { openConsole, type TestConsole } from '../../test/console.ts';

let console: TestConsole;
const run = (...lines: readonly string[]) => lines.flatMap((line) => console.run(line));

beforeEach(async () => {
  console = await openConsole({ type: 'header' });
});

describe('log files', () => {
  it('are opened, shown and closed', () => {
    expect(run('.logfile', '.logopen a.txt', '.logfile', '.logclose', '.logclose', '.logfile')).toEqual([
      'No log file open',
      "Opened log file 'a.txt'",
      "Log 'a.txt' open",
      'Closing open log file a.txt',
      'No log file open',
      'No log file open',
    ]);
    expect(console.host.events).toEqual(['open a.txt', 'close a.txt']);
  });

  it('take the place of one another', () => {
    expect(run('.logopen a.txt', '.logappend "b c.txt"')).toEqual([
      "Opened log file 'a.txt'",
      'Closing open log file a.txt',
      "Opened log file 'b c.txt'",
    ]);
    expect(console.host.events).toEqual(['open a.txt', 'close a.txt', 'append b c.txt']);
  });

  it.each([
    ['.logopen', 'dbgeng.log'],
    ['.logopen /t c:\\logs\\mylogfile.txt', 'c:\\logs\\mylogfile_2005-02-28_09-05-50-935.txt'],
    ['.logopen /t /u a.b/log', 'a.b/log_2005-02-28_09-05-50-935'],
    ['.logopen /t', 'dbgeng_2005-02-28_09-05-50-935.log'],
    ['.logopen /d', 'MEMORY_2005-02-28_09-05-50-935.log'],
    ['.logappend', 'dbgeng.log'],
  ])('%s', (line, name) => expect(run(line)).toEqual([`Opened log file '${name}'`]));

  it.each(['.logopen /q a', '.logopen /d a', '.logappend /t a', '.logclose a', '.logfile a'])(
    '%s is refused',
    (line) => {
      expect(run(line)).toEqual([expect.stringContaining('COMMAND_USAGE')]);
      expect(console.host.events).toEqual([]);
    },
  );

  it('stay closed where the host has none', async () => {
    console.host.openLog = () => {
      throw new Error('not a DebuggerError: a bug of the host');
    };
    expect(() => run('.logopen a')).toThrow('bug of the host');
    expect(console.session.console.logFile).toBeUndefined();
  });
});
