import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultCache } from './default-cache.ts';
import { StderrReporter } from './stderr-reporter.ts';
import { openSymbolSource } from './symbol-options.ts';

const written: string[] = [];
const open = (symbols: readonly string[], env: NodeJS.ProcessEnv = {}) => {
  written.length = 0;
  const output = { write: (text: string) => written.push(text) };
  return openSymbolSource(
    { symbols },
    { env: { HOME: '/home/me', ...env }, reporter: new StderrReporter(output) },
  );
};

describe.skipIf(process.platform === 'win32')('openSymbolSource', () => {
  it('is nothing where nothing is set', () => {
    expect(open([])).toBeUndefined();
    expect(open([], { _NT_SYMBOL_PATH: ' ; ' })).toBeUndefined();
    expect(written).toEqual([]);
  });

  it('has options first, then the variables', () => {
    const source = open(['rel', 'srv*/c*https://h'], {
      _NT_SYMBOL_PATH: '/b',
      _NT_ALT_SYMBOL_PATH: '/a',
      _NT_EXECUTABLE_IMAGE_PATH: '/images',
    });
    expect(source?.path).toBe(`${resolve('rel')};srv*/c*https://h;/a;/b`);
  });

  it('takes a folder for what it is, whatever it is called', () => {
    const folder = mkdtempSync(join(tmpdir(), 'poolscope-test-'));
    const path = join(folder, 'srv*x');
    mkdirSync(path);
    expect(open([path])?.path).toBe(path);
    rmSync(folder, { recursive: true });
  });

  it('says once what cannot be used, and by which variable', () => {
    open([], { _NT_SYMBOL_PATH: 'C:\\Symbols;C:\\Symbols;/a' });
    expect(written).toEqual([
      "poolscope: _NT_SYMBOL_PATH: 'C:\\Symbols' is a path of Windows, which this system does not have\n",
    ]);
  });

  it('keeps control characters off the terminal', () => {
    open([], { _NT_SYMBOL_PATH: 'x\u001b[2J*y' });
    expect(written.join('')).not.toContain('\u001b');
  });
});

describe('defaultCache', () => {
  it.skipIf(process.platform === 'win32')('is where the system keeps such things', () => {
    expect(defaultCache({ HOME: '/h' }, 'linux')).toBe('/h/.cache/poolscope/symbols');
    expect(defaultCache({ HOME: '/h', XDG_CACHE_HOME: '/x' }, 'linux')).toBe('/x/poolscope/symbols');
    expect(defaultCache({ HOME: '/h', XDG_CACHE_HOME: 'x' }, 'linux')).toBe('/h/.cache/poolscope/symbols');
    expect(defaultCache({ HOME: '/h' }, 'darwin')).toBe('/h/Library/Caches/poolscope/symbols');
  });

  it('may not exist', () => {
    expect(defaultCache({}, 'win32')).toBeUndefined();
    expect(defaultCache({ LOCALAPPDATA: '' }, 'win32')).toBeUndefined();
  });
});
