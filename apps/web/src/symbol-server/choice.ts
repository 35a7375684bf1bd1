import { readServerAddress } from './address.ts';

/** The server that the user typed in, which this tab remembers until it is closed. A link never names one. */

const key = 'poolscope.symbol-server';

/** The page whose policy allows that server, and the one whose policy allows none. */
const [pageWithServer, page] = ['with-server.html', 'index.html'];

/** Is this the page that may ask a server? */
const mayAsk = (): boolean => location.pathname.endsWith(`/${pageWithServer}`);

/** Address of the server that this page may ask; undefined where it may ask none. */
export function chosenServer(): string | undefined {
  return mayAsk() ? readServerAddress(sessionStorage.getItem(key) ?? '') : undefined;
}

/** Loads the page anew, with a policy that allows this server. False where the text is no address. */
export function chooseServer(typed: string): boolean {
  const address = readServerAddress(typed);
  if (address === undefined) return false;
  sessionStorage.setItem(key, address);
  load(pageWithServer);
  return true;
}

/** Loads the page anew, with a policy that allows none. */
export function forgetServer(): void {
  sessionStorage.removeItem(key);
  load(page);
}

function load(name: string): void {
  const next = new URL(name + location.hash, location.href);
  // A change of nothing but the hash would not load it.
  if (next.pathname === location.pathname) location.reload();
  else location.assign(next);
}
