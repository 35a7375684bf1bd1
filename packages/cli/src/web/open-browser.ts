import { spawn } from 'node:child_process';

/** The program that opens an address in the user's browser. */
const openers: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Opens the address where there is a desktop; the user sees it on the terminal too. */
export function openBrowser(address: string): void {
  const [program, ...args] = openers[process.platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, address], { stdio: 'ignore', detached: true });
  // No desktop here: the address that was printed is enough.
  child.on('error', () => {});
  child.unref();
}
