import { readFileSync, statSync } from 'node:fs';

/** What `file.ptr` of a symbol store says instead of the file itself. Source: Microsoft's page on symbol stores. */
export type FilePointer =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'message'; readonly text: string };

/** Longer ones are no pointers. */
export const longestPointer = 4096;

/** `PATH:file`, a bare path, or `MSG: why there is none`; undefined where the text is none of these. */
export function parseFilePointer(text: string): FilePointer | undefined {
  const line = text
    .replace(/^\uFEFF/, '')
    .split(/[\r\n\0]/, 1)[0]!
    .trim();
  if (line === '' || line.length > longestPointer || line.startsWith('<')) return undefined;
  const message = /^MSG:\s*(.*)$/i.exec(line);
  if (message !== null) return { kind: 'message', text: message[1]! };
  return { kind: 'path', path: line.replace(/^PATH:\s*/i, '') };
}

/** Undefined where there is no such file, or it cannot be read. */
export function readFilePointer(path: string): FilePointer | undefined {
  try {
    const stats = statSync(path);
    if (!stats.isFile() || stats.size > longestPointer) return undefined;
    return parseFilePointer(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
