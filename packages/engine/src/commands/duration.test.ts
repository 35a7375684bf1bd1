import { expect, test } from 'vitest';
import { agoText, durationText, idText, ticksText } from './duration.ts';

const second = 10_000_000n;

test('times in the debugger’s form', () => {
  expect(durationText(0n)).toBe('00:00:00.000');
  expect(durationText(second + 460_000n)).toBe('00:00:01.046');
  expect(durationText(86_399n * second + 9_999_999n)).toBe('23:59:59.999');
  expect(durationText(86_400n * second)).toBe('1 Day 00:00:00.000');
  expect(durationText(25n * 86_400n * second + 3661n * second)).toBe('25 Days 01:01:01.000');
});

test('clock ticks as times, or as what they are', () => {
  expect(ticksText(67, 156_250)).toBe('00:00:01.046');
  expect(ticksText(1, undefined)).toBe('1 tick (how long one is, this dump does not tell)');
  expect(ticksText(2, undefined)).toBe('2 ticks (how long one is, this dump does not tell)');
  expect(agoText(38, 156_250)).toBe('0:00:00:00.593');
  expect(agoText(5_529_600 + 64, 156_250)).toBe('1:00:00:01.000');
});

test('IDs of at least four digits', () => {
  expect(idText(4n)).toBe('0004');
  expect(idText(0x1a4c0n)).toBe('1a4c0');
  expect(idText(undefined)).toBe('????');
});
