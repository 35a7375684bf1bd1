import { expect, it } from 'vitest';
import { screenColumns } from './screen-columns.ts';

it('takes COLUMNS first, then what the terminal has', () => {
  const terminal = { isTTY: true, columns: 72 };
  expect(screenColumns(terminal, '60')).toBe(60);
  expect(screenColumns(terminal, undefined)).toBe(72);
  expect(screenColumns({ columns: 72 }, '60')).toBe(60);
});

it.each(['', '0', '-5', 'wide', '1e9', '999999'])('does not believe COLUMNS=%s', (said) => {
  expect(screenColumns({ isTTY: true, columns: 72 }, said)).toBe(72);
  expect(screenColumns({}, said)).toBeUndefined();
});

it('knows nothing of pipes, nor of terminals that do not tell', () => {
  expect(screenColumns({ isTTY: false, columns: 72 }, '')).toBeUndefined();
  expect(screenColumns({ isTTY: true, columns: 0 }, '')).toBeUndefined();
});
