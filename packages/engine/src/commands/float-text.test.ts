import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { doubleText, extendedText, floatText } from './float-text.ts';

describe('floatText', () => {
  it.each([
    [0x1c407e62, '6.36908e-022'],
    [0x3f8ccccd, '1.1'],
    [0x57724231, '2.66366e+014'],
    [0x80000001, '-1.4013e-045'],
    [0x49742400, '1e+006'],
    [0x49742390, '999993'],
    [0x38d1b717, '0.0001'],
    [0x3727c5ac, '1e-005'],
    [0, '0'],
    [0x80000000, '-0'],
    [0x7f800000, '1.#INF'],
    [0xff800000, '-1.#INF'],
    [0xfffff805, '-1.#QNAN'],
    [0xffc00000, '-1.#IND'],
    [0x7fc00000, '1.#QNAN'],
  ])('%i is %s', (bits, text) => expect(floatText(bits)).toBe(text));
});

describe('doubleText', () => {
  it.each([
    [0x4014666666666666n, '5.1'],
    [0x74536d4d03880000n, '2.22547e+252'],
    [0x1c407e62n, '2.34182e-315'],
    [0xfffff8052e3ff090n, '-1.#QNAN'],
    [0xfff0000000000000n, '-1.#INF'],
    [0xfff8000000000000n, '-1.#IND'],
  ])('%i is %s', (bits, text) => expect(doubleText(bits)).toBe(text));

  it('says any number to six digits', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        const view = new DataView(new ArrayBuffer(8));
        view.setFloat64(0, number);
        const text = doubleText(view.getBigUint64(0));
        expect(Number(text)).toBe(Object.is(number, -0) ? -0 : Number(number.toPrecision(6)));
      }),
    );
  });
});

/** Bits of a double as an x87 register holds it. */
function extended(number: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, number);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  if (exponent === 0 && fraction === 0n) return (bits >> 63n) << 79n;
  // A number without the hidden one is shifted until its first bit is in front.
  const significand = exponent === 0 ? fraction : fraction | (1n << 52n);
  const shift = 64 - significand.toString(2).length;
  const power = Math.max(exponent, 1) - 1023 - 52 - shift + 63;
  return ((bits >> 63n) << 79n) | (BigInt(power + 16383) << 64n) | (significand << BigInt(shift));
}

describe('extendedText', () => {
  it.each([
    [0n, ' 0.000000000000000000000e+0000'],
    [0x3fff_8000000000000000n, ' 1.000000000000000000000e+0000'],
    [0xc000_8000000000000000n, '-2.000000000000000000000e+0000'],
    [0x4000_c90fdaa22168c235n, ' 3.141592653589793238513e+0000'],
    [0x7ffe_ffffffffffffffffn, ' 1.189731495357231765021e+4932'],
    [0x0000_0000000000000001n, ' 3.645199531882474602528e-4951'],
    [0x7fff_8000000000000000n, ' 1.#INF00000000000000000e+0000'],
    [0xffff_c000000000000000n, '-1.#IND00000000000000000e+0000'],
    [0xffff_c000000000000001n, '-1.#QNAN0000000000000000e+0000'],
  ])('%i', (bits, text) => expect(extendedText(bits)).toBe(text));

  it('says any double exactly', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        // oxlint-disable-next-line oxc/number-arg-out-of-range -- up to 100 digits since ES2018
        const [digits, exponent] = Math.abs(number).toExponential(21).split('e') as [string, string];
        const sign = number < 0 || Object.is(number, -0) ? '-' : ' ';
        const power = `${exponent[0]}${exponent.slice(1).padStart(4, '0')}`;
        expect(extendedText(extended(number))).toBe(`${sign}${digits}e${power}`);
      }),
    );
  });
});
