import { buildMachine, dumpBytes } from '@poolscope/lab';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BufferSource, lineText, openSession, type Session } from '../index.ts';

let session: Session;
const text = (command: string): string => session.execute(command).lines.map(lineText).join('\n');

beforeAll(async () => {
  session = await openSession(
    new BufferSource(dumpBytes(buildMachine({ crash: 'page-fault' }), { type: 'full' })),
    {
      path: 'C:\\dumps\\MEMORY.DMP',
    },
  );
});

describe('!analyze', () => {
  it('is short without -v', () => {
    expect(text('!analyze')).toMatch(
      /BugCheck D1, \{\w+, 2, 1, \w+\}\n\nProbably caused by : sampledrv\.sys \( sampledrv\+1064 \)\n\nFollowup: {5}MachineOwner\n-{9}$/,
    );
  });

  it.each(['-v', '-v99', '-vv', '-V', '-f -v', '/v'])('takes %s', (options) => {
    expect(text(`!analyze ${options}`)).toBe(text('!analyze -v'));
    expect(text(`!analyze ${options}`)).toContain('FILE_IN_CAB:  MEMORY.DMP\n');
  });

  it('gives stack text that its stack command shows again', () => {
    const report = text('!analyze -v');
    const command = /^STACK_COMMAND: {2}(.*)$/m.exec(report)![1]!;
    const stack = /^STACK_TEXT: {2}\n(.*?)\n\n/ms.exec(report)![1]!;
    const shown = command.split(';').map((each) => text(each.trim()));
    const rows = shown
      .at(-1)!
      .split('\n')
      .map((row) => row.replace(/^[\da-f]{2} /, ''));
    expect(rows.slice(1)).toEqual(stack.split('\n'));
    expect(rows.length).toBeGreaterThan(5);
  });

  it.each([
    ['-hang', 'COMMAND_NOT_HERE'],
    ['-v -hang', 'COMMAND_NOT_HERE'],
    ['-xml', 'COMMAND_NOT_HERE'],
    ['-c -load issues.xml', 'COMMAND_NOT_HERE'],
    ['-q', 'COMMAND_USAGE'],
    ['-v100', 'COMMAND_USAGE'],
    ['verbose', 'COMMAND_USAGE'],
    ['-show', 'COMMAND_USAGE'],
    ['-show c2 1 2 3 4 5', 'COMMAND_USAGE'],
    ['-show 1`000000c2', 'COMMAND_USAGE'],
  ])('refuses %s', (options, code) => {
    expect(() => text(`!analyze ${options}`)).toThrow(expect.objectContaining({ code }) as Error);
  });
});

describe('!analyze -show', () => {
  it('explains what parameters say', () => {
    expect(text('!analyze -show 0xc2 7 0 4a0018 ffff9a0c4d605180').split('\n')).toEqual([
      'BAD_POOL_CALLER (c2)',
      'The current thread made a bad pool request. Free of a block that is free',
      'already.',
      'Arguments:',
      'Arg1: 0000000000000007, 7: free of a block that is free already',
      'Arg2: 0000000000000000, reserved',
      'Arg3: 00000000004a0018, contents of the header',
      'Arg4: ffff9a0c4d605180, the address being freed',
    ]);
  });

  it('says nothing of values that were not given', () => {
    expect(text('!analyze -show 50 ffff9a0c4d705180 2').split('\n').slice(-2)).toEqual([
      'Arg3: the instruction that made the access, if known',
      'Arg4: type of fault',
    ]);
  });

  it('lists sub-codes as long as the one is not given', () => {
    expect(text('!analyze -show c2')).toMatch(/^ +41286: free of an address in the middle/m);
    expect(text('!analyze -show c1 ffff9a0c4d605180')).toMatch(
      /^Arg4 says which kind[^]*^ +24: bytes behind the end/m,
    );
    expect(text('!analyze -show c1 ffff9a0c4d605180 0 0 24')).not.toContain('Arg4 says');
  });

  it('takes status codes as the debugger extends them, and codes without a name', () => {
    expect(text('!analyze -show c0000221')).toMatch(/^STATUS_IMAGE_CHECKSUM_MISMATCH \(c0000221\)/);
    expect(text('!analyze -show 1e0')).toBe('BUGCHECK_0x1e0 (1e0)\nThis code has no public name.');
    expect(text('!analyze -show 1e')).toContain('!analyze -show 1e P1 P2 P3 P4');
  });

  it('has words for anything', () => {
    const word = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }).map((value) => value.toString(16));
    const code = fc.integer({ min: 0, max: 0x7fff_ffff }).map((value) => `0x${value.toString(16)}`);
    fc.assert(
      fc.property(code, fc.array(word, { maxLength: 4 }), (first, rest) => {
        expect(text(`!analyze -show ${[first, ...rest].join(' ')}`)).not.toMatch(/undefined|NaN|\[object/);
      }),
      { numRuns: 200 },
    );
  });
});
