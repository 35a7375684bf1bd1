/**
 * Address of a symbol server as a Content-Security-Policy can name it: with a slash at its end, without a query, and without the
 * characters that end a source in a policy. Takes `srv*CACHE*URL` too, without the cache. Undefined where the text is none.
 */
export function readServerAddress(text: string): string | undefined {
  const [, typed = ''] = /^(?:(?:sym)?srv\*(?:[^*]*\*)*)?(\S+)$/i.exec(text.trim()) ?? [];
  if (!/^https?:\/\//i.test(typed)) return undefined;
  try {
    const { origin, host, pathname, username } = new URL(typed);
    // A host may have characters in it that mean something in a policy.
    if (username !== '' || !/^[a-z\d.:[\]_-]+$/.test(host)) return undefined;
    const path = pathname.replaceAll(';', '%3B').replaceAll(',', '%2C').replaceAll("'", '%27');
    return `${origin}${path}${path.endsWith('/') ? '' : '/'}`;
  } catch {
    return undefined;
  }
}
