import { Package } from '@arethetypeswrong/core';
import { describe, expect, it } from 'vitest';
import { resolutionProblems } from './resolution.mjs';

const packed = (manifest: object, files: Record<string, string>): Package =>
  new Package(
    {
      '/node_modules/some/package.json': JSON.stringify({ name: 'some', version: '1.0.0', ...manifest }),
      ...Object.fromEntries(
        Object.entries(files).map(([path, text]) => [`/node_modules/some/${path}`, text]),
      ),
    },
    'some',
    '1.0.0',
  );

const entry = { types: './index.d.ts', default: './index.js' };

describe('how a package is found by TypeScript', () => {
  it('passes modules that only modules can import', async () => {
    const whole = packed(
      { type: 'module', exports: { '.': entry } },
      { 'index.d.ts': 'export declare const one: 1;', 'index.js': 'export const one = 1;' },
    );
    expect(await resolutionProblems(whole)).toStrictEqual([]);
  });

  it('tells declarations that say module where the code is none', async () => {
    const odd = packed(
      { exports: { '.': { types: './index.d.mts', default: './index.js' } } },
      { 'index.d.mts': 'export declare const one: 1;', 'index.js': 'exports.one = 1;' },
    );
    expect(await resolutionProblems(odd)).toContainEqual(expect.stringContaining('Masquerading as ESM'));
  });

  it('tells declarations that import what is not packed', async () => {
    const torn = packed(
      { type: 'module', exports: { '.': entry } },
      { 'index.d.ts': "export * from './gone.js';", 'index.js': 'export {};' },
    );
    expect(await resolutionProblems(torn)).toContainEqual(
      expect.stringContaining('Internal resolution error'),
    );
  });

  it('tells an entry whose types are missing', async () => {
    const bare = packed(
      { type: 'module', exports: { '.': entry, './more': './more.js' } },
      { 'index.d.ts': 'export {};', 'index.js': 'export {};', 'more.js': 'export {};' },
    );
    expect(await resolutionProblems(bare)).toContainEqual(expect.stringContaining('./more'));
  });
});
