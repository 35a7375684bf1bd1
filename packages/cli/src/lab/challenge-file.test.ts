import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { besideDump, readChallengeFile, writeChallengeFile } from './challenge-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'poolscope-challenge-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const facts = { scenario: 'double-free', seed: 7, build: 9200, kind: 'triage' };

function handedOut(name: string, content: string): string {
  const dump = join(folder, name);
  writeFileSync(dump, content);
  writeChallengeFile(dump, facts);
  return dump;
}

describe('the file beside a challenge', () => {
  it('gives back what it was made of', () => {
    expect(readChallengeFile(handedOut('a.dmp', 'one'))).toEqual(facts);
  });

  it('shows nothing of it', () => {
    const text = readFileSync(besideDump(handedOut('b.dmp', 'two')), 'latin1');
    const decoded = Buffer.from(text.split('\n')[1]!, 'base64').toString('latin1');
    for (const hidden of ['double-free', 'scenario', 'triage']) {
      expect(text).not.toContain(hidden);
      expect(decoded).not.toContain(hidden);
    }
  });

  it('is refused beside another dump, when it is damaged, and when it is missing', () => {
    const dump = handedOut('c.dmp', 'three');
    writeFileSync(dump, 'four');
    expect(() => readChallengeFile(dump)).toThrow(/belongs to another dump/);
    writeFileSync(besideDump(dump), 'poolscope-challenge/1\n');
    expect(() => readChallengeFile(dump)).toThrow(/damaged/);
    writeFileSync(besideDump(dump), 'something else\n');
    expect(() => readChallengeFile(dump)).toThrow(/no answer of a challenge/);
    rmSync(besideDump(dump));
    expect(() => readChallengeFile(dump)).toThrow(/there is no such file/);
  });
});
