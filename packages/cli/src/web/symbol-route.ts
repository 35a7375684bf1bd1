import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { ByteSource, SymbolSource } from '@poolscope/engine';
import { readSymbolQuery } from './symbol-query.ts';

const pieceBytes = 1 << 20;

/**
 * Symbol files for the page, from the folders and servers that the user named on the command line: the page itself may
 * connect to nowhere else. Answers pages of this server only.
 */
export class SymbolRoute {
  readonly #source: SymbolSource;

  constructor(source: SymbolSource) {
    this.#source = source;
  }

  /** Where symbols are looked for, as people may see it. */
  get path(): string {
    return this.#source.path;
  }

  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    headers: OutgoingHttpHeaders,
  ): Promise<void> {
    const plain = { ...headers, 'content-type': 'text/plain; charset=utf-8' };
    // Browsers say who asks. What is no page of this server could learn which builds the user has symbols of.
    if (request.headers['sec-fetch-site'] !== 'same-origin') {
      response.writeHead(403, plain).end('Only for the page of this server.\n');
      return;
    }
    const query = readSymbolQuery(new URL(request.url ?? '', 'http://localhost').searchParams);
    if (query === undefined) {
      response.writeHead(400, plain).end('No such question.\n');
      return;
    }
    try {
      const found = await this.#source.find(query.request, query.kind);
      if (found === undefined) {
        response.writeHead(204, headers).end();
        return;
      }
      const name = encodeURIComponent(found.location.slice(-200));
      const length = found.source.size;
      const type = 'application/octet-stream';
      response.writeHead(200, {
        ...headers,
        'content-type': type,
        'content-length': length,
        'x-location': name,
      });
      await send(found.source, response);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else response.writeHead(502, plain).end(`${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}

/** In pieces, each when the page has taken the one before. */
async function send(source: ByteSource, response: ServerResponse): Promise<void> {
  for (let at = 0; at < source.size && !response.destroyed; at += pieceBytes) {
    const piece = new Uint8Array(Math.min(pieceBytes, source.size - at));
    const got = source.readInto(at, piece);
    if (response.write(piece.subarray(0, got))) continue;
    await new Promise<void>((resolve) => {
      response.once('drain', resolve);
      response.once('close', resolve);
    });
  }
  response.end();
}
