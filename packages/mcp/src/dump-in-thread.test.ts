import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { DumpInThread } from './dump-in-thread.ts';
import { ToolError } from './tool-error.ts';

const never = new AbortController().signal;
const opens =
  "const { parentPort } = require('node:worker_threads'); parentPort.postMessage({ kind: 'opened' });";
const thread = (code: string) => new Worker(code, { eval: true });
const summarize = { tool: 'summarize', input: {} };

describe('a dump in a thread of its own', () => {
  it('passes on why it cannot be opened', async () => {
    const error = { code: 'DUMP_ALL_ZERO', message: 'nothing but zeros', remedy: 'copy it again' };
    const code = `require('node:worker_threads').parentPort.postMessage(${JSON.stringify({ kind: 'failed', id: 0, error })})`;
    await expect(DumpInThread.open(thread(code), never)).rejects.toMatchObject({ facts: error });
  });

  it('is not waited for when it does not open in time', async () => {
    const late = new ToolError('TIME_LIMIT', 'too late');
    const opening = DumpInThread.open(thread('for (;;);'), AbortSignal.abort(late));
    await expect(opening).rejects.toBe(late);
    const stop = new AbortController();
    const other = DumpInThread.open(thread('for (;;);'), stop.signal);
    stop.abort(late);
    await expect(other).rejects.toBe(late);
  });

  it('is ended with its thread when a call does not stop', async () => {
    const busy = `${opens} parentPort.on('message', () => { for (;;); });`;
    const dump = await DumpInThread.open(thread(busy), never);
    const stop = new AbortController();
    const call = dump.call(summarize, stop.signal);
    const late = new ToolError('TIME_LIMIT', 'too late');
    stop.abort(late);
    await expect(call).rejects.toBe(late);
    expect(dump.isGone).toBe(true);
    await expect(dump.call(summarize, never)).rejects.toMatchObject({ code: 'DUMP_CLOSED' });
  });

  it('says so when its thread dies', async () => {
    const dying = `${opens} parentPort.on('message', () => process.exit(1));`;
    const dump = await DumpInThread.open(thread(dying), never);
    await expect(dump.call(summarize, never)).rejects.toMatchObject({ code: 'DUMP_CLOSED' });
    expect(dump.isGone).toBe(true);
  });

  it('can be closed twice, and ends what is asked then', async () => {
    const silent = `${opens} parentPort.on('message', () => undefined);`;
    const dump = await DumpInThread.open(thread(silent), never);
    const call = dump.call(summarize, never);
    dump.close();
    dump.close();
    await expect(call).rejects.toMatchObject({
      code: 'DUMP_CLOSED',
      message: expect.stringContaining('closed'),
    });
  });
});
