import { expect, it } from 'vitest';
import { jsonText } from './json-text.ts';

it('writes one line without what ends a line or is an order to a terminal, and loses nothing', () => {
  const value = { tag: 'a\u0085b\u009b2J\u2028\u2029\u007f\r\n', other: 'ä€\u{1f600}' };
  const text = jsonText(value);
  const codes = Array.from(text.slice(0, -1), (character) => character.charCodeAt(0));
  expect(codes.filter((code) => code < 0x20 || (code >= 0x7f && code < 0xa0))).toEqual([]);
  expect(codes).not.toContain(0x2028);
  expect(codes).not.toContain(0x2029);
  expect(text).toContain('ä€\u{1f600}');
  expect(JSON.parse(text)).toEqual(value);
  expect(JSON.parse(jsonText(value, 2))).toEqual(value);
});
