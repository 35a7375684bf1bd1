import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { AllowedFolders } from './allowed-folders.ts';

const top = realpathSync(mkdtempSync(join(tmpdir(), 'poolscope-allow-')));
const inside = join(top, 'inside');
mkdirSync(join(inside, 'deep'), { recursive: true });
mkdirSync(join(top, 'inside-too'));
writeFileSync(join(inside, 'deep', 'a.dmp'), 'a');
writeFileSync(join(top, 'secret.dmp'), 's');
writeFileSync(join(top, 'inside-too', 'b.dmp'), 'b');
symlinkSync(join(top, 'secret.dmp'), join(inside, 'out.dmp'));
symlinkSync(top, join(inside, 'up'));
symlinkSync(join(inside, 'deep', 'a.dmp'), join(inside, 'link.dmp'));
symlinkSync(inside, join(top, 'alias'));
afterAll(() => rmSync(top, { recursive: true }));

const folders = new AllowedFolders([inside]);
const refused = expect.objectContaining({ code: 'PATH_NOT_ALLOWED' });

function codeOf(path: string): unknown {
  try {
    return folders.resolve(path);
  } catch (error) {
    return error;
  }
}

describe('allowed folders', () => {
  it('let files below them be opened, by absolute and relative paths', () => {
    const file = join(inside, 'deep', 'a.dmp');
    for (const path of [file, 'deep/a.dmp', join(inside, 'deep', '..', 'deep', 'a.dmp'), 'link.dmp'])
      expect(folders.resolve(path), path).toBe(file);
  });

  it('follow links, and look at where they lead', () => {
    for (const path of ['out.dmp', 'up/secret.dmp', join(inside, 'up', 'inside-too', 'b.dmp')])
      expect(codeOf(path), path).toEqual(refused);
  });

  it('refuse what is elsewhere without looking at it', () => {
    for (const path of [
      join(top, 'secret.dmp'),
      '../secret.dmp',
      join(top, 'inside-too', 'b.dmp'),
      join(top, 'not there'),
      '/etc/passwd',
      '/dev/zero',
      '',
      'a\0b',
      inside,
    ])
      expect(codeOf(path), path).toEqual(refused);
  });

  it('say that a file is missing, or none', () => {
    expect(codeOf('missing.dmp')).toMatchObject({ code: 'FILE_UNREADABLE' });
    expect(codeOf('deep')).toMatchObject({ code: 'FILE_UNREADABLE' });
  });

  it.skipIf(process.platform === 'win32')('refuse pipes', () => {
    execFileSync('mkfifo', [join(inside, 'pipe.dmp')]);
    expect(codeOf('pipe.dmp')).toMatchObject({ code: 'FILE_UNREADABLE' });
    rmSync(join(inside, 'pipe.dmp'));
  });

  it('may themselves be named by a link', () => {
    const byLink = new AllowedFolders([join(top, 'alias')]);
    const file = join(inside, 'deep', 'a.dmp');
    expect(byLink.resolve(join(top, 'alias', 'deep', 'a.dmp'))).toBe(file);
    expect(byLink.resolve(file)).toBe(file);
  });

  it('have to be folders', () => {
    expect(() => new AllowedFolders([join(top, 'secret.dmp')])).toThrow('is not a folder');
    expect(() => new AllowedFolders([join(top, 'nowhere')])).toThrow('cannot be found');
  });

  it('list what may be dumps, and no links', () => {
    expect(folders.find()).toMatchObject({ files: [{ path: join(inside, 'deep', 'a.dmp') }], isWhole: true });
  });
});
