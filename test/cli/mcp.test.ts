import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noSymbolPath, programPath, runPoolscope } from './run-poolscope.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'poolscope-stdio-')));
const clients: Client[] = [];

/** The built command as a child of the protocol's own client. */
async function start(...args: readonly string[]): Promise<Client> {
  const client = new Client({ name: 'test', version: '0' });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [programPath, 'mcp', '--allow', folder, ...args],
    env: { ...getDefaultEnvironment(), ...noSymbolPath },
    stderr: 'ignore',
  });
  await client.connect(transport);
  clients.push(client);
  return client;
}

async function call(client: Client, name: string, args: Record<string, unknown> = {}) {
  const result = await client.callTool({ name, arguments: args });
  const [first] = result.content as readonly { readonly text: string }[];
  return { text: first!.text, isError: result.isError === true, data: result.structuredContent };
}

beforeAll(() => {
  const machine = playScenario(scenarios.find(({ name }) => name === 'double-free')!, { seed: 1 });
  writeFileSync(join(folder, 'crash.dmp'), dumpBytes(machine, { type: 'bitmap-kernel' }));
  writeFileSync(join(folder, 'note.dmp'), 'no dump at all');
  symlinkSync('/dev/zero', join(folder, 'device.dmp'));
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  rmSync(folder, { recursive: true });
});

describe('poolscope mcp, a child that speaks on its standard streams', () => {
  it('opens a dump in a thread of its own, and answers', async () => {
    const client = await start();
    await client.listTools();
    expect(await call(client, 'open_dump', { path: 'crash.dmp' })).toMatchObject({ data: { dump: 'd1' } });
    expect((await call(client, 'summarize')).data).toMatchObject({ verdict: { kind: 'double-free' } });
    expect((await call(client, 'run_command', { command: 'vertarget' })).text).toContain('Kernel base');
    expect((await call(client, 'close_dump')).data).toStrictEqual({ closed: 'd1' });
  });

  it('says what cannot be opened, and why', async () => {
    const client = await start();
    const refusals = [];
    for (const path of ['note.dmp', 'device.dmp', '/etc/hostname', 'missing.dmp'])
      refusals.push((await call(client, 'open_dump', { path })).text.split(':')[0]);
    const [note, ...others] = refusals;
    expect(note).toMatch(/^DUMP_/);
    expect(others).toStrictEqual(['PATH_NOT_ALLOWED', 'PATH_NOT_ALLOWED', 'FILE_UNREADABLE']);
    expect((await call(client, 'list_dumps')).data).toMatchObject({ dumps: [] });
  });

  it('stops an endless command when its time is over, and goes on', async () => {
    const client = await start('--time-limit', '5');
    // On a busy machine opening may take longer than that.
    const isOpen = async () => !(await call(client, 'open_dump', { path: 'crash.dmp' })).isError;
    await expect.poll(isOpen, { timeout: 50_000 }).toBe(true);
    const endless = await call(client, 'run_command', { command: '.while (1) { .if (0) { r } }' });
    expect(endless).toMatchObject({ isError: true, text: expect.stringMatching(/^TIME_LIMIT/) });
    expect((await call(client, 'run_command', { command: '? 2' })).text).toContain('Evaluate expression: 2');
  });

  it('ends with its client', async () => {
    const client = await start();
    const transport = client.transport as StdioClientTransport;
    const { pid } = transport;
    await client.close();
    await expect.poll(() => isAlive(pid!), { timeout: 10_000 }).toBe(false);
  });

  it('wants a folder, and numbers that are some', () => {
    expect(runPoolscope(['mcp'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--allow FOLDER'),
    });
    const wrong = runPoolscope(['mcp', '--allow', folder, '--time-limit', 'soon']);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('--time-limit soon') });
    expect(runPoolscope(['mcp', '--allow', join(folder, 'nowhere')])).toMatchObject({ code: 2 });
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
