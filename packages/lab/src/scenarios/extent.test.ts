import type { Va } from '@poolscope/engine/base';
import { describe, expect, it } from 'vitest';
import type { DumpContents } from '../dump-contents.ts';
import type { Machine } from '../machine/machine.ts';
import type { TrueBlock } from '../pool/index.ts';
import { showsExtent } from './extent.ts';

const [first, size, unit] = [0xffff_8000_0100_0000n, 0x60, 0x10];
const everything: DumpContents = { holds: () => true };
const noise = (seed: number, length: number): number[] =>
  Array.from({ length }, (_, at) => ((seed + at) * 167 + ((seed * at) % 97)) & 0xff);
const letters = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));

/** Blocks side by side; only what is asked of a machine is there. */
class Blocks {
  readonly #memory: Uint8Array;
  readonly #blocks: TrueBlock[];

  constructor(contents: readonly (readonly number[])[]) {
    this.#memory = new Uint8Array(contents.length * size);
    this.#blocks = contents.map((bytes, index) => {
      this.#memory.set(bytes, index * size + unit);
      const header = first + BigInt(index * size);
      const block = { header, address: header + BigInt(unit), size, tag: 0x6261_6461, state: 'allocated' };
      return block as unknown as TrueBlock;
    });
  }

  /** Is the extent of damage seen that begins at an offset in the data of the first block? */
  shows(at: number, length: number, pattern: 'text' | 'mixed' = 'mixed'): boolean {
    const machine = {
      truth: { pool: { blocks: this.#blocks } },
      bugCheck: { code: 0x3b, parameters: [] },
      space: { read: (va: Va, count: number) => this.#read(va, count) },
    };
    const start = first + BigInt(unit + at);
    return showsExtent(machine as unknown as Machine, everything, { start, length, pattern });
  }

  #read(va: Va, count: number): Uint8Array {
    const at = Number(va - first);
    return this.#memory.slice(at, at + count);
  }
}

const room = size - unit;

describe('where damage begins and ends', () => {
  it('is seen at the ends of a block', () => {
    expect(new Blocks([noise(3, room)]).shows(0, room)).toBe(true);
  });

  it('is not seen among data without order', () => {
    expect(new Blocks([noise(3, room)]).shows(0, 0x20)).toBe(false);
    expect(new Blocks([noise(3, room)]).shows(0x10, room - 0x10)).toBe(false);
  });

  it('is seen where a text ends in front of zeros, and not where it ends among letters or noise', () => {
    const text = letters('a text of some length, for once');
    expect(new Blocks([text]).shows(0, text.length)).toBe(true);
    expect(new Blocks([text]).shows(0, 0x10)).toBe(false);
    expect(new Blocks([[...text, 0x80, 0x41, 0x99, 0x42]]).shows(0, text.length)).toBe(false);
    expect(new Blocks([[...text, 0]]).shows(0, text.length + 1, 'text')).toBe(true);
  });

  it('is seen where the bytes stand in a buffer that ends with them, not in one that goes on', () => {
    const written = noise(3, 0x20);
    const spoilt = [...written, ...noise(91, room - 0x20)];
    const atEnd = [...noise(7, room - 0x20), ...written];
    const inside = [...noise(7, 0x10), ...written, ...noise(5, room - 0x30)];
    expect(new Blocks([spoilt, atEnd]).shows(0, 0x20)).toBe(true);
    expect(new Blocks([spoilt, inside]).shows(0, 0x20)).toBe(false);
  });

  it('is seen where bytes that all blocks with the tag have in common are spoilt on one side only', () => {
    const usual = (seed: number): number[] =>
      Array.from({ length: room }, (_, at) => (at < 0x30 && at % 8 < 4 ? 0 : seed * 31 + at) & 0xff);
    const spoilt = usual(1);
    spoilt.splice(0, 0x1a, ...noise(3, 0x1a).map((byte) => byte | 1));
    expect(new Blocks([spoilt, ...[2, 3, 4, 5, 6, 7].map(usual)]).shows(0, 0x1a)).toBe(true);
    expect(new Blocks([spoilt, ...[2, 3, 4, 5, 6].map(usual)]).shows(0, 0x1a)).toBe(false);
  });
});
