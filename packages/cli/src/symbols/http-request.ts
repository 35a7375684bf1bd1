import { version } from '@poolscope/engine';

/** Answers that send the client elsewhere. */
const redirects = new Set([301, 302, 303, 307, 308]);
const mostRedirects = 8;

/** A refusal that trying again would not change: a plain sentence part. */
export class RequestRefusal extends Error {}

/**
 * Asks for an address and follows where the answer leads, never from https to http. A name and password in the address are
 * sent to that server only. Throws a RequestRefusal, or what `fetch` throws.
 */
export async function request(
  address: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  const first = new URL(address);
  let url = first;
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const response = await fetch(bare(url), {
      headers: { 'user-agent': `poolscope/${version}`, ...headers, ...login(first, url) },
      redirect: 'manual',
      signal,
    });
    if (!redirects.has(response.status)) return response;
    await response.body?.cancel();
    url = next(url, response.headers.get('location'));
  }
  throw new RequestRefusal('it sends from address to address without an end');
}

function next(from: URL, location: string | null): URL {
  if (location === null || !URL.canParse(location, from.href))
    throw new RequestRefusal('it sends to no valid address');
  const to = new URL(location, from);
  if (to.protocol !== 'https:' && to.protocol !== 'http:')
    throw new RequestRefusal(`it sends to an address of kind ${to.protocol.slice(0, 20)}`);
  if (from.protocol === 'https:' && to.protocol === 'http:')
    throw new RequestRefusal('it sends from https to http');
  return to;
}

function bare(url: URL): URL {
  const copy = new URL(url);
  copy.username = '';
  copy.password = '';
  return copy;
}

function login(first: URL, url: URL): Readonly<Record<string, string>> {
  if (first.username === '' || url.origin !== first.origin) return {};
  const text = `${decodeURIComponent(first.username)}:${decodeURIComponent(first.password)}`;
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}
