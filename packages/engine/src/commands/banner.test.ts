import { buildMachine, dumpBytes } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { BufferSource, openSession, type Session } from '../index.ts';

const machine = buildMachine();
const open = async (type: 'full' | 'header' | 'triage' | 'bitmap-kernel'): Promise<Session> =>
  openSession(new BufferSource(dumpBytes(machine, { type })));

describe('the banner', () => {
  it.each([
    ['full', /^Kernel Complete Dump File: all/],
    ['bitmap-kernel', /^Kernel Bitmap Dump File: kernel memory/],
    ['triage', /^Mini Kernel Dump File: /],
    ['header', /^Kernel Header Dump File: .* no memory$/],
  ] as const)('says that a dump is %s', async (type, kind) => {
    expect((await open(type)).banner()[0]).toMatch(kind);
  });

  it('ends with the bug check as !analyze shows it', async () => {
    const session = await open('bitmap-kernel');
    const last = session.banner().at(-1)!;
    expect(last).toMatch(/^BugCheck 3B, \{(?:[\da-f]+, ){3}[\da-f]+\}$/);
    expect(session.execute('!analyze').lines.flat()).toContain(last);
  });
});
