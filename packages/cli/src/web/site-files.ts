import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  wasm: 'application/wasm',
  svg: 'image/svg+xml',
  png: 'image/png',
  json: 'application/json',
};

export interface SiteFile {
  readonly type: string;
  /** Its name holds a hash of its content: it never changes. */
  readonly isFixed: boolean;
  readonly body: Buffer;
}

/**
 * The files of a built site by their paths (`/assets/x.js`). What is not listed cannot be asked for. They are few megabytes and are
 * kept, so that a build that replaces them meanwhile does not harm.
 */
export function listSite(folder: string): ReadonlyMap<string, SiteFile> {
  const files = new Map<string, SiteFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const whole = join(entry.parentPath, entry.name);
    const path = whole.slice(folder.length).replaceAll('\\', '/').replace(/^\/*/, '/');
    const type = types[/\w+$/.exec(entry.name)?.[0] ?? ''] ?? 'application/octet-stream';
    files.set(path, { type, isFixed: path.startsWith('/assets/'), body: readFileSync(whole) });
  }
  const start = files.get('/index.html');
  if (start !== undefined) files.set('/', start);
  return files;
}
