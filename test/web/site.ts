import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** The built page. */
export const siteFolder = fileURLToPath(new URL('../../apps/web/dist/site/', import.meta.url));

export const isBuilt = existsSync(`${siteFolder}index.html`);

/** Bytes of a file of the site as it goes over the wire. */
export const packedSize = (name: string): number =>
  gzipSync(readFileSync(siteFolder + name), { level: 9 }).length;

/** Files that the start page names, with itself. */
export function firstFiles(): string[] {
  const page = readFileSync(`${siteFolder}index.html`, 'utf8');
  const named = [...page.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map((match) => match[1]!);
  return ['index.html', ...named];
}

/** Scripts that are loaded with one, however far behind it: what is imported by `import()` is not. */
export function loadedWith(script: string): string[] {
  const all = new Set([script]);
  for (const name of all) {
    const text = readFileSync(siteFolder + name, 'utf8');
    for (const [, other] of text.matchAll(/(?:\bimport|\bfrom)"\.\/([^"]+)"/g)) all.add(`assets/${other}`);
  }
  return [...all];
}

/** The script that a worker of the page begins with. */
export function workerScript(name: 'engine' | 'lab'): string {
  const [script, ...others] = assetsLike(new RegExp(`^${name}-worker-.*\\.js$`));
  if (script === undefined || others.length > 0) throw new Error(`the site has no single ${name} worker`);
  return script;
}

/** Names of built files that fit a pattern. */
export const assetsLike = (pattern: RegExp): string[] =>
  readdirSync(`${siteFolder}assets`)
    .filter((name) => pattern.test(name))
    .map((name) => `assets/${name}`);

/** Headers that let pages of other sites read an answer. */
export const anySite = { 'access-control-allow-origin': '*' };

/** A server of files on this machine that keeps what it was asked for. */
export class LoopbackServer {
  /** Paths without the first slash, as they were asked for. */
  readonly visits: string[] = [];
  readonly #server: Server;

  constructor(files: ReadonlyMap<string, Uint8Array>, headers: Record<string, string>) {
    this.#server = createServer((request, response) => {
      const path = decodeURIComponent(request.url ?? '').replace(/^\//, '');
      this.visits.push(path);
      const body = files.get(path);
      response.writeHead(body === undefined ? 404 : 200, headers).end(body);
    });
  }

  listen(): Promise<string> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`);
      });
    });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** A server that counts who comes: nobody should, though all that asks would be answered. */
export class Trap extends LoopbackServer {
  constructor() {
    super(new Map([['', new Uint8Array(0)]]), anySite);
  }
}
