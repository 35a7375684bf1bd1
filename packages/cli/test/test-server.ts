import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** An HTTP server on loopback that answers as a test wants it, and keeps what it was asked for. */
export class TestServer {
  /** By path; the rest is answered with 404. */
  readonly answers = new Map<string, Handler>();
  /** `GET /path`, or with the range asked for. */
  readonly asked: string[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const { range } = request.headers;
      this.asked.push(`${request.url}${range === undefined ? '' : ` ${range}`}`);
      const answer = this.answers.get(request.url ?? '') ?? notFound;
      answer(request, response);
    });
  }

  static async start(): Promise<TestServer> {
    const server = new TestServer();
    await new Promise<void>((done) => {
      server.#server.listen(0, '127.0.0.1', done);
    });
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => {
      this.#server.close(done);
    });
  }
}

export const notFound: Handler = (_request, response) => {
  response.writeHead(404, { 'content-type': 'text/html' }).end('<html>not found</html>');
};

export const status =
  (code: number, headers: Record<string, string> = {}): Handler =>
  (_request, response) => {
    response.writeHead(code, headers).end();
  };

/** A whole file, or the range asked for. */
export const file =
  (bytes: Uint8Array, headers: Record<string, string> = { etag: '"1"' }): Handler =>
  ({ headers: asked }, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(asked.range ?? '')?.[1] ?? 0);
    const isPart = from > 0;
    const part = bytes.subarray(from);
    const range = isPart
      ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }
      : undefined;
    response.writeHead(isPart ? 206 : 200, { ...headers, ...range, 'content-length': part.length }).end(part);
  };

/** The first bytes of a file, and then the connection breaks. */
export const half =
  (bytes: Uint8Array, length: number, headers: Record<string, string> = { etag: '"1"' }): Handler =>
  (_request, response) => {
    response.writeHead(200, { ...headers, 'content-length': bytes.length });
    response.write(bytes.subarray(0, length), () => response.destroy());
  };

/** One answer after the other; the last one stays. */
export function inTurn(...handlers: readonly Handler[]): Handler {
  let index = 0;
  return (request, response) => handlers[Math.min(index++, handlers.length - 1)]!(request, response);
}

/** Nothing at all. */
export const silence: Handler = () => {};
