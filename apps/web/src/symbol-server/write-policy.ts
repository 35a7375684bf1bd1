import { chosenServer } from './choice.ts';

/**
 * Writes the policy of the page that may ask one symbol server: the one of the other page, and this server. It runs before every
 * other script of the page, and a policy that stands can only be made narrower.
 */
export function writePolicy(): void {
  const server = chosenServer();
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self'${server === undefined ? '' : ` ${server}`}`,
    "worker-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  document.head.append(policy);
}
