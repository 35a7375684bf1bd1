import { describe, expect, it } from 'vitest';
import { describeBugCheck } from './describe.ts';
import { explainBugCheck } from './explain.ts';
import { fastFailName } from './fast-fail.ts';
import type { BugCheckFacts } from './types.ts';

/**
 * Sub-codes that the page of a bug check in Microsoft's driver documentation lists: parameter that holds them, how many,
 * and which, in hexadecimal with ranges. 0x1A, 0x9F and others: pages of November 2025.
 */
const documented: readonly (readonly [code: number, parameter: number, count: number, subcodes: string])[] = [
  [0x19, 1, 17, '2-3 5-a d-f 20-25'],
  [0xc1, 4, 8, '20-24 30-32'],
  [0xc2, 1, 28, '0-2 4 6-d 40-44 46-48 50 60 99-9d 41286'],
  [
    0xc4,
    1,
    244,
    `0-3 10-17 30-42 51-54 59 60-62 6f-83 85 89 91 a0-a2 b0-b9 c0-c3 c5-c6 ca-cd d0-d2 d5-d7 da-dd df-e6 ea-eb f0 f5-f7 fa-fc
     105 10a-10b 110-111 115 11a-11b 120-123 130-131 135 13a-141 1000-1005 1007-100b 1010-1013 2000-2005 a001-a00e 20002-20011
     20015-20016 20019-2001f 20022-20025 40003 40006-40007 40009-4000a 4000e 4100b 4100f 43006 81001-8100c 82001-82005
     91001-91002 9100e 92003 9200d 9200f-92012 93004-93006 93101 94007-94009 9400b-9400c`,
  ],
  [0x139, 1, 30, '0-e 12-1d 25-27'],
  [0x13a, 1, 21, '3-17'],
  [
    0x1a,
    1,
    55,
    `31 3f 403-404 411 777-778 780-781 1000 1010 1233-1236 1240-1241 3300 3451 3453 3470 4477 5003 5100 5200 5305 6001 8884-888a
     9696 15000-15001 41201-41202 41283-41284 41286-41287 41785 41790 41792-41793 61940-61941 61946 61948-6194a 3030303 3030308`,
  ],
  [0x4e, 1, 8, '1-2 6-7 8d 8f 99-9a'],
  [0x9f, 1, 7, '1-6 500'],
  [0xc9, 1, 103, '1-a c-12 200-24d 300-302 306-307 310-312'],
  [0xca, 1, 9, '1-5 8-b'],
  [0xda, 1, 40, '1-11 100-105 107-10c 200-202 300-306 400'],
  [0x109, 4, 44, '0-29 101-102'],
  [0x133, 1, 2, '0-1'],
];

function numbers(ranges: string): number[] {
  return ranges.split(/\s+/).flatMap((range) => {
    const [first, last = first] = range.split('-').map((text) => Number.parseInt(text, 16));
    return Array.from({ length: last! - first! + 1 }, (_, index) => first! + index);
  });
}

const facts = (code: number, parameters: readonly bigint[]): BugCheckFacts => {
  const [a = 0n, b = 0n, c = 0n, d = 0n] = parameters;
  return { code, parameters: [a, b, c, d], build: 19041, machine: 'x64' };
};

describe.each(documented)('bug check 0x%s', (code, parameter, count, ranges) => {
  it('BC-8: explains every sub-code that is documented', () => {
    const listed = numbers(ranges);
    expect(new Set(listed).size).toBe(count);
    const known = new Set(explainBugCheck(code).subcodes?.known.map((each) => each.code));
    expect(explainBugCheck(code).subcodes?.parameter).toBe(parameter);
    expect(listed.filter((subcode) => !known.has(subcode)).map((subcode) => subcode.toString(16))).toEqual(
      [],
    );
  });

  it('BC-8: says of every parameter under every sub-code what it is', () => {
    const unnamed = numbers(ranges).flatMap((subcode) => {
      const parameters = [0n, 0n, 0n, 0n];
      parameters[parameter - 1] = BigInt(subcode);
      const { roles, meanings, description } = describeBugCheck(facts(code, parameters));
      const silent = meanings.filter((meaning) => meaning === 'depends on the sub-code');
      return roles[parameter - 1] === 'subcode' && description.length > 20 && silent.length === 0
        ? []
        : [subcode.toString(16)];
    });
    expect(unnamed).toEqual([]);
  });
});

describe('bug checks with the same parameters always', () => {
  it.each([0x0a, 0x3b, 0x7e, 0x8e, 0x50, 0xc5, 0xc6, 0xcc, 0xcd, 0xd0, 0xd1, 0xd5, 0xd6, 0xef, 0x7f])(
    '%#x',
    (code) => {
      const { parameters, subcodes } = explainBugCheck(code);
      expect(subcodes).toBeUndefined();
      expect(parameters).toHaveLength(4);
      expect(parameters).toEqual(parameters?.filter((text) => text.length > 2));
    },
  );

  it('0x1e: they depend on the exception', () => {
    expect(explainBugCheck(0x1e)).toMatchObject({ parameters: undefined, varies: true });
  });

  it.each([0x1e, 0x3b, 0x7e, 0x8e])('%#x begins with an exception code and an address', (code) => {
    expect(describeBugCheck(facts(code, [0xc0000005n, 1n, 1n, 1n])).roles.slice(0, 2)).toEqual([
      'exception-code',
      'ip',
    ]);
  });
});

describe('explainBugCheck', () => {
  it('gives an M code the entry of its base code, and unknown codes a name by their number', () => {
    expect(explainBugCheck(0x1000007e)).toMatchObject({
      code: 0x1000007e,
      name: 'SYSTEM_THREAD_EXCEPTION_NOT_HANDLED_M',
      description: explainBugCheck(0x7e).description,
    });
    expect(explainBugCheck(0x1e0)).toEqual({
      code: 0x1e0,
      name: 'BUGCHECK_0x1e0',
      description: 'This code has no public name.',
      parameters: undefined,
      varies: false,
      subcodes: undefined,
    });
    expect(explainBugCheck(0x65).description).toMatch(/^Only the name/);
  });

  it('lists sub-codes in order', () => {
    const codes = explainBugCheck(0xc4).subcodes!.known.map(({ code }) => code);
    expect(codes).toEqual([...codes].sort((a, b) => a - b));
  });
});

describe('fastFailName', () => {
  it.each([
    [0n, 'LEGACY_GS_VIOLATION'],
    [3n, 'CORRUPT_LIST_ENTRY'],
    [14n, 'INVALID_REFERENCE_COUNT'],
    [15n, undefined],
    [18n, 'INVALID_JUMP_BUFFER'],
    [29n, 'INVALID_BALANCED_TREE'],
    [37n, 'GUARD_JUMPTABLE'],
    [50n, 'HEAP_METADATA_CORRUPTION'],
    [65n, 'CAST_GUARD'],
    [71n, 'ASAN_ERROR'],
    [77n, 'KERNEL_POINTER_EXPECTED'],
    [78n, undefined],
    [0xffff_ffffn, undefined],
    [0x1_0000_0003n, undefined],
  ])('%d is %s', (code, name) => {
    expect(fastFailName(code)).toBe(name);
  });

  it('names every code that 0x139 explains', () => {
    const known = explainBugCheck(0x139).subcodes!.known.map(({ code }) => code);
    expect(known.length).toBe(75);
    expect(known.filter((code) => fastFailName(BigInt(code)) === undefined)).toEqual([]);
  });
});
