import { buildMachine, dumpBytes } from '@poolscope/lab';
import { beforeAll, describe, expect, it } from 'vitest';
import { BufferSource, DebuggerError, openSession, type Session } from '../index.ts';
import { parseRange, takeRange } from './range.ts';

let session: Session;
beforeAll(async () => {
  session = await openSession(new BufferSource(dumpBytes(buildMachine({}), { type: 'header' })));
});

const top = 0xffff_ffff_ffff_ffffn;

const taken = (text: string, elementSize = 1, count?: number) => {
  const options = count === undefined ? { elementSize } : { elementSize, count };
  const { range, rest } = takeRange(session.console, text, options);
  return [range.start, range.length, range.by, rest];
};

describe('takeRange', () => {
  it.each([
    ['1000 L8 4e 6f', 1, [0x1000n, 8n, 'count', '4e 6f']],
    ['1000 L8 4e', 4, [0x1000n, 32n, 'count', '4e']],
    ['1000L8', 1, [0x1000n, 8n, 'count', '']],
    ['1000 l ( 4 + 4 ) "x"', 1, [0x1000n, 8n, 'count', '"x"']],
    ['1000 1007 4e', 1, [0x1000n, 8n, 'end', '4e']],
    ['1000 + 10 1000 + 17 "a b"', 1, [0x1010n, 8n, 'end', '"a b"']],
    ['(1000) (1007)', 8, [0x1000n, 8n, 'end', '']],
    ['80000000 L-20', 1, [0xffff_ffff_7fff_ffe0n, 0x20n, 'count', '']],
    ['1000 L?20000000 90', 1, [0x1000n, 0x2000_0000n, 'count', '90']],
    ['0 L?ffffffff', 1, [0n, 0xffff_ffffn, 'count', '']],
    ['ffff8000`00000000 L?7fffffffffff', 1, [0xffff_8000_0000_0000n, 0x7fff_ffff_ffffn, 'count', '']],
    ['ffffffff`fffffff0 L100', 1, [top - 15n, 16n, 'count', '']],
    ['0n16 0n31', 1, [16n, 16n, 'end', '']],
    ['1000, L8, 4e', 1, [0x1000n, 8n, 'count', '4e']],
    ['1000,1007 ,4e', 1, [0x1000n, 8n, 'end', '4e']],
  ] as const)('%s of %i bytes', (text, elementSize, expected) =>
    expect(taken(text, elementSize)).toEqual(expected),
  );

  it('uses the count of the command where none is typed', () => {
    expect(taken('1000 "x"', 2, 8)).toEqual([0x1000n, 16n, 'default', '"x"']);
    expect(taken('1000 L1 "x"', 2, 8)).toEqual([0x1000n, 2n, 'count', '"x"']);
  });

  it.each([
    ['1000', 'COMMAND_USAGE'],
    ['', 'EXPRESSION_SYNTAX'],
    ['1000 L', 'EXPRESSION_SYNTAX'],
    ['1000 L0', 'COMMAND_USAGE'],
    ['1000 fff', 'COMMAND_USAGE'],
    ['10 L-20', 'COMMAND_USAGE'],
    ['0 L10000001', 'RANGE_TOO_LARGE'],
    ['0 10000000', 'RANGE_TOO_LARGE'],
    ['0 L4000001', 'RANGE_TOO_LARGE'],
    ['1000 nosuch', 'NAME_UNKNOWN'],
  ])('refuses %s with %s', (text, code) => {
    expect(() => taken(text, 4)).toThrow(DebuggerError);
    expect(() => taken(text, 4)).toThrow(expect.objectContaining({ code }));
  });

  it('allows 256 MB and no more', () => {
    expect(taken('0 L10000000')[1]).toBe(0x1000_0000n);
    expect(() => taken('0 L10000001')).toThrow('256 MB');
  });
});

const parsed = (text: string, fallback?: bigint) =>
  parseRange(session.console, text, { fallback, count: 32, elementSize: 4 });

describe('parseRange', () => {
  it.each([
    ['1000', { start: 0x1000n, count: 32, by: 'default' }],
    ['1000 L8', { start: 0x1000n, count: 8, by: 'count' }],
    ['1000 l?8', { start: 0x1000n, count: 8, by: 'count' }],
    ['1000 L-8', { start: 0xfe0n, count: 8, by: 'count' }],
    ['1000 1007', { start: 0x1000n, count: 2, by: 'end' }],
    ['1000 + 8 1000+f', { start: 0x1008n, count: 2, by: 'end' }],
  ] as const)('%s', (text, expected) => expect(parsed(text)).toEqual(expected));

  it('goes on where the last display ended', () => {
    expect(parsed('', 0x2000n)).toEqual({ start: 0x2000n, count: 32, by: 'default' });
    expect(parsed('L4', 0x2000n)).toEqual({ start: 0x2000n, count: 4, by: 'count' });
    expect(() => parsed('')).toThrow('an address is missing');
  });

  it.each(['1000 L0', '1000 L10001', '1000 ff', '1000 L8 9', '0 L-1'])('refuses %s', (text) => {
    expect(() => parsed(text)).toThrow(DebuggerError);
  });
});
