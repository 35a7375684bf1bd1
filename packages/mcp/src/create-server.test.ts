import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, connect, opensWith, scenarioDump } from '../test/connect.ts';
import { dumpTools } from './tools/index.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'poolscope-mcp-')));
let client: Client;

beforeAll(async () => {
  writeFileSync(join(folder, 'crash.dmp'), 'x');
  ({ client } = await connect({
    allow: [folder],
    open: opensWith(scenarioDump('double-free')),
    mostDumps: 2,
  }));
  await client.listTools();
  await call(client, 'open_dump', { path: 'crash.dmp' });
});
afterAll(async () => {
  await client.close();
  rmSync(folder, { recursive: true });
});

describe('the server', () => {
  it('lists its tools with schemas of arguments and answers', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toStrictEqual([
      'open_dump',
      'close_dump',
      'list_dumps',
      'find_dumps',
      ...dumpTools.map(({ name }) => name),
    ]);
    for (const tool of tools) {
      expect(tool.outputSchema?.type, tool.name).toBe('object');
      expect(tool.inputSchema.type, tool.name).toBe('object');
      expect(tool.description?.length, tool.name).toBeGreaterThan(20);
    }
  });

  it('keeps the list short, which a client may show to its model at every turn', async () => {
    const { tools } = await client.listTools();
    expect(JSON.stringify(tools).length).toBeLessThan(31_000);
    const asked = tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
    expect(JSON.stringify(asked).length).toBeLessThan(11_000);
  });

  it('describes every argument', async () => {
    const { tools } = await client.listTools();
    const bare = tools.flatMap(({ name, inputSchema }) =>
      Object.entries(inputSchema.properties ?? {})
        .filter(([, schema]) => !('description' in schema))
        .map(([field]) => `${name}.${field}`),
    );
    expect(bare).toStrictEqual([]);
  });

  it('tells what is open, and what may be', async () => {
    const { data } = await call(client, 'list_dumps');
    expect(data).toStrictEqual({ dumps: [{ dump: 'd1', path: 'crash.dmp' }], allowed: [folder] });
  });

  it('finds files by their names', async () => {
    const { data } = await call(client, 'find_dumps');
    expect(data).toMatchObject({ files: [{ path: join(folder, 'crash.dmp'), bytes: 1 }], complete: true });
  });

  it('keeps a bounded number of dumps open, and closes them', async () => {
    const second = await call(client, 'open_dump', { path: 'crash.dmp' });
    const third = await call(client, 'open_dump', { path: 'crash.dmp' });
    expect(third).toMatchObject({ isError: true, text: expect.stringMatching(/^TOO_MANY_DUMPS: 2 dumps/) });
    const unnamed = await call(client, 'summarize');
    expect(unnamed.text).toContain('NO_SUCH_DUMP: 2 dumps are open: name one by its id');
    await call(client, 'close_dump', { dump: second.data['dump'] });
    expect((await call(client, 'list_dumps')).data['dumps']).toHaveLength(1);
    expect(await call(client, 'summarize', { dump: second.data['dump'] })).toMatchObject({ isError: true });
  });

  it('says which argument is wrong', async () => {
    const wrong = await call(client, 'read_memory', { address: 'nt', length: 0, much: 1 });
    expect(wrong.isError).toBe(true);
    expect(wrong.text).toMatch(/^BAD_ARGUMENTS: .*length.*much/s);
  });

  it('refuses a tool that it has not', async () => {
    expect((await call(client, 'format_disk')).text).toMatch(/^UNKNOWN_TOOL/);
  });
});

describe('tools over a dump answer by their schemas', () => {
  it('summarizes', async () => {
    const { data } = await call(client, 'summarize');
    expect(data).toMatchObject({ verdict: { kind: 'double-free' }, bugcheck: { code: '0xc2' } });
    expect((data['stack'] as unknown[]).length).toBeLessThanOrEqual(12);
  });

  it('gives the whole report', async () => {
    const { data } = await call(client, 'analyze', { redact: true });
    expect(data).toMatchObject({ schema: 'poolscope.analysis/1', verdict: { kind: 'double-free' } });
    expect((data['modules'] as unknown[]).length).toBeGreaterThan(3);
  });

  it('runs commands, as text and as data', async () => {
    const { data, text } = await call(client, 'run_command', { command: '.bugcheck', want_data: true });
    expect(text).toMatch(/^Bugcheck code 000000C2/);
    expect(data).toMatchObject({ failed: false, truncated: false, dataIsWhole: true });
    expect(data['data']).toMatchObject({ code: 0xc2 });
    expect(data['call']).toEqual(expect.any(String));
  });

  it('keeps registers between commands', async () => {
    await call(client, 'run_command', { command: 'r $t0 = 1234' });
    expect((await call(client, 'run_command', { command: '? $t0' })).text).toContain('00001234');
  });

  it('says that a command failed, and what helps', async () => {
    const { data, isError } = await call(client, 'run_command', { command: '!poool' });
    expect(isError).toBe(false);
    expect(data).toMatchObject({ failed: true, text: expect.stringContaining('.help') });
  });

  it('cuts a long text, and says so', async () => {
    const { data } = await call(client, 'run_command', { command: 'db nt L4000', max_chars: 500 });
    expect(data).toMatchObject({ truncated: true });
    expect(data['text']).toHaveLength(500);
  });

  it('lets no command near files', async () => {
    for (const command of ['$<commands.txt', '.logopen x.log']) {
      const { data } = await call(client, 'run_command', { command });
      expect(data, command).toMatchObject({
        failed: true,
        text: expect.stringContaining('cannot be used here'),
      });
    }
  });

  it('lists commands, modules and symbols', async () => {
    const commands = await call(client, 'list_commands', { name: '!pool' });
    expect(commands.data['commands']).toMatchObject([{ names: ['!pool'], group: 'pool' }]);
    const modules = await call(client, 'list_modules', { name: 'myfault' });
    expect(modules.data).toMatchObject({ modules: [{ name: 'myfault', image: 'myfault.sys' }], total: 1 });
    const symbols = await call(client, 'search_symbols', { pattern: 'nt!Ex*', limit: 3 });
    expect((symbols.data['symbols'] as unknown[]).length).toBeLessThanOrEqual(3);
  });

  it('reads memory, and says what is absent and why', async () => {
    const there = await call(client, 'read_memory', { address: 'nt', length: 4 });
    expect(there.data).toMatchObject({ bytes: '4d 5a 90 00', present: 4, ascii: 'MZ..', why: null });
    const absent = await call(client, 'read_memory', { address: '0', length: 2 });
    expect(absent.data).toMatchObject({ bytes: '?? ??', present: 0, ascii: '??', why: expect.any(String) });
  });

  it('shows the block that the verdict is about', async () => {
    const summary = (await call(client, 'summarize')).data as { verdict: { block: { address: string } } };
    const { address } = summary.verdict.block;
    const { data } = await call(client, 'pool_block', { address });
    expect(data).toMatchObject({
      pool: 'classic',
      block: { address },
      truncated: false,
      reportIsWhole: true,
    });
    const page = await call(client, 'pool_page', { address });
    expect(page.text.split('\n').length).toBeGreaterThan((data['text'] as string).split('\n').length);
  });

  it('counts tags, and explains addresses', async () => {
    const tags = await call(client, 'pool_tags', { limit: 5 });
    expect((tags.data['tags'] as unknown[]).length).toBeLessThanOrEqual(5);
    expect(tags.data['from']).toEqual(expect.any(String));
    expect((await call(client, 'explain_address', { address: 'nt' })).text).toContain('nt');
  });

  it('finds blocks by tag in all of the pool, and says whether there are more', async () => {
    const { data } = await call(client, 'pool_blocks', { tag: 'Irp' });
    const blocks = data['blocks'] as { readonly address: string; readonly tag: string }[];
    expect(blocks.length).toBeGreaterThan(1);
    expect(new Set(blocks.map(({ tag }) => tag))).toStrictEqual(new Set(['Irp ']));
    expect(data).toMatchObject({ complete: true, stopped_at: null, missing: [] });
    const first = await call(client, 'pool_blocks', { tag: 'Irp', limit: 1 });
    expect(first.data).toMatchObject({ blocks: [blocks[0]], complete: false });
    const none = await call(client, 'pool_blocks', { tag: 'Irp', least: 100_000 });
    expect(none.data['blocks']).toStrictEqual([]);
  });

  it('passes on what the engine refuses, with its remedy', async () => {
    const { text, isError } = await call(client, 'pool_block', { address: 'no!where' });
    expect(isError).toBe(true);
    expect(text).toMatch(/^NAME_UNKNOWN|^MODULE_UNKNOWN|^EXPRESSION_SYNTAX/);
  });
});

it.each([
  ['overrun-text', { pool: 'nonpaged', rules: expect.arrayContaining(['no-header']) }],
  ['chunk-overrun', { pool: 'nonpaged' }],
])('checks all of the pool: %s', async (scenario, page) => {
  const checked = await connect({ allow: [folder], open: opensWith(scenarioDump(scenario)) });
  await checked.client.listTools();
  await call(checked.client, 'open_dump', { path: 'crash.dmp' });
  const { data } = await call(checked.client, 'pool_check');
  expect(data).toMatchObject({ total: 1, damaged: [page] });
  expect((data['damaged'] as { readonly damaged: unknown[] }[])[0]!.damaged.length).toBeGreaterThan(0);
  await checked.client.close();
});

describe('a call ends in time', () => {
  it('when its time is over', async () => {
    const limited = await connect({
      allow: [folder],
      open: opensWith(scenarioDump('double-free')),
      seconds: 1,
    });
    await call(limited.client, 'open_dump', { path: 'crash.dmp' }).catch(() => undefined);
    const { dumps } = (await call(limited.client, 'list_dumps')).data as { dumps: unknown[] };
    expect(dumps).toHaveLength(1);
    const { isError, text } = await call(limited.client, 'run_command', {
      command: '.while (1) { .if (0) { r } }',
    });
    expect([isError, text.split(':')[0]]).toStrictEqual([true, 'TIME_LIMIT']);
    expect((await call(limited.client, 'run_command', { command: '? 1' })).isError).toBe(false);
    await limited.client.close();
  });

  it('when the client cancels it, and the dump can still be used', async () => {
    const stop = new AbortController();
    const endless = { name: 'run_command', arguments: { command: '.while (1) { .if (0) { r } }' } };
    const running = client.callTool(endless, undefined, { signal: stop.signal });
    setTimeout(() => stop.abort('enough'), 50);
    await expect(running).rejects.toThrow('enough');
    expect((await call(client, 'run_command', { command: '? 2' })).text).toContain('Evaluate expression: 2');
  });
});
