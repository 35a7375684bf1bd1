import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { FleetView } from '../fleet/index.ts';
import type { Database } from '../store/schema.ts';
import { StoreError } from '../store/store-error.ts';
import type { WorkerCommand } from '../work/worker-process.ts';
import { buildApp } from './app.ts';
import { Events } from './events.ts';
import type { ServerParts } from './route.ts';
import type { Site } from './site.ts';
import type { Spool } from './spool.ts';
import { hasTokens } from './tokens.ts';

export interface ServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly spool?: Spool;
  readonly onError?: (error: unknown) => void;
  /** A process that computes suspects: see `serveSuspects`. */
  readonly suspects?: WorkerCommand;
  /** The page, where it is built. */
  readonly site?: Site;
  /** Other addresses whose pages may use the API. */
  readonly origins?: readonly string[];
}

/** A server that listens. */
export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Does this name mean this machine only? */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);

/** Milliseconds. */
const longestSilence = 120_000;

/** Listens. Errors: StoreError where others could reach it and nobody has a token. */
export async function startServer(db: Database, options: ServerOptions): Promise<RunningServer> {
  const { host, port, spool, onError, suspects, site, origins } = options;
  const isLocal = isLoopback(host);
  if (!isLocal && !(await hasTokens(db))) {
    throw new StoreError(
      `others could reach ${host}, and there is no token`,
      'Make one first: poolscope serve --new-token NAME --role admin; or listen on 127.0.0.1.',
    );
  }
  const events = new Events(db);
  const fleet = new FleetView(db, suspects && { command: suspects });
  const parts: ServerParts = {
    db,
    fleet,
    events,
    isLocal,
    ...(spool && { spool }),
    ...(site && { site }),
    ...(origins && { origins }),
  };
  const app = buildApp(parts, onError && { onError });
  const listener = getRequestListener(app.fetch);
  // A large upload over a slow line takes longer than the five minutes of Node; one that stands still ends.
  const server = createServer({ requestTimeout: 0 }, (request, response) => {
    if (request.method === 'POST') request.setTimeout(longestSilence, () => request.destroy());
    void listener(request, response);
  });
  await listen(server, host, port);
  let isClosing = false;
  void fleet.prepare().catch((error: unknown) => {
    if (!isClosing) onError?.(error);
  });
  const { address, port: bound, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`,
    close: async () => {
      isClosing = true;
      events.close();
      fleet.close();
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeAllConnections();
      await closed;
    },
  };
}

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another program listens there' : error.message;
      reject(new StoreError(`${host} port ${port}: ${why}`, 'Choose another --port or --host.', error));
    });
    server.listen(port, host, resolve);
  });
