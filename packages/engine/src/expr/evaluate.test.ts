import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DebuggerError, Fault } from '../base/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';
import { type EvaluationContext, evaluate } from './evaluate.ts';

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

const context: EvaluationContext = {
  memory,
  pointerSize: 8,
  radix: 16,
  findRegister: (name) => ({ rax: 0x4f4f4f4f4f4f4f4fn, $ip: 0x1234n, '.': 0x1234n })[name],
  findSymbol: (name) => ({ nt: 0xfffff80000000000n, 'nt!Foo': base, add: 0x77n })[name],
};

const value = (text: string) => evaluate(text, context);

describe('evaluate', () => {
  it.each([
    ['10', 0x10n],
    ['0n10', 10n],
    ['0t10', 8n],
    ['0y101', 5n],
    ['0x1f', 0x1fn],
    ['1fh', 0x1fn],
    ['1+2*3', 7n],
    ['(1+2)*3', 9n],
    ['8/3', 2n],
    ['8 mod 3', 2n],
    ['1<<4', 0x10n],
    ['f0|f', 0xffn],
    ['f0 and f', 0n],
    ['3 xor 1', 2n],
    ['not 0', 1n],
    ['-1', 0xffff_ffff_ffff_ffffn],
    ['-1 >>> 4', 0xffff_ffff_ffff_ffffn],
    ['-1 >> 4', 0x0fff_ffff_ffff_ffffn],
    ['hi 12345678', 0x1234n],
    ['low 12345678', 0x5678n],
    ['2 == 2', 1n],
    ['3!=4', 1n],
    ['1 < 2', 1n],
    ['@rax+8', 0x4f4f4f4f4f4f4f57n],
    ['rax', 0x4f4f4f4f4f4f4f4fn],
    ['$ip', 0x1234n],
    ['.', 0x1234n],
    ['nt!Foo+0x10', base + 0x10n],
    ['nt', 0xfffff80000000000n],
    ['fffff800`00001000', base],
    ['by nt!Foo', 0x10n],
    ['wo nt!Foo', 0x2010n],
    ['dwo(nt!Foo)', 0xff302010n],
    ['poi(nt!Foo)', 0x88776655ff302010n],
    ['poi(nt!Foo)+1', 0x88776655ff302011n],
  ])('%s', (text, expected) => expect(value(text)).toBe(expected));

  it('sign-extends 32-bit constants unless they hold a grave accent', () => {
    expect(value('EEAA1122')).toBe(0xffff_ffff_eeaa_1122n);
    expect(value('00000000EEAA1122')).toBe(0xffff_ffff_eeaa_1122n);
    expect(value('0`EEAA1122')).toBe(0xeeaa_1122n);
    expect(value('7fffffff')).toBe(0x7fff_ffffn);
  });

  it('prefers a symbol to a word of hexadecimal digits', () => {
    expect(value('add')).toBe(0x77n);
    expect(value('abc')).toBe(0xabcn);
  });

  it.each(['', '0xffffffffffffffffff', '1+', '(1', '1)', 'foo', '0n1f', '@nothing', '1/0', '1 2', '"x"'])(
    'refuses %s',
    (text) => {
      expect(() => value(text)).toThrow(DebuggerError);
    },
  );

  it('says which memory is missing', () => {
    expect(() => value('poi 0')).toThrow('memory at 00000000`00000000 could not be read');
  });

  it('ends on any text with a value or a DebuggerError', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'0123456789abcdefxnty()+-*/<>=&|^~@$.!` poi wornt') }),
        (text) => {
          try {
            expect(value(text)).toBeTypeOf('bigint');
          } catch (error) {
            expect(error).toBeInstanceOf(DebuggerError);
          }
        },
      ),
    );
  });

  it('refuses nesting without end', () => {
    expect(() => value('('.repeat(100_000))).toThrow(DebuggerError);
    expect(() => value('-'.repeat(100_000))).toThrow(DebuggerError);
  });
});
