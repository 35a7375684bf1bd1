import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { BufferSource, openSession } from '@poolscope/engine';
import { type DumpKind, dumpBytes, heapScenarios, playScenario, scenarios } from '@poolscope/lab';
import { createServer, DumpHere, type ServerOptions } from '../src/index.ts';

/** Bytes of the dump of a scenario. */
export function scenarioDump(name: string, type: DumpKind = 'bitmap-kernel'): Uint8Array {
  return dumpBytes(
    playScenario([...scenarios, ...heapScenarios].find((each) => each.name === name)!, { seed: 1 }),
    { type },
  );
}

export const sessionOf = (bytes: Uint8Array, path = 'test.dmp') =>
  openSession(new BufferSource(bytes), { path });

/** A client of the protocol's own library, connected to a server in this process. */
export async function connect(options: Partial<ServerOptions> & { readonly allow: readonly string[] }) {
  const server = createServer({
    open: () => Promise.reject(new Error('this test opens nothing')),
    ...options,
  });
  const [there, here] = InMemoryTransport.createLinkedPair();
  const client = new Client({ name: 'test', version: '0' });
  await Promise.all([server.connect(there), client.connect(here)]);
  return { client, server };
}

export interface Called {
  readonly data: Record<string, unknown>;
  readonly text: string;
  readonly isError: boolean;
}

/** Calls a tool; the client checks its answer against the tool's schema, once the tools were listed. */
export async function call(client: Client, name: string, args: object = {}): Promise<Called> {
  const result = await client.callTool({ name, arguments: { ...args } });
  const content = result.content as readonly { readonly text: string }[];
  return {
    data: (result.structuredContent ?? {}) as Record<string, unknown>,
    text: content.map(({ text }) => text).join('\n'),
    isError: result.isError === true,
  };
}

export const opensWith =
  (bytes: Uint8Array): ServerOptions['open'] =>
  async (path) =>
    new DumpHere(await sessionOf(bytes, path));
