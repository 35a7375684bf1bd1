import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { baseCodeOf, bugCheckName, namedCodes } from './names.ts';

const reference = fileURLToPath(
  new URL('../../../../../../shared/reference/bugcheck-names.tsv', import.meta.url),
);

describe('names of bug checks', () => {
  it('BC-1: are given once each', () => {
    const codes = namedCodes.map(([code]) => code);
    expect(new Set(codes).size).toBe(codes.length);
    const names = namedCodes.map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[A-Z][A-Z0-9_]+$/.test(name))).toEqual([]);
  });

  it('are in the order of their codes', () => {
    const codes = namedCodes.map(([code]) => code);
    expect(codes).toEqual(codes.toSorted((a, b) => a - b));
  });

  it.each([
    [0x1, 'APC_INDEX_MISMATCH'],
    [0x19, 'BAD_POOL_HEADER'],
    [0x13a, 'KERNEL_MODE_HEAP_CORRUPTION'],
    [0x20001, 'HYPERVISOR_ERROR'],
    [0x4000008a, 'THREAD_TERMINATE_HELD_MUTEX'],
    [0xc000021a, 'WINLOGON_FATAL_ERROR'],
    [0xdeaddead, 'MANUALLY_INITIATED_CRASH1'],
    [0x1000007e, 'SYSTEM_THREAD_EXCEPTION_NOT_HANDLED_M'],
    [0x1000000a, 'IRQL_NOT_LESS_OR_EQUAL_M'],
    [0x0, undefined],
    [0x1e0, undefined],
    [0x10000000, undefined],
    [0x100001e0, undefined],
  ])('%i is %s', (code, name) => {
    expect(bugCheckName(code)).toBe(name);
  });

  it('share the text of their base code', () => {
    expect([0x1000007e, 0x1000008e, 0x7e, 0xdeaddead, 0x100001e0].map(baseCodeOf)).toEqual([
      0x7e, 0x8e, 0x7e, 0xdeaddead, 0x100001e0,
    ]);
  });
});

describe.skipIf(!existsSync(reference))('names against the reference list', () => {
  it('are all known', () => {
    const rows = readFileSync(reference, 'utf8').trim().split('\n').slice(1);
    const wrong = rows
      .map((row) => row.split('\t'))
      .filter(([code, name]) => bugCheckName(Number(code)) !== name);
    expect(rows.length).toBeGreaterThan(400);
    expect(wrong).toEqual([]);
  });
});
