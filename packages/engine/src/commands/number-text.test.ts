import { describe, expect, it } from 'vitest';
import { numberText } from './number-text.ts';
import { sizeText } from './size-text.ts';

/** Expected values are what printf of C gives for %.8g. */
describe('numberText', () => {
  it.each([
    [0, '0'],
    [-0, '-0'],
    [255, '255'],
    [0.5, '0.5'],
    [1e-4, '0.0001'],
    [1e-5, '1e-05'],
    [123456789, '1.2345679e+08'],
    [12345678, '12345678'],
    [99999999.6, '1e+08'],
    [1.5e300, '1.5e+300'],
    [-2.5, '-2.5'],
    [1 / 3, '0.33333333'],
    [Number.NaN, 'nan'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
  ])('%d', (value, text) => {
    expect(numberText(value, 8)).toBe(text);
  });
});

describe('sizeText', () => {
  it.each([
    [1n, '1 byte'],
    [4096n, '4096 bytes'],
    [(1n << 20n) - 1n, '1048575 bytes'],
    [1n << 20n, '1.0 MB'],
    [(3n << 29n) + 1n, '1.5 GB'],
    [1n << 47n, '128.0 TB'],
    [1n << 64n, '16.0 EB'],
  ])('%d', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });
});
