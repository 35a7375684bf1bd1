/** What holds for every page: run the scripts of this site and their WebAssembly, and load from this site. */
const common = [
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data:",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
];

/**
 * What the page may do besides: connect to nothing but this site, so that no part of a dump can leave it. The page itself names the
 * same policy for other hosts.
 */
const strict = ["default-src 'none'", "connect-src 'self'", ...common].join('; ');

/** The page for a symbol server that its user typed in narrows this one down to that server, by its first script. */
const withServer = [
  ...['font-src', 'object-src', 'media-src', 'frame-src', 'manifest-src'].map((kind) => `${kind} 'none'`),
  ...common,
].join('; ');

/** The policy of an answer, by the path that was asked for. */
export const contentPolicy = (path: string): string => (path === '/with-server.html' ? withServer : strict);
