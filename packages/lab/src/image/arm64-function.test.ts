import { describe, expect, it } from 'vitest';
import { addressOf, callImport, load, nop } from './arm64-code.ts';
import { arm64Function, arm64TrapHandler } from './arm64-function.ts';
import type { CodePlace, Instruction } from './code.ts';
import type { FunctionSpec } from './image-spec.ts';

const place: CodePlace = { base: 0n, rva: 0x1ff8, rvaOf: () => 0x6148 };

const words = (code: readonly Instruction[]): string[] =>
  code.map((instruction) => {
    const bytes = instruction.encode(place);
    return new DataView(bytes.buffer).getUint32(0, true).toString(16).padStart(8, '0');
  });

const record = ({ unwind }: FunctionSpec): string =>
  [...unwind!.encode()].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

describe('functions of arm64', () => {
  const spec = arm64Function('f', { frame: 0x40, pairs: [19, 21], locals: 0xa0 }, [nop()]);

  it('have a prolog and an epilog that mirrors it', () => {
    // As LLVM reads them: stp x29,x30,[sp,#-64]!; mov x29,sp; stp x19,x20,[sp,#16]; stp x21,x22,[sp,#32]; sub sp,sp,#160; nop;
    // add sp,sp,#160; ldp x21,x22,[sp,#32]; ldp x19,x20,[sp,#16]; mov sp,x29; ldp x29,x30,[sp],#64; ret
    expect(words(spec.code)).toEqual([
      ...['a9bc7bfd', '910003fd', 'a90153f3', 'a9025bf5', 'd10283ff', 'd503201f'],
      ...['910283ff', 'a9425bf5', 'a94153f3', '910003bf', 'a8c47bfd', 'd65f03c0'],
    ]);
  });

  it('have unwind codes for both', () => {
    // 12 instructions, single epilog at the end (E), two words of codes: alloc 160, pairs, set fp, stp fp, end.
    expect(record(spec)).toBe('0c 00 20 10 0a c8 84 c8 02 e1 87 e4');
  });

  it('have no epilog codes when they do not return', () => {
    const endless = arm64Function('g', {}, [nop()], { noEpilog: true });
    expect(record(endless)).toBe('03 00 00 08 e1 81 e4 e4');
  });

  it('say large allocations in two bytes', () => {
    expect(record(arm64Function('h', { locals: 0x400 }, [nop()]))).toBe(
      '08 00 20 10 c0 40 e1 81 e4 e4 e4 e4',
    );
  });

  it('have a machine frame when they handle traps', () => {
    expect(record(arm64TrapHandler('t', [nop()]))).toBe('06 00 20 08 e1 a3 e9 e4');
  });
});

describe('addresses on arm64', () => {
  it('are made of page and offset', () => {
    // adrp x8,#0x5000 further (page of 6148 less page of 1ff8); add x8,x8,#0x148
    expect(words(addressOf(8, 'v'))).toEqual(['b0000028', '91052108']);
  });

  it('lead to import slots', () => {
    expect(words(callImport('nt!f'))).toEqual(['b0000028', 'f940a508', 'd63f0100']);
    expect(words([load(9, 8, 8)])).toEqual(['f9400509']);
  });
});
