import { DebuggerError } from '@poolscope/engine/base';
import { describe, expect, it } from 'vitest';
import { isVerified, type VerifierSettings, verifierCommand, verifierOff } from './index.ts';

const run = (line: string, settings: VerifierSettings = verifierOff, build = 9200) =>
  verifierCommand(line, { settings, build });

describe('a command line of the verifier', () => {
  it.each([
    ['/flags 1 /driver myfault.sys', { flags: 1, drivers: ['myfault.sys'] }],
    ['verifier.exe /flags 0x209BB /driver a.sys B.sys', { flags: 0x2_09bb, drivers: ['a.sys', 'B.sys'] }],
    ['/standard /all', { flags: 0x2_09bb, drivers: 'all' }],
    ['/driver a.sys /flags 9', { flags: 9, drivers: ['a.sys'] }],
  ])('%s sets what it says', (line, settings) => {
    expect(run(line).settings).toEqual(settings);
  });

  it('has the standard options of the build', () => {
    expect(run('/standard /driver a.sys', verifierOff, 7601).settings.flags).toBe(0x9bb);
  });

  it('keeps what it does not name, tells it, and forgets it', () => {
    const settings = { flags: 9, drivers: ['a.sys'] };
    expect(run('/flags 8', settings).settings).toEqual({ flags: 8, drivers: ['a.sys'] });
    expect(run('/query', settings)).toEqual({
      settings,
      lines: ['Verifier flags: 0x00000009', 'Verified drivers: a.sys'],
    });
    expect(run('/reset', settings).settings).toEqual(verifierOff);
  });

  it.each(['', 'myfault.sys', '/flags', '/flags x', '/flags 4294967296', '/driver', '/driver /all', '/fast'])(
    "'%s' is wrong",
    (line) => {
      expect(() => run(line)).toThrow(DebuggerError);
    },
  );

  it('does not look at the case of names', () => {
    expect(isVerified({ flags: 1, drivers: ['MyFault.SYS'] }, 'myfault.sys')).toBe(true);
    expect(isVerified({ flags: 1, drivers: ['other.sys'] }, 'myfault.sys')).toBe(false);
  });
});
