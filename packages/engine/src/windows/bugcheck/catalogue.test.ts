import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entries } from './catalogue.ts';
import { describeBugCheck } from './describe.ts';
import { bugCheckName } from './names.ts';
import type { BugCheck, BugCheckFacts } from './types.ts';

type Four = [bigint, bigint, bigint, bigint];

const highest = 0xffff_ffff_ffff_ffffn;

/** Facts that lead into every known sub-code, and some that lead into none. */
const samples: BugCheckFacts[] = entries.flatMap(({ code, cases }) => {
  const selector = cases?.selector ?? 0;
  const words = [0n, 1n, 2n, 3n, 4n, 0x77n, 0x184n, 0xc0000005n, 0xffffffffc0000005n, highest];
  const subcodes = [...(cases?.known.keys() ?? [])].map(BigInt);
  return [...words, ...subcodes].flatMap((word) =>
    [0n, 1n, 0xffff_8000_1234_5000n].map((other): BugCheckFacts => {
      const parameters: Four = [other, other, other, other];
      parameters[selector] = word;
      return { code, parameters, build: 19041, machine: 'x64' };
    }),
  );
});

/** Rules of the words, as a list of what is wrong. */
function faultsOf({ name, description, meanings, roles, relatesToPool }: BugCheck): string[] {
  const faults: string[] = [];
  const say = (fault: boolean, text: string) => fault && faults.push(`${name}: ${text}`);
  say(
    !/^[A-Z].*[A-Za-z0-9)]\.$/s.test(description) || description.includes('..'),
    `sentence: ${description}`,
  );
  say(description.length > 420, `long: ${description}`);
  say(meanings.length !== 4 || roles.length !== 4, 'not four parameters');
  for (const text of meanings)
    say(text === '' || /\.$|\s\s|\n|^\s|undefined|: $/.test(text) || text.length > 160, `meaning: ${text}`);
  roles.forEach((role, index) =>
    say(role === 'reserved' && meanings[index] !== 'reserved', `reserved: ${meanings[index]}`),
  );
  const faultPlace = roles.some((role) => /^(ip|exception-record|context-record|trap-frame)$/.test(role));
  say(
    faultPlace && roles.filter((role) => role === 'address').length > 1,
    'two addresses beside a place of failure',
  );
  say(!['yes', 'maybe', 'no'].includes(relatesToPool), 'relation to pool');
  return faults;
}

describe('the catalogue', () => {
  it('has each code once, and a name for each', () => {
    const codes = entries.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.filter((code) => bugCheckName(code) === undefined)).toEqual([]);
  });

  it('BC-3, BC-4: is worded by its rules under every sub-code', () => {
    expect(samples.length).toBeGreaterThan(5000);
    expect([...new Set(samples.flatMap((facts) => faultsOf(describeBugCheck(facts))))]).toEqual([]);
  });

  it('BC-5: marks the sub-code and tells its meaning in the description', () => {
    for (const { code, cases } of entries) {
      for (const [subcode, { text }] of cases?.known ?? []) {
        const parameters: Four = [0n, 0n, 0n, 0n];
        parameters[cases!.selector] = BigInt(subcode);
        const found = describeBugCheck({ code, parameters, build: 19041, machine: 'x64' });
        expect(found.roles[cases!.selector]).toBe('subcode');
        expect(found.meanings[cases!.selector]).toBe(`${subcode.toString(16)}: ${text}`);
        expect(found.description.toLowerCase()).toContain(text.toLowerCase());
      }
    }
  });

  it('BC-6: says of an unknown sub-code that it is unknown', () => {
    for (const { code, cases, pool } of entries.filter((entry) => entry.cases !== undefined)) {
      const parameters: Four = [1n, 1n, 1n, 1n];
      parameters[cases!.selector] = 0x7eadbeefn;
      const found = describeBugCheck({ code, parameters, build: 19041, machine: 'x64' });
      expect(found.meanings[cases!.selector]).toBe('7eadbeef: unknown sub-code');
      expect(found.description).toContain('7eadbeef');
      expect(found.relatesToPool).toBe(pool);
    }
  });

  it('numbers lists of sub-codes up to their documented ends', () => {
    const ends = new Map(
      entries.map(({ code, cases }) => [code, Math.max(0, ...(cases?.known.keys() ?? []))]),
    );
    expect(ends.get(0x10e)).toBe(0x44);
    expect(entries.find(({ code }) => code === 0x144)?.cases?.known.get(0x1022)?.text).toBe(
      'an endpoint could not be replaced in one step',
    );
    expect(entries.find(({ code }) => code === 0x144)?.cases?.known.get(0x1023)).toBeUndefined();
    expect(ends.get(0x13a)).toBe(0x17);
    expect(ends.get(0x1c6)).toBe(0x16);
  });

  it('BC-2: has words for any code with any parameters', () => {
    const word = fc.oneof(
      fc.bigInt({ min: 0n, max: highest }),
      fc.bigInt({ min: -highest, max: 2n * highest }),
      fc.integer({ min: 0, max: 0x200 }).map(BigInt),
    );
    const code = fc.oneof(
      fc.integer(),
      fc.integer({ min: 0, max: 0x200 }),
      fc.constantFrom(...entries.map((entry) => entry.code)),
    );
    const facts = fc.record({
      code: fc.oneof(
        code,
        code.map((plain) => plain + 0x10000000),
      ),
      parameters: fc.tuple(word, word, word, word),
      build: fc.integer({ min: 0, max: 0xffff }),
      machine: fc.constantFrom('x64' as const, 'x86' as const, 'arm64' as const),
    });
    fc.assert(
      fc.property(facts, (any) => {
        expect(faultsOf(describeBugCheck(any))).toEqual([]);
      }),
      { numRuns: 3000 },
    );
  });
});
