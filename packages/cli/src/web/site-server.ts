import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { contentPolicy } from './content-policy.ts';
import type { SiteFile } from './site-files.ts';
import type { SymbolRoute } from './symbol-route.ts';

const loopback = '127.0.0.1';

const headersOf = (path: string) => ({
  'content-security-policy': contentPolicy(path),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
});

/** A server of fixed files that only programs of this machine reach. */
export class SiteServer {
  readonly #files: ReadonlyMap<string, SiteFile>;
  readonly #server: Server;
  readonly #symbols: SymbolRoute | undefined;

  /** `symbols`: where the page may ask for symbol files; it is told so by a line in its start page. */
  constructor(files: ReadonlyMap<string, SiteFile>, symbols?: SymbolRoute) {
    this.#files = files;
    this.#symbols = symbols;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** Starts; 0 lets the system choose a port. The address of the page. Rejects with the error of the system. */
  listen(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, loopback, () => {
        this.#server.off('error', reject);
        resolve(`http://${loopback}:${this.#port}/`);
      });
    });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#isMeant(request.headers.host))
      return end(response, 421, 'This server is reached by its own name only.');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return end(response, 405, 'Only GET and HEAD.');
    const path = (request.url ?? '').replace(/[?#].*$/, '');
    if (path === '/symbols' && this.#symbols !== undefined) {
      void this.#symbols.answer(request, response, headersOf(path));
      return;
    }
    const file = this.#files.get(path);
    if (file === undefined) return end(response, 404, 'There is no such file.');
    const body = file.isFixed ? file.body : this.#withSymbols(file);
    response.writeHead(200, {
      ...headersOf(path),
      'content-type': file.type,
      'content-length': body.length,
      'cache-control': file.isFixed ? 'max-age=31536000, immutable' : 'no-cache',
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  /** The start page says whether there are symbols, and where from. */
  #withSymbols(file: SiteFile): Buffer {
    if (this.#symbols === undefined || !file.type.startsWith('text/html')) return file.body;
    const content = this.#symbols.path.replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
    const line = `<meta name="poolscope-symbols" content="${content}" />`;
    return Buffer.from(file.body.toString('utf8').replace('</head>', `${line}</head>`));
  }

  /** A page of the web that has its own name point to this machine is not answered. */
  #isMeant(host: string | undefined): boolean {
    return host === `${loopback}:${this.#port}` || host === `localhost:${this.#port}`;
  }
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...headersOf(''), 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}
