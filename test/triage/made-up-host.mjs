// A worker process whose dumps are small texts: what it does with one stands in it.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
// Parts, not the door: a process that is started often has to start fast.
import { DebuggerError } from '@poolscope/engine/base';
import { serveAnalysis } from '../../packages/triage/dist/work/serve-analysis.js';

/** A file holds one dump a line: `WORD SIGNATURE [KEY=VALUE ...]`. */
serveAnalysis(
  {
    analyzer: process.argv[2] ?? 'made-up-1',
    async *open(path, name) {
      const text = readFileSync(path, 'utf8');
      if (text.startsWith('unpack-hang')) for (;;);
      const lines = text.trim().split('\n');
      for (const [index, line] of lines.entries()) {
        yield {
          sha256: createHash('sha256').update(line).digest('hex'),
          bytes: line.length,
          ...(lines.length > 1 ? { entry: `dump-${index}` } : {}),
          analyze: () => analyze(line, name),
        };
      }
    },
  },
  { memoryLimit: 400 * 2 ** 20 },
);

/** @param {string} line @param {string} name */
async function analyze(line, name) {
  const [word, signature = '', ...rest] = line.split(' ');
  const given = Object.fromEntries(rest.map((each) => each.split('=')));
  if (word === 'hang') for (;;);
  if (word === 'crash') process.kill(process.pid, 'SIGSEGV');
  if (word === 'refuse') throw new DebuggerError('DUMP_BAD_BODY', 'it is not one');
  if (word === 'changed') throw new DebuggerError('FILE_UNREADABLE', 'it was changed while it was read');
  if (word === 'bug') throw new TypeError('a bug');
  if (word === 'memory') {
    const held = [];
    for (;;) held.push(Buffer.alloc(16 << 20, held.length + 1));
  }
  if (given.ms !== undefined) await new Promise((resolve) => setTimeout(resolve, Number(given.ms)));
  return analysisOf({ ...given, signature, name });
}

/** @param {Record<string, string>} given */
function analysisOf({
  signature,
  name,
  suspect = 'bad.sys',
  time = '2026-01-05T10:00:00.000Z',
  kind = 'pool-overrun',
  drivers = 'bad.sys',
}) {
  const modules = drivers.split(',').map((image) => ({
    name: image.replace('.sys', ''),
    image,
    base: '0xfffff80000000000',
    size: 4096,
    timestamp: '0x5f000000',
    symbols: 'none',
  }));
  const verdict = {
    ...{ kind, confidence: 0.9, summary: `${suspect} wrote "too much"`, victims: [], damage: null },
    block: { address: '0xfffffa8001a1b000', size: 64, tag: 'Bad1', pool: null, allocator: null, state: null },
    ...{ freedAddress: null, evidence: [], next: [], picture: null },
    suspects: [{ module: suspect, score: 0.8, because: ['it did'] }],
  };
  const report = {
    schema: 'poolscope.analysis/1',
    tool: { name: 'poolscope', version: '0.1.0' },
    dump: {
      path: name,
      bytes: 1,
      format: 'triage',
      machine: 'x64',
      build: 19041,
      processors: 4,
      crashTime: time,
      uptimeSeconds: 1,
      secondaryData: [],
    },
    bugcheck: { code: '0x19', name: 'BAD_POOL_HEADER', description: '', parameters: [], meanings: [] },
    system: { buildText: null, product: null, process: null, processor: null },
    ...{
      fault: null,
      stack: [],
      modules,
      unloadedModules: [],
      verdict,
      signature,
      missing: [],
      warnings: [],
    },
  };
  const signatureInput = {
    name: 'BAD_POOL_HEADER',
    subcode: '20',
    verdict,
    headerSize: 16,
    faultPlace: undefined,
    stack: [],
  };
  return { report, signatureParts: [], signatureInput };
}
