import { describe, expect, it } from 'vitest';
import { jsonValue } from './json-value.ts';

describe('data as JSON', () => {
  it('writes what JSON has not', () => {
    const data = {
      a: 0xffff_8000_0000_0000n,
      b: -1n,
      c: new Uint8Array([0, 255]),
      d: new Map([[1n, 2]]),
      e: undefined,
    };
    expect(jsonValue(data)).toStrictEqual({
      value: { a: '0xffff800000000000', b: '-0x1', c: '00ff', d: { '0x1': 2 } },
      isWhole: true,
    });
    expect(jsonValue([new Set([1]), () => 1, Number.NaN]).value).toStrictEqual([[1], null, null]);
  });

  it('ends where a value is in itself', () => {
    const data: Record<string, unknown> = { name: 'loop' };
    data['self'] = data;
    expect(jsonValue(data)).toStrictEqual({ value: { name: 'loop', self: null }, isWhole: false });
  });

  it('ends at its limits', () => {
    const { value, isWhole } = jsonValue(new Array(100).fill(1), { values: 10, depth: 4 });
    expect([(value as unknown[]).length, isWhole]).toStrictEqual([9, false]);
    expect(jsonValue(new Uint8Array(100), { values: 10, depth: 4 })).toMatchObject({ isWhole: false });
    expect(jsonValue([[[[[[1]]]]]], { values: 100, depth: 3 }).isWhole).toBe(false);
  });

  it('shows a shared value twice', () => {
    const shared = { x: 1 };
    expect(jsonValue([shared, shared])).toStrictEqual({ value: [{ x: 1 }, { x: 1 }], isWhole: true });
  });
});
