import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numberFormats } from './number-formats.ts';

describe('numberFormats', () => {
  it('shows all 64 bits on 64-bit targets', () => {
    expect(numberFormats(0x57724231n, 8)).toEqual({
      hex: '00000000`57724231',
      decimal: '1467105841',
      unsigned: '1467105841',
      octal: '0000000000012734441061',
      binary: '00000000 00000000 00000000 00000000 01010111 01110010 01000010 00110001',
      chars: '....WrB1',
      time: 'Tue Jun 28 09:24:01 2016',
      float: { low: '2.66366e+014', high: '0' },
      double: '7.24847e-315',
    });
  });

  it('shows 32 bits of narrow values on 32-bit targets, and the floats of all 64', () => {
    expect(numberFormats(0xffff_ffff_8001_0033n, 4)).toEqual({
      hex: '80010033',
      decimal: '-2147418061',
      unsigned: '2147549235',
      octal: '20000200063',
      binary: '10000000 00000001 00000000 00110011',
      chars: '...3',
      time: undefined,
      float: { low: '-9.1907e-041', high: '-1.#QNAN' },
      double: '-1.#QNAN',
    });
    expect(numberFormats(0x1_0000_0000n, 4).hex).toBe('00000001`00000000');
  });

  it('reads times as seconds since 1970 or as FILETIME', () => {
    expect(numberFormats(0n, 8).time).toBe('Thu Jan  1 00:00:00 1970');
    expect(numberFormats(0x7fff_ffffn, 8).time).toBe('Tue Jan 19 03:14:07 2038');
    expect(numberFormats(0x8005_0031n, 8).time).toBeUndefined();
    expect(numberFormats(0x01d9_5657_0c9e_4e00n, 8).time).toMatch(/^Tue Mar 14 .* 2023 \(UTC \+ 0:00\)$/);
    expect(numberFormats(0x7fff_ffff_ffff_ffffn, 8).time).toBe('Thu Sep 14 02:48:05.477 30828 (UTC + 0:00)');
    expect(numberFormats(1n << 32n, 8).time).toBe('Mon Jan  1 00:07:09.496 1601 (UTC + 0:00)');
    expect(numberFormats(1n << 63n, 8).time).toBeUndefined();
  });

  it('says the same number in every base', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 64n) - 1n), fc.constantFrom(4 as const, 8 as const), (value, size) => {
        const { hex, unsigned, octal, binary, decimal } = numberFormats(value, size);
        const shown = BigInt(`0x${hex.replace('`', '')}`);
        expect([BigInt(unsigned), BigInt(`0o${octal}`), BigInt(`0b${binary.replaceAll(' ', '')}`)]).toEqual([
          shown,
          shown,
          shown,
        ]);
        expect(BigInt.asUintN(64, BigInt(decimal))).toBe(value);
        expect([shown, BigInt.asUintN(64, BigInt.asIntN(32, shown))]).toContain(value);
      }),
    );
  });
});
