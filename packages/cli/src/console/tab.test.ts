import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Completion } from '@poolscope/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tabResult } from './tab.ts';

const completion = (
  from: number,
  texts: readonly string[],
  changes: Partial<Completion> = {},
): Completion => ({
  from,
  candidates: texts.map((text) => ({ text, kind: 'symbol' as const })),
  total: texts.length,
  prefix: '',
  wantsFile: false,
  ...changes,
});

describe('what Tab offers', () => {
  it('is the word as far as it is certain', () => {
    const certain = completion(2, ['nt!KeA', 'nt!KeB'], { prefix: 'nt!Ke' });
    expect(tabResult('u nt!', () => certain)).toEqual([['nt!Ke'], 'nt!']);
    expect(tabResult('u nt!Ke', () => certain)).toEqual([['nt!KeA', 'nt!KeB'], 'nt!Ke']);
  });

  it('is a list that says how many are left out', () => {
    const names = Array.from({ length: 200 }, (_, index) => `n${index}`);
    const [texts, word] = tabResult('u n', () => completion(2, names, { prefix: 'n', total: 3000 }));
    expect(word).toBe('n');
    expect(texts.length).toBe(101);
    expect(texts.at(-1)).toBe('... and 2900 more');
  });

  it('is nothing where the names cannot be found', () => {
    const fail = () => {
      throw new Error('no');
    };
    expect(tabResult('u n', fail)).toEqual([[], 'u n']);
  });
});

describe('what Tab offers for a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'poolscope-tab-'));
  beforeAll(() => {
    mkdirSync(join(folder, 'scripts'));
    for (const name of ['script.txt', 'scratch.txt', 'with blank.txt', 'other'])
      writeFileSync(join(folder, name), '');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const paths = (typed: string) => {
    const line = `$<${typed}`;
    const [texts, word] = tabResult(line, () => completion(2, [], { wantsFile: true }));
    expect(word).toBe(typed);
    return texts.sort();
  };

  it('is the files and folders that a path may go on with', () => {
    expect(paths(`${folder}/scr`)).toEqual([
      `${folder}/scratch.txt`,
      `${folder}/script.txt`,
      `${folder}/scripts/`,
    ]);
    expect(paths(`${folder}/`).length).toBe(4);
    expect(paths(`${folder}/none/`)).toEqual([]);
    expect(paths('')).toContain('package.json');
  });
});
