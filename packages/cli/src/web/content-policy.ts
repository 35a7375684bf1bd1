/**
 * What the page may do: run the scripts of this site and their WebAssembly, and load from this site. It can connect to
 * nothing else, so that no part of a dump can leave it. The page itself names the same policy for other hosts.
 */
export const contentPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
