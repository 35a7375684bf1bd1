import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runFrameProgram } from './frame-program.ts';

const words = new Map([
  [0x1000, 0x2000],
  [0x1004, 0x8210_0500],
  [0x0ff8, 0x77],
]);
const registers: Readonly<Record<string, number>> = {
  $ebp: 0x1000,
  $esp: 0xf00,
  '.raSearch': 0x1004,
  '.cbLocals': 8,
};
const run = (program: string): Record<string, number> | undefined => {
  const set = runFrameProgram(program, {
    valueOf: (name) => registers[name],
    read: (address) => words.get(address),
  });
  return set === undefined ? undefined : Object.fromEntries(set);
};

describe('frame data programs', () => {
  it('U-47 follow a frame record', () => {
    const program = '$T0 $ebp = $eip $T0 4 + ^ = $ebp $T0 ^ = $esp $T0 8 + =  $20 $T0 8 - ^ = ';
    expect(run(program)).toEqual({ $T0: 0x1000, $eip: 0x8210_0500, $ebp: 0x2000, $esp: 0x1008, $20: 0x77 });
  });

  it('U-47 use the place of the return address', () => {
    expect(run('$T0 .raSearch = $eip $T0 ^ = $esp $T0 4 + = ')).toEqual({
      $T0: 0x1004,
      $eip: 0x8210_0500,
      $esp: 0x1008,
    });
  });

  it.each([
    ['round down to a multiple', '$T0 $esp 13 + 8 @ =', 0xf08],
    ['subtract within 32 bits', '$T0 0 4 - =', 0xffff_fffc],
    ['multiply within 32 bits', '$T0 65537 65537 * =', 0x2_0001],
    ['divide', '$T0 17 5 / 17 5 % + =', 5],
    ['read numbers as decimal', '$T0 10 =', 10],
    ['know sizes of the frame', '$T0 $esp .cbLocals + =', 0xf08],
    ['assign what was assigned', '$T1 7 = $T0 $T1 =', 7],
  ])('U-47 %s', (_, program, value) => {
    expect(run(program)?.['$T0']).toBe(value);
  });

  it.each(['__proto__', 'constructor', 'toString'])('U-47 have no operator %s', (word) => {
    expect(run(`$T0 1 2 ${word} =`)).toBeUndefined();
  });

  it('U-47 say of what comes out of unknown words and registers that it is not known, and of the rest what it is', () => {
    expect(run('$T0 $ebp = $23 $T0 100 - ^ = $24 $edi 4 + = $esp $T0 8 + =')).toEqual({
      $T0: 0x1000,
      $23: Number.NaN,
      $24: Number.NaN,
      $esp: 0x1008,
    });
    expect(run('$T0 1 0 / = $T1 1 0 @ = $T2 $edi 2 * = $T3 $edi ^ =')).toEqual({
      ...{ $T0: Number.NaN, $T1: Number.NaN, $T2: Number.NaN, $T3: Number.NaN },
    });
  });

  it.each([
    '=',
    '$T0 =',
    '4 5 =',
    '$T0 4 5',
    '+',
    '$T0 4 ?',
    '$T0 4 & =',
    '^',
    '$T0 99999999999 =',
    'T0 4 =',
  ])('U-47 that are none give nothing: %s', (program) => {
    expect(run(program)).toBeUndefined();
  });

  it('U-47 are cut off where no compiler writes so many words', () => {
    expect(run('$T0 1 = '.repeat(85))).toEqual({ $T0: 1 });
    expect(run('$T0 1 = '.repeat(86))).toBeUndefined();
  });

  it('U-47 of any words end, and set numbers of 32 bits', () => {
    const word = fc.constantFrom(
      '$T0',
      '$ebp',
      '.raSearch',
      '$x',
      '4',
      '4294967295',
      '+',
      '-',
      '*',
      '/',
      '%',
      '@',
      '^',
      '=',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (program) => {
        for (const value of Object.values(run(program.join(' ')) ?? {}))
          expect(Number.isNaN(value) || (value >= 0 && value <= 0xffff_ffff && Number.isInteger(value))).toBe(
            true,
          );
      }),
    );
  });
});
