import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, connect, opensWith, scenarioDump } from '../test/connect.ts';
import { dumpTools } from './tools/index.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'poolscope-odd-')));
let client: Client;

beforeAll(async () => {
  writeFileSync(join(folder, 'crash.dmp'), 'x');
  ({ client } = await connect({ allow: [folder], open: opensWith(scenarioDump('double-free', 'triage')) }));
  await client.listTools();
  await call(client, 'open_dump', { path: 'crash.dmp' });
});
afterAll(async () => {
  await client.close();
  rmSync(folder, { recursive: true });
});

const names = dumpTools.map(({ name }) => name);

/** A call is answered or refused; the client has checked the answer by the schema. */
async function expectAnswer(name: string, args: object): Promise<void> {
  const { isError, text } = await call(client, name, args);
  expect(isError && text.startsWith('BUG'), `${name} ${JSON.stringify(args)}: ${text}`).toBe(false);
}

describe('whatever is asked for', () => {
  it.each(['read_memory', 'pool_block', 'pool_page', 'explain_address'])(
    '%s takes every address',
    async (name) => {
      const edges = [
        '0',
        '-1',
        'fffffffffffffff0',
        '7fffffffffffffff',
        '8000000000000000',
        'ffff800000000000',
      ];
      for (const address of [
        ...edges,
        'nt',
        '@rsp',
        '@$exentry',
        'poi(0)',
        '1/0',
        '((((',
        '@nothing',
        ';',
        '\u0000',
      ])
        await expectAnswer(name, { address });
      await expectAnswer('read_memory', { address: 'fffffffffffffff0', length: 0x4000 });
    },
  );

  it.each(names)('%s answers or refuses', async (name) => {
    const fields = [
      'dump',
      'address',
      'length',
      'command',
      'pattern',
      'tag',
      'limit',
      'name',
      'redact',
      'sort',
    ];
    const args = fc.dictionary(fc.constantFrom(...fields), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });
    await fc.assert(
      fc.asyncProperty(args, (given) => expectAnswer(name, given)),
      { numRuns: 30 },
    );
  });

  it('commands of any characters', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }), (command) =>
        expectAnswer('run_command', { command, want_data: true, max_chars: 1000 }),
      ),
      { numRuns: 50 },
    );
  });

  it('every command without arguments, with its data', async () => {
    const { data } = await call(client, 'list_commands');
    for (const { names: own } of data['commands'] as { names: string[] }[])
      await expectAnswer('run_command', { command: own[0], want_data: true, max_chars: 2000 });
  });
});
