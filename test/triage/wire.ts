import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

/** A network between two programs that can be cut: what is sent then is lost, and nobody is told. */
export interface Wire {
  /** The address that leads through it. */
  url(direct: string): string;
  cut(): void;
  mend(): void;
  close(): void;
}

/** Leads to a port of this machine. */
export async function startWire(port: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let generation = 0;
  const server = createServer((near) => {
    const mine = generation;
    const far = createConnection(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => {
        // A connection over which bytes were lost never works again.
        if (!isCut && mine === generation) to.write(bytes);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: (direct) => direct.replace(`:${port}/`, `:${address.port}/`),
    cut: () => {
      isCut = true;
      generation++;
    },
    mend: () => {
      isCut = false;
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
