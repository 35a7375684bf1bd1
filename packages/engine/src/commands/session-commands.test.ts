import { describe, expect, it } from 'vitest';
import { openConsole } from '../../test/console.ts';

const full = await openConsole({ type: 'full' });
const header = await openConsole({ type: 'header', path: '' });

describe('.time', () => {
  it('shows the time of the crash and how long the machine had been running', () => {
    expect(full.run('.time')).toEqual([
      'Debug session time: Tue Mar 14 09:26:53.000 2023 (UTC)',
      'System Uptime: 0 days 0:15:06.901',
    ]);
    expect(full.run('.time')).toEqual(full.run('vertarget').slice(-2));
  });

  it('shifts it by hours', () => {
    expect(full.run('.time -h 2')[0]).toBe('Debug session time: Tue Mar 14 11:26:53.000 2023 (UTC + 2:00)');
    expect(full.run('.time -h (-0n10)')[0]).toBe(
      'Debug session time: Mon Mar 13 23:26:53.000 2023 (UTC - 10:00)',
    );
  });

  it.each(['.time 2', '.time -h', '.time -h 0n15', '.time -h nosuch'])('%s is refused', (line) => {
    expect(full.run(line)).toEqual([expect.stringMatching(/^(COMMAND_USAGE|NAME_UNKNOWN)/)]);
  });
});

describe('||', () => {
  it('shows the kind of dump and its name', () => {
    const line = '.  0 64-bit Kernel full dump: C:\\dumps\\MEMORY.DMP';
    for (const form of ['||', '|| *', '||.', '||#', '||0', '|| 0'])
      expect(full.run(form), form).toEqual([line]);
    expect(header.run('||')).toEqual(['.  0 64-bit Kernel header dump:']);
  });

  it.each(['||1', '||0s', '|| x', '||00001'])('%s is refused', (form) => {
    expect(full.run(form)).toEqual([expect.stringMatching(/^COMMAND_/)]);
  });
});

describe('.echo', () => {
  it.each([
    ['.echo a  b', 'a  b'],
    ['.echo "a; b"', 'a; b'],
    ['.echo', ''],
    ['.echo "', ''],
    ['.echo it\'s 5" wide', 'it\'s 5" wide'],
  ])('%s', (line, printed) => expect(full.run(line)).toEqual([printed]));

  it('refuses text behind the quotes', () => {
    expect(full.run('.echo "a" b')).toEqual([expect.stringContaining('COMMAND_USAGE')]);
  });
});
