import { describe, expect, it } from 'vitest';
import { DebuggerError, type Va } from '../base/index.ts';
import { BlockCache, BufferSource } from '../io/index.ts';
import { BlockMemory } from '../mmu/index.ts';
import { readPointers, readReferences } from './pointers.ts';
import { readCountedString, readText } from './texts.ts';

const base = 0xffff_ffff_8000_1000n;

function memoryOf(fill: (view: DataView, bytes: Uint8Array) => void, size = 0x200): BlockMemory {
  const bytes = new Uint8Array(size);
  fill(new DataView(bytes.buffer), bytes);
  return new BlockMemory(new BlockCache(new BufferSource(bytes)), [
    { kind: 'stack', va: base, size, offset: 0 },
  ]);
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const wide = (text: string): Uint8Array => Uint8Array.from([...ascii(text)].flatMap((code) => [code, 0]));
const names = { nameOf: (va: Va) => (va === base ? 'here' : undefined) };

describe('readPointers', () => {
  it('names what pointers lead to, 4-byte ones sign-extended', () => {
    const memory = memoryOf((view) => {
      view.setBigUint64(0, base, true);
      view.setUint32(8, Number(base & 0xffff_ffffn), true);
    });
    expect(readPointers(memory, names, base, 1, 8)).toEqual([{ address: base, value: base, symbol: 'here' }]);
    expect(readPointers(memory, names, base + 8n, 1, 4)).toEqual([
      { address: base + 8n, value: 0x8000_1000n, symbol: 'here' },
    ]);
  });

  it('has no value where a byte is missing', () => {
    const memory = memoryOf(() => {}, 12);
    expect(readPointers(memory, names, base, 2, 8).map(({ value }) => value)).toEqual([0n, undefined]);
  });
});

describe('readReferences', () => {
  const memory = memoryOf((view, bytes) => {
    [0x40, 0x80, 0xc0, 0x4000].forEach((offset, index) =>
      view.setBigUint64(index * 8, base + BigInt(offset), true),
    );
    bytes.set(ascii('text\0'), 0x40);
    bytes.set(wide('wide\0'), 0x80);
    view.setBigUint64(0xc0, base, true);
  });
  const read = (kind: 'pointer' | 'ascii' | 'utf16') =>
    readReferences(memory, names, base, 4, { size: 8, pointerSize: 8, kind });

  it('gives pointers, and their names', () => {
    expect(read('pointer').map(({ pointer, symbol }) => [pointer, symbol])[2]).toEqual([base, 'here']);
    expect(read('pointer')[3]).toMatchObject({ value: base + 0x4000n, pointer: undefined });
  });

  it('gives texts, and none where nothing can be read', () => {
    expect(read('ascii').map(({ text }) => text?.text)).toEqual(['text', 'w', expect.any(String), undefined]);
    expect(read('utf16')[1]!.text).toEqual({ address: base + 0x80n, text: 'wide', end: 'nul' });
  });
});

describe('readText', () => {
  const memory = memoryOf((_, bytes) => bytes.set(ascii('a\ttext'), 0x1fa), 0x200);

  it.each([
    [0x1fan, 10, { text: 'a\ttext', end: 'missing' }],
    [0x1fan, 6, { text: 'a\ttext', end: 'length' }],
    [0x1f8n, 6, { text: '', end: 'nul' }],
    [0x200n, 6, { text: '', end: 'missing' }],
  ])('at %d, %d characters', (offset, length, expected) => {
    expect(readText(memory, base + offset, 1, length)).toMatchObject(expected);
  });
});

describe('readCountedString', () => {
  const memory = memoryOf((view, bytes) => {
    view.setUint16(0, 8, true);
    view.setUint16(2, 10, true);
    view.setBigUint64(8, base + 0x40n, true);
    bytes.set(wide('wide'), 0x40);
    view.setUint16(0x10, 6, true);
    view.setUint32(0x14, 0x8000_11fe, true);
    bytes.set(ascii('ab'), 0x1fe);
  });

  it('reads both widths of both targets', () => {
    expect(readCountedString(memory, base, 2, 8)).toMatchObject({
      length: 8,
      maximumLength: 10,
      text: 'wide',
      missing: 0,
    });
    expect(readCountedString(memory, base + 0x10n, 1, 4)).toMatchObject({
      buffer: base + 0x1fen,
      text: 'ab',
      missing: 4,
    });
  });

  it('refuses a structure that is not there', () => {
    expect(() => readCountedString(memory, base + 0x1f8n, 2, 8)).toThrow(DebuggerError);
  });
});
