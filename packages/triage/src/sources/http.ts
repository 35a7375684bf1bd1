import { withDownload } from './download.ts';
import type { SourceItem } from './source-item.ts';

export const isHttp = (name: string): boolean => /^https?:\/\//i.test(name);

/** A dump on a web server; its fingerprint is what the server says of its version, if it does. */
export async function httpSource(url: string, mostBytes: number): Promise<SourceItem> {
  return { ...openHttp(url, mostBytes), fingerprint: await fingerprintOf(url) };
}

export const openHttp = (url: string, mostBytes: number): SourceItem => ({
  name: url,
  fingerprint: '',
  withFile: (use) => withDownload(url, { fetch, mostBytes }, use),
});

async function fingerprintOf(url: string): Promise<string> {
  try {
    const { ok, headers } = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(10_000) });
    const version = headers.get('etag') ?? headers.get('last-modified');
    return ok && version !== null ? `${version}:${headers.get('content-length') ?? ''}` : '';
  } catch {
    return '';
  }
}
