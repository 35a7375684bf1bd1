// A command of one's own in the console: `!neighbours ADDR` names the blocks before and behind that of an address.
//
//   node examples/command.mjs MEMORY.DMP "!neighbours @rcx"

import {
  DebuggerError,
  describePool,
  evaluateIn,
  lineText,
  openSession,
  plain,
  usageError,
} from '@poolscope/engine';
import { FileSource } from './file-source.mjs';

/** @type {import('@poolscope/engine').Command} */
const neighbours = {
  names: ['!neighbours'],
  usage: 'ADDR',
  summary: 'name the pool blocks before and behind that of an address',
  group: 'pool',
  examples: ['!neighbours @rcx'],
  /** A command is a generator where it may take long: what it yields lets Ctrl-C stop it. */
  *run(console, args) {
    if (args === '') throw usageError(neighbours, 'an address is missing');
    const address = evaluateIn(console, args);
    const { system } = console;
    const report = yield* quietly(describePool(system, address));
    if (report.kind !== 'classic' || report.block === undefined)
      throw new DebuggerError('NO_SUCH_RECORD', 'no block of classic pool holds this address');
    const { blocks } = report.page;
    const at = blocks.indexOf(report.block);
    const shown = /** @type {const} */ ([
      ['before', blocks[at - 1]],
      ['itself', report.block],
      ['behind', blocks[at + 1]],
    ]);
    const rows = shown.map(([where, block]) =>
      block === undefined
        ? `${where}  nothing on this page`
        : `${where}  ${system.addressText(block.address)}  0x${block.size.toString(16)} bytes  ${block.state}  ${block.tag}`,
    );
    // Data first, text second: programs get the blocks, people the lines.
    return { data: shown.map(([, block]) => block), lines: plain(...rows) };
  },
};

/**
 * Passes steps on as signs of life.
 * @template Result
 * @param {Generator<unknown, Result>} work
 * @returns {Generator<import('@poolscope/engine').Step, Result>}
 */
function* quietly(work) {
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value;
    yield { kind: 'tick' };
  }
}

const [path, line] = process.argv.slice(2);
if (path === undefined || line === undefined) {
  process.stderr.write('usage: node command.mjs MEMORY.DMP "!neighbours ADDR"\n');
  process.exit(2);
}

const file = new FileSource(path);
try {
  const session = await openSession(file, { path, commands: [neighbours] });
  for (const row of session.execute(line).lines) process.stdout.write(`${lineText(row)}\n`);
} catch (error) {
  if (!(error instanceof DebuggerError)) throw error;
  process.stderr.write(`${error.message}\n  ${error.remedy}\n`);
  process.exitCode = 1;
} finally {
  file.close();
}
