import { systemReason } from '../io/system-reason.ts';
import { openSymbolSource, type SymbolFlags } from '../symbols/symbol-options.ts';
import { UsageError } from '../usage-error.ts';
import { findSite } from './find-site.ts';
import { openBrowser } from './open-browser.ts';
import { listSite } from './site-files.ts';
import { SiteServer } from './site-server.ts';
import { SymbolRoute } from './symbol-route.ts';

export interface WebFlags extends SymbolFlags {
  readonly port: number;
  readonly open: boolean;
}

/** Serves the page on this machine until it is stopped. */
export async function runWeb({ port, open, ...flags }: WebFlags): Promise<void> {
  const site = findSite();
  if (site === undefined)
    throw new UsageError('the page is not built', 'Run "npm run build" in the folder it was cloned to.');
  const source = openSymbolSource(flags);
  const symbols = source === undefined ? undefined : new SymbolRoute(source);
  const server = new SiteServer(listSite(site), symbols);
  const address = await start(server, port);
  process.stdout.write(`${address}\n`);
  process.stderr.write('Dumps that are opened there stay on this machine. Ctrl-C stops.\n');
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      server.close();
      source?.close();
    });
  if (open) openBrowser(address);
}

async function start(server: SiteServer, port: number): Promise<string> {
  try {
    return await server.listen(port);
  } catch (cause) {
    throw new UsageError(
      `port ${port} cannot be used: ${systemReason(cause)}`,
      'Choose another one with --port, or 0 for any.',
    );
  }
}
