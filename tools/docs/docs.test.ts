import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogLevel } from 'typedoc';
import { afterAll, expect, it } from 'vitest';
import { checked, reference } from '../make-docs.mjs';
import { lineOf } from './sources.mjs';

const folder = mkdtempSync(join(tmpdir(), 'poolscope-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the check says of a package with these declarations. */
async function said(name: string, text: string): Promise<string[]> {
  const home = join(folder, name);
  mkdirSync(home);
  const door = join(home, 'index.d.ts');
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name, version: '1.0.0' }));
  writeFileSync(door, text);
  const tsconfig = join(home, 'tsconfig.json');
  writeFileSync(tsconfig, JSON.stringify({ files: ['index.d.ts'], compilerOptions: { types: [] } }));
  const application = await reference([door], tsconfig);
  const lines: string[] = [];
  application.logger.log = (line: string, level: LogLevel) => {
    if (level >= LogLevel.Warn) lines.push(line);
  };
  await checked(application);
  return lines;
}

it('tells what has no docstring, and links that lead nowhere', async () => {
  const lines = await said(
    'bare',
    'export interface Bare { a: 1 }\n/** As {@link Gone}. */\nexport declare const one: 1;\n',
  );
  expect(lines).toStrictEqual([
    expect.stringContaining('"Gone"'),
    expect.stringContaining('Bare has no docstring'),
  ]);
});

it('finds the line of a declaration and of a member', () => {
  expect(lineOf('engine/src/base/address.ts', 'pageSize')).toBeGreaterThan(1);
  expect(lineOf('engine/src/analyze/report.ts', 'uptimeSeconds')).toBeGreaterThan(
    lineOf('engine/src/analyze/report.ts', 'DumpFacts'),
  );
  expect(lineOf('engine/src/base/address.ts', 'NotThere')).toBe(1);
});
