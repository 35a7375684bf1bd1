import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { describeNtStatus, knownStatuses, ntStatusName } from './ntstatus.ts';

const reference = fileURLToPath(new URL('../../../../../../shared/reference/ntstatus.tsv', import.meta.url));

describe('statuses', () => {
  it('are given once each, in order, with a short meaning', () => {
    const codes = knownStatuses.map(([code]) => code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes).toEqual(codes.toSorted((a, b) => a - b));
    const names = knownStatuses.map(([, { name }]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[A-Z][A-Z0-9_]+$/.test(name))).toEqual([]);
    const bad = knownStatuses.filter(
      ([, { meaning }]) => meaning === '' || meaning.endsWith('.') || meaning.length > 70,
    );
    expect(bad).toEqual([]);
  });

  it.each([
    [0xc0000005, 'STATUS_ACCESS_VIOLATION'],
    [-0x3ffffffb, 'STATUS_ACCESS_VIOLATION'],
    [0x80000003, 'STATUS_BREAKPOINT'],
    [0xc0000096, 'STATUS_PRIVILEGED_INSTRUCTION'],
    [0xc0000420, 'STATUS_ASSERTION_FAILURE'],
    [0xe06d7363, 'EH_EXCEPTION_NUMBER'],
    [0, 'STATUS_SUCCESS'],
    [0x12345678, undefined],
  ])('%i is %s', (status, name) => {
    expect(ntStatusName(status)).toBe(name);
    expect(describeNtStatus(status)?.name).toBe(name);
  });
});

describe.skipIf(!existsSync(reference))('statuses against the reference list', () => {
  it('are all known', () => {
    const rows = readFileSync(reference, 'utf8').trim().split('\n').slice(1);
    expect(rows.length).toBeGreaterThan(60);
    const wrong = rows
      .map((row) => row.split('\t'))
      // A name in parentheses is a description: the list has no symbol for it.
      .filter(([code, name = '']) => {
        const known = ntStatusName(Number(code));
        return name.startsWith('(') ? known === undefined : known !== name;
      });
    expect(wrong).toEqual([]);
  });
});
