import { describe, expect, it } from 'vitest';
import { accessOf } from './access.ts';
import { describeBugCheck } from './describe.ts';
import type { BugCheckFacts } from './types.ts';

type Row = [
  code: number,
  machine: BugCheckFacts['machine'],
  build: number,
  at: number,
  value: bigint,
  access: string | undefined,
];

/** The parameter that tells the access, and what it says there. */
const rows: Row[] = [
  [0x0a, 'x64', 19041, 3, 0n, 'read'],
  [0x0a, 'x64', 19041, 3, 1n, 'write'],
  [0x0a, 'x64', 19041, 3, 8n, 'execute'],
  [0x0a, 'x64', 19041, 3, 0x10n, undefined],
  [0x50, 'x64', 9600, 2, 0n, 'read'],
  [0x50, 'x64', 9600, 2, 1n, 'write'],
  [0x50, 'x64', 9600, 2, 2n, undefined],
  [0x50, 'x64', 10240, 2, 0n, 'read'],
  [0x50, 'x64', 10240, 2, 1n, 'read'],
  [0x50, 'x64', 22621, 2, 2n, 'write'],
  [0x50, 'x64', 22621, 2, 3n, 'write'],
  [0x50, 'x64', 19041, 2, 0x10n, 'execute'],
  [0x50, 'x64', 19041, 2, 0x11n, 'execute'],
  [0x50, 'x64', 19041, 2, 0x20n, undefined],
  [0x50, 'x86', 7601, 2, 1n, 'write'],
  [0x50, 'x86', 19041, 2, 2n, 'write'],
  [0x50, 'arm64', 22000, 2, 0n, 'read'],
  [0x50, 'arm64', 22000, 2, 1n, 'write'],
  [0x50, 'arm64', 22000, 2, 2n, 'write'],
  [0x50, 'arm64', 22000, 2, 8n, 'execute'],
  [0x50, 'arm64', 22000, 2, 0x10n, undefined],
  [0xd1, 'x64', 19041, 3, 0n, 'read'],
  [0xd1, 'x64', 19041, 3, 1n, 'write'],
  [0xd1, 'x64', 19041, 3, 2n, 'execute'],
  [0xd1, 'x64', 19041, 3, 8n, 'execute'],
  [0xd1, 'x64', 19041, 3, 3n, undefined],
  [0xc5, 'x64', 7601, 3, 1n, 'write'],
  [0xc6, 'x64', 7601, 2, 1n, 'write'],
  [0xcc, 'x64', 9200, 2, 1n, 'write'],
  [0xcd, 'x64', 19041, 2, 1n, 'write'],
  [0xd5, 'x64', 19041, 2, 0n, 'read'],
  [0xd6, 'x64', 19041, 2, 2n, 'write'],
  [0xd6, 'x64', 9200, 2, 2n, undefined],
  [0x1f2, 'x64', 22621, 4, 0x184n, 'write'],
  [0x1f2, 'x64', 22621, 4, 0x87n, 'read'],
];

const factsOf = ([code, machine, build, at, value]: Row): BugCheckFacts => {
  const parameters: [bigint, bigint, bigint, bigint] = [0n, 0n, 0n, 0n];
  parameters[at - 1] = value;
  return { code, machine, build, parameters };
};

describe('accessOf', () => {
  it.each(rows)('code %i on %s build %i, parameter %i = %i: %s', (...row) => {
    const facts = factsOf(row);
    expect(accessOf(describeBugCheck(facts), facts)).toBe(row[5]);
  });

  it('is fixed for bug checks about one kind of access', () => {
    const access = (code: number) => {
      const facts: BugCheckFacts = { code, parameters: [1n, 2n, 3n, 4n], build: 19041, machine: 'x64' };
      return accessOf(describeBugCheck(facts), facts);
    };
    expect([0xbe, 0xfc, 0x11c].map(access)).toEqual(['write', 'execute', 'write']);
    expect([0x3b, 0x7e, 0x19, 0xe2, 0x7654321].map(access)).toEqual(Array(5).fill(undefined));
  });

  it('comes from the exception information of a failed access only', () => {
    const facts = (exception: bigint, kind: bigint): BugCheckFacts => ({
      code: 0x1e,
      parameters: [exception, 0xfffff80000001000n, kind, 0x10n],
      build: 19041,
      machine: 'x64',
    });
    const access = (exception: bigint, kind: bigint) =>
      accessOf(describeBugCheck(facts(exception, kind)), facts(exception, kind));
    expect(access(0xffffffffc0000005n, 1n)).toBe('write');
    expect(access(0xc0000005n, 8n)).toBe('execute');
    expect(access(0xffffffffc0000006n, 0n)).toBe('read');
    expect(access(0xffffffff80000003n, 1n)).toBeUndefined();
  });

  it('BC-7: says the access in the meaning of the parameter', () => {
    const facts: BugCheckFacts = { code: 0x50, parameters: [0n, 2n, 0n, 0n], build: 19041, machine: 'x64' };
    expect(describeBugCheck(facts).meanings[1]).toBe('2: write');
    expect(describeBugCheck({ ...facts, build: 9600 }).meanings[1]).toBe('2: unknown kind of access');
  });
});
