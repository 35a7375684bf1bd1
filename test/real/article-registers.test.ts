import { RegisterSet } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import { registerLines } from '../../packages/engine/src/commands/registers.ts';
import { hasShared, sharedText } from '../shared-files.ts';

/** Blocks of registers in the article; the copy keeps the words and loses the columns. */
function blocks(): string[][] {
  const lines = sharedText('data/article-transcripts.txt').split('\n');
  return lines.flatMap((line, at) => (line.startsWith('rax=') ? [lines.slice(at, at + 8)] : []));
}

/** The debugger of x64 says pe where the flag is clear. */
const parity = 4;
const flagBits: Readonly<Record<string, number>> = {
  ov: 11,
  dn: 10,
  ei: 9,
  ng: 7,
  zr: 6,
  ac: 4,
  pe: 2,
  cy: 0,
};

const words = (lines: readonly string[]): string[] =>
  lines
    .join(' ')
    .split(/\s+/)
    .filter((word) => word !== '');

describe.skipIf(!hasShared)('the register blocks of the article', () => {
  it('are reproduced word by word from their values', () => {
    const found = blocks();
    expect(found.length).toBe(2);
    for (const block of found) {
      const values = [...block.join(' ').matchAll(/([a-z]\w+)=([0-9a-f]+)/g)]
        .filter(([, name]) => name !== 'iopl')
        .map(([, name, digits]) => [name!, BigInt(`0x${digits}`)] as const);
      const shown = registerLines({ registers: new RegisterSet('x64', values), kind: 'context' });
      expect(words(shown)).toEqual(words(block));
    }
  });

  it('say the same flags in words and in efl', () => {
    for (const block of blocks()) {
      const efl = Number.parseInt(/efl=([0-9a-f]{8})/.exec(block.join(' '))![1]!, 16);
      const set = Object.keys(flagBits).filter((word) => ((efl ^ parity) >> flagBits[word]!) & 1);
      expect(words(block).filter((word) => word in flagBits)).toEqual(set);
    }
  });
});

describe('the layout of the register block', () => {
  const registers = new RegisterSet('x64', [
    ['rax', 0x1234n],
    ['efl', 0x10206n],
    ['cs', 0x10n],
  ]);

  it('has three registers in a line, and question marks for those that are not known', () => {
    const unknown = '?'.repeat(16);
    expect(registerLines({ registers, kind: 'context' })).toEqual([
      `rax=0000000000001234 rbx=${unknown} rcx=${unknown}`,
      `rdx=${unknown} rsi=${unknown} rdi=${unknown}`,
      `rip=${unknown} rsp=${unknown} rbp=${unknown}`,
      ` r8=${unknown}  r9=${unknown} r10=${unknown}`,
      `r11=${unknown} r12=${unknown} r13=${unknown}`,
      `r14=${unknown} r15=${unknown}`,
      'iopl=0         nv up ei pl nz na po nc',
      'cs=0010  ss=????  ds=????  es=????  fs=????  gs=????             efl=00010206',
    ]);
  });

  it('has no selectors for a trap frame', () => {
    expect(registerLines({ registers, kind: 'trap' }).at(-1)).toBe('iopl=0         nv up ei pl nz na po nc');
  });
});
