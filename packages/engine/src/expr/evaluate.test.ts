import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DebuggerError, Fault } from '../base/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';
import { evaluate, evaluateStart } from './evaluate.ts';
import type { EvaluationContext } from './evaluation-context.ts';

const bytes = Uint8Array.from([0x10, 0x20, 0x30, 0xff, 0x55, 0x66, 0x77, 0x88]);
const base = 0xfffff80000001000n;

const memory: VirtualMemory = {
  kind: 'blocks',
  tryRead: (va, length) => {
    const at = Number(va - base);
    return at >= 0 && at + length <= bytes.length
      ? bytes.subarray(at, at + length)
      : new Fault('not-in-dump', va);
  },
  tryReadU64: (va) => new Fault('not-in-dump', va),
  tryReadU32: (va) => new Fault('not-in-dump', va),
  nextCandidate: () => undefined,
};

const symbols: Readonly<Record<string, bigint>> = {
  nt: 0xfffff80000000000n,
  'nt!Foo': base,
  add: 0x77n,
  rax: 1n,
  x5: 6n,
  AL: 0x66n,
  'nt!A::B': 0x88n,
  "nt!`a'": 0x99n,
};

const context: EvaluationContext = {
  memory,
  pointerSize: 8,
  radix: 16,
  findRegister: (name) => ({ rax: 0x4f4f4f4f4f4f4f4fn, al: 0x4fn, $ip: 0x1234n, '.': 0x1234n, x5: 5n })[name],
  findSymbol: (name, anyCase = false) =>
    Object.entries(symbols).find(([each]) =>
      anyCase ? each.toLowerCase() === name.toLowerCase() : each === name,
    )?.[1],
  readPhysical: (pa, length) => (pa === 0x1000n ? bytes.subarray(0, length) : new Fault('not-in-dump', pa)),
  findEntryPoint: (image) => (image === 0xfffff80000000000n ? image + 0x40n : undefined),
};

const value = (text: string, changes: Partial<EvaluationContext> = {}) =>
  evaluate(text, { ...context, ...changes });

const complaint = (text: string): string => {
  try {
    return String(value(text));
  } catch (error) {
    return error instanceof DebuggerError ? `${error.code} ${error.message}` : 'no DebuggerError';
  }
};

describe('evaluate', () => {
  it.each([
    ['10', 0x10n],
    ['0n10', 10n],
    ['0t10', 8n],
    ['0y101', 5n],
    ['0x1f', 0x1fn],
    ['0x', 0n],
    ['0n', 0n],
    ['0y + 0t', 0n],
    ['1fh', 0x1fn],
    ['ah', 0xan],
    ['@al', 0x4fn],
    ['1`', 1n],
    ['1`1', 0x11n],
    ['1+2*3', 7n],
    ['(1+2)*3', 9n],
    ['1 + 2 * 3 / 4', 2n],
    ['8/3', 2n],
    ['8 mod 3', 2n],
    ['8%3', 2n],
    ['1<<4', 0x10n],
    ['1<<3+1', 0x10n],
    ['f0|f', 0xffn],
    ['f0 and f', 0n],
    ['F0 AND F0', 0xf0n],
    ['3 xor 1', 2n],
    ['1 or 2 and 3', 3n],
    ['4 or 2 xor 2', 4n],
    ['2 and 6 = 6', 0n],
    ['not 0', 1n],
    ['not 5', 0n],
    ['not 0 + 1', 2n],
    ['-1', 0xffff_ffff_ffff_ffffn],
    ['+-1', 0xffff_ffff_ffff_ffffn],
    ['--1', 1n],
    ['1--1', 2n],
    ['-1 >>> 4', 0xffff_ffff_ffff_ffffn],
    ['-1 >> 4', 0x0fff_ffff_ffff_ffffn],
    ['1 << 0n64', 0n],
    ['hi 12345678', 0x1234n],
    ['low 12345678', 0x5678n],
    ['2 == 2', 1n],
    ['3!=4', 1n],
    ['a!=b', 1n],
    ['1 < 2', 1n],
    ['-1 < 1', 0n],
    ['2 >= 2', 1n],
    ['@rax+8', 0x4f4f4f4f4f4f4f57n],
    ['rax', 0x4f4f4f4f4f4f4f4fn],
    ['RAX', 0x4f4f4f4f4f4f4f4fn],
    ['$ip', 0x1234n],
    ['@$ip', 0x1234n],
    ['.', 0x1234n],
    ['. + 1', 0x1235n],
    ['.+1', 0x1235n],
    ['nt!Foo+0x10', base + 0x10n],
    ['nt!A::B', 0x88n],
    ['NT!foo', base],
    ['al', 0x4fn],
    ['AL', 0x66n],
    ['nT', 0xfffff80000000000n],
    ['@!"nt!foO"+1', base + 1n],
    ["nt!`a'+1", 0x9an],
    ['`nt!Foo`', base],
    ['@!"nt!Foo"+1', base + 1n],
    ['nt', 0xfffff80000000000n],
    ['fffff800`00001000', base],
    ['by nt!Foo', 0x10n],
    ['wo nt!Foo', 0x2010n],
    ['dwo(nt!Foo)', 0xff302010n],
    ['qwo(nt!Foo)', 0x88776655ff302010n],
    ['poi(nt!Foo)', 0x88776655ff302010n],
    ['poi(nt!Foo)+1', 0x88776655ff302011n],
    ['poi nt!Foo+1', 0x88776655ff302011n],
    ['$pdwo(1000)', 0xff302010n],
    ['$ppoi 1000', 0x88776655ff302010n],
    ['$iment(nt)', 0xfffff80000000040n],
    ['$scmp("a","b")', 0xffff_ffff_ffff_ffffn],
    ['$scmp("b","a")', 1n],
    ['$scmp("A","a")', 0xffff_ffff_ffff_ffffn],
    ['$sicmp("Nt","nt") = 0', 1n],
    ['$spat("Driver.sys","d*.SYS")', 1n],
    ['$vvalid(nt!Foo, 8)', 1n],
    ['$vvalid(nt!Foo, 9)', 0n],
    ['$vvalid(0, 0)', 1n],
    ['@@masm(poi(nt!Foo)) & 0`ff', 0x10n],
  ])('%s', (text, expected) => expect(value(text)).toBe(expected));

  it('sign-extends 32-bit constants unless they hold a grave accent', () => {
    expect(value('EEAA1122')).toBe(0xffff_ffff_eeaa_1122n);
    expect(value('00000000EEAA1122')).toBe(0xffff_ffff_eeaa_1122n);
    expect(value('0`EEAA1122')).toBe(0xeeaa_1122n);
    expect(value('7fffffff')).toBe(0x7fff_ffffn);
    expect(value('0x0`FFFFFFFF & -1')).toBe(0xffff_ffffn);
  });

  it('reads 32 bits with poi on a 32-bit target, and extends them', () => {
    expect(value('poi(nt!Foo)', { pointerSize: 4 })).toBe(0xffff_ffff_ff30_2010n);
    expect(value('dwo(nt!Foo)', { pointerSize: 4 })).toBe(0xff30_2010n);
  });

  it('takes a word of hexadecimal digits for a number, and a symbol by its exclamation mark', () => {
    expect(value('add')).toBe(0xaddn);
    expect(value('!add')).toBe(0x77n);
    expect(value('abc')).toBe(0xabcn);
  });

  it('looks for symbols before registers that are not the common ones', () => {
    expect(value('x5')).toBe(6n);
    expect(value('@x5')).toBe(5n);
    expect(value('!rax')).toBe(1n);
  });

  it('reads numbers in the base that was set', () => {
    expect(value('10 + 0x10', { radix: 10 })).toBe(26n);
    expect(value('17 + 1fh', { radix: 8 })).toBe(0x2en);
    expect(() => value('8', { radix: 8 })).toThrow(DebuggerError);
    expect(value('add', { radix: 10 })).toBe(0x77n);
  });

  it.each([
    ['', "EXPRESSION_SYNTAX Numeric expression missing from '<EOL>'"],
    ['1+', "EXPRESSION_SYNTAX Numeric expression missing from '<EOL>'"],
    ['*1', "EXPRESSION_SYNTAX Numeric expression missing from '*1'"],
    ['1 && 2', "EXPRESSION_SYNTAX Numeric expression missing from '& 2'"],
    ['"x"', `EXPRESSION_SYNTAX Numeric expression missing from '"x"'`],
    ['foo+1', "NAME_UNKNOWN Couldn't resolve error at 'foo+1'"],
    ['nt!nothing', "NAME_UNKNOWN Couldn't resolve error at 'nt!nothing'"],
    ['!1', "NAME_UNKNOWN Couldn't resolve error at '!1'"],
    ['@nothing', "NAME_UNKNOWN Bad register error at '@nothing'"],
    ['(1', "EXPRESSION_SYNTAX Syntax error at '<EOL>'"],
    ['1)', "EXPRESSION_SYNTAX Extra character error at ')'"],
    ['1 2', "EXPRESSION_SYNTAX Extra character error at '2'"],
    ['0n1f', "EXPRESSION_SYNTAX Syntax error at '0n1f'"],
    ['12zz', "EXPRESSION_SYNTAX Syntax error at '12zz'"],
    ['0xffffffffffffffffff', "EXPRESSION_SYNTAX Overflow error at '0xffffffffffffffffff'"],
    ['1/0', "EXPRESSION_SYNTAX Operand error at '<EOL>': the division is by zero"],
    ['1 mod 0 ', "EXPRESSION_SYNTAX Operand error at '<EOL>': the division is by zero"],
    ['$scmp("a")', `EXPRESSION_SYNTAX Operand error at '$scmp("a")'`],
    ['$scmp(1,2)', `EXPRESSION_SYNTAX Operand error at '$scmp(1,2)'`],
    ['$vvalid(0)', "EXPRESSION_SYNTAX Operand error at '$vvalid(0)'"],
    ['$vvalid(0,20000000)', 'RANGE_TOO_LARGE $vvalid looks through at most 0x10000000 bytes'],
    ['$iment(0)', 'MEMORY_UNREADABLE no image with headers was found at 0'],
    [
      '$fnsucc(nt,0,0)',
      'COMMAND_NOT_HERE $fnsucc needs the return types of functions, which are not read here',
    ],
    ['@@masm(1', "EXPRESSION_SYNTAX Syntax error at '<EOL>'"],
    ['@@(1)', "COMMAND_NOT_HERE C++ expressions are not evaluated here: '@@(1)'"],
    ['@@c++(1)', "COMMAND_NOT_HERE C++ expressions are not evaluated here: '@@c++(1)'"],
    [
      'poi 0',
      "MEMORY_UNREADABLE Memory access error at 'poi 0': 00000000`00000000 could not be read: the bytes are not in this dump",
    ],
    [
      '$pby 0',
      "MEMORY_UNREADABLE Memory access error at '$pby 0': 0 could not be read: the bytes are not in this dump",
    ],
  ])('complains about %s', (text, expected) => expect(complaint(text)).toBe(expected));

  it('says that a dump without physical memory has none', () => {
    const { readPhysical: _, ...without } = context;
    expect(() => evaluate('$pby 1000', without)).toThrow('this dump holds no physical memory');
  });

  it('refuses nesting without end, and takes length', () => {
    expect(() => value('('.repeat(100_000))).toThrow(DebuggerError);
    expect(() => value('-'.repeat(100_000))).toThrow(DebuggerError);
    expect(value(`0${'+1'.repeat(100_000)}`)).toBe(100_000n);
  });
});

describe('expressions of C++ inside', () => {
  const asked: string[] = [];
  const evaluateCpp = (text: string): bigint => {
    asked.push(text);
    return text === '-1' ? -1n : BigInt(text.length);
  };

  it.each([
    ['@@c++(sizeof(nt!_X)) + 1', 0xen, 'sizeof(nt!_X)'],
    ['@@(-1)', 0xffff_ffff_ffff_ffffn, '-1'],
    ["2 * @@C++(a == ')' || (b))", 0x1en, "a == ')' || (b)"],
    // What stands inside is not cut by the rules of MASM.
    ['@@c++(0xffffffffffffffffff)', 20n, '0xffffffffffffffffff'],
    ['@@masm(@@c++(abc) + @@c++(de))', 5n, 'de'],
  ])('%s', (text, expected, inside) => {
    expect(value(text, { evaluateCpp })).toBe(expected);
    expect(asked.at(-1)).toBe(inside);
  });

  it('must be closed', () => {
    expect(() => value('1 + @@c++((2)', { evaluateCpp })).toThrow(/^Syntax error at '@@c\+\+\(\(2\)'/);
  });
});

describe('evaluateStart', () => {
  it.each([
    ['nt!Foo L8', base, 'L8'],
    ['nt!Foo+10 20', base + 0x10n, '20'],
    ['1000L8', 0x1000n, 'L8'],
    ['0x1000l8', 0x1000n, 'l8'],
    ['@rax, @rip', 0x4f4f4f4f4f4f4f4fn, ', @rip'],
    ['nt "None"', 0xfffff80000000000n, '"None"'],
    ['(1 + 2 ) 4e 6f', 3n, '4e 6f'],
    ['nt [l4]', 0xfffff80000000000n, '[l4]'],
    ['1000 -8', 0xff8n, ''],
    ['add L10', 0xaddn, 'L10'],
  ])('%s', (text, expected, rest) => {
    const { value: found, length } = evaluateStart(text, context);
    expect(found).toBe(expected);
    expect(text.slice(length)).toBe(rest);
  });
});

/** An expression and its value by the plain meaning of its operators. */
interface Known {
  readonly text: string;
  readonly value: bigint;
}

const mask = 0xffff_ffff_ffff_ffffn;
const operators: readonly (readonly [string, (a: bigint, b: bigint) => bigint])[] = [
  ['+', (a, b) => (a + b) & mask],
  ['-', (a, b) => (a - b) & mask],
  ['*', (a, b) => (a * b) & mask],
  ['&', (a, b) => a & b],
  [' or ', (a, b) => a | b],
  ['^', (a, b) => a ^ b],
  ['==', (a, b) => (a === b ? 1n : 0n)],
  ['<', (a, b) => (a < b ? 1n : 0n)],
];

const known = fc.letrec<{ node: Known; leaf: Known; pair: Known }>((tie) => ({
  node: fc.oneof({ maxDepth: 6 }, tie('leaf'), tie('pair')),
  leaf: fc.bigInt(0n, mask).map((number) => ({
    text: `0x${(number >> 32n).toString(16)}\`${(number & 0xffff_ffffn).toString(16).padStart(8, '0')}`,
    value: number,
  })),
  pair: fc
    .tuple(tie('node'), fc.constantFrom(...operators), tie('node'))
    .map(([left, [operator, apply], right]) => ({
      text: `(${left.text}${operator}${right.text})`,
      value: apply(left.value, right.value),
    })),
})).node;

describe('any expression', () => {
  it('has the value of its parts', () => {
    fc.assert(
      fc.property(known, ({ text, value: expected }) => {
        expect(value(text)).toBe(expected);
      }),
    );
  });

  it('means the same without parentheses where precedence says so', () => {
    const rows = [['|'], ['^'], ['&'], ['=', '<', '>'], ['<<', '>>'], ['+', '-'], ['*', '%']];
    const number = fc.integer({ min: 1, max: 40 }).map((each) => each.toString(16));
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: rows.length - 1 }),
        fc.integer({ min: 0, max: rows.length - 1 }),
        fc.tuple(number, number, number),
        fc.nat(2),
        fc.nat(2),
        (first, second, [a, b, c], one, two) => {
          const left = rows[first]![one % rows[first]!.length]!;
          const right = rows[second]![two % rows[second]!.length]!;
          const grouped = second > first ? `${a}${left}(${b}${right}${c})` : `(${a}${left}${b})${right}${c}`;
          expect(complaint(`${a}${left}${b}${right}${c}`).replace(/'.*/, '')).toBe(
            complaint(grouped).replace(/'.*/, ''),
          );
        },
      ),
    );
  });

  it('ends with a value or a DebuggerError', () => {
    const unit = fc.constantFrom(
      ...'0123456789abcdefxnty()+-*/<>=&|^~@$.!`"\' ,lLh',
      'poi',
      'wo',
      'rnt',
      '$scmp',
      '@@',
    );
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        expect(complaint(text)).not.toBe('no DebuggerError');
        const { length } = startOf(text);
        expect(length).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 2000 },
    );
  });

  function startOf(text: string): { length: number } {
    try {
      return evaluateStart(text, context);
    } catch (error) {
      expect(error).toBeInstanceOf(DebuggerError);
      return { length: 0 };
    }
  }
});
