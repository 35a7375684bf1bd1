import { describe, expect, it } from 'vitest';
import { cellsOf, readInventoryText } from './inventory-text.ts';

async function* linesOf(text: string): AsyncGenerator<string> {
  yield* text.split('\n');
}
const read = (text: string) => readInventoryText(linesOf(text));

describe('an inventory', () => {
  it('has a line for each driver of each machine, in columns of any order', async () => {
    const text =
      '\uFEFF"Driver","Machine","Version"\nC:\\Windows\\A.SYS,pc1,5F000000-1000\n\nb,"pc ""2"", old",10.0.1\nb,pc1,';
    expect(await read(text)).toEqual([
      {
        machine: 'pc1',
        drivers: [
          { module: 'a.sys', version: '5f000000-1000' },
          { module: 'b.sys', version: null },
        ],
      },
      { machine: 'pc "2", old', drivers: [{ module: 'b.sys', version: null }] },
    ]);
  });

  it.each([
    ['', /names no machine/],
    ['machine,driver', /names no machine/],
    ['host,driver\npc1,a.sys', /does not name the columns/],
  ])('%j is none', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });

  it('may have empty cells', () => {
    expect(cellsOf('a,,"b",')).toEqual(['a', '', 'b', '']);
    expect(cellsOf(',a')).toEqual(['', 'a']);
  });
});
