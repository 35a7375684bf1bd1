import { findPoolBlocks } from '../pool/index.ts';
import { type Command, type CommandRun, linesStep, progressStep } from './command.ts';
import type { Line } from './output.ts';
import { FindLines } from './pool-find-lines.ts';
import { readFindRequest } from './pool-find-request.ts';
import { poolKernelOf } from './session-lines.ts';

export const findPool: Command = {
  names: ['!poolfind'],
  usage:
    'TAG [0|1|2|4] | [-tag] TAG [-nonpaged] [-paged] [-session] [-special] [-small] [-large] [-size SIZE]',
  summary: 'find the pool blocks with a tag, small and large ones',
  group: 'pool',
  details: [
    'TAG: four characters, fewer end in blanks; * is any number of characters, ? one; 0x.. a number; in quotes with blanks.',
    '0 nonpaged pool (if nothing is given), 1 paged, 2 special, 4 session pool. Options with names show the newer layout, where the',
    'address is what the owner got and the size is without the header. -global is -nonpaged -paged. -size SIZE or LEAST-MOST.',
    'Blocks come out as they are found; 65536 end the search. On the segment heap free slots of the LFH keep their tags.',
  ],
  examples: [
    '!poolfind Irp',
    '!poolfind File 0',
    '!poolfind -tag "Irp " -nonpaged',
    '!poolfind Mm* -paged -size 100-200',
  ],
  *run(console, args): CommandRun {
    const request = readFindRequest(console, findPool, args);
    const { kernel, text } = poolKernelOf(console);
    const lines = new FindLines(console, request);
    const run = findPoolBlocks(kernel, request.search);
    for (;;) {
      const step = run.next();
      if (step.done === true) {
        return {
          data: step.value,
          lines: lines.end(step.value),
          call: `engine.runToEnd(engine.findPoolBlocks(${text}, ${request.call}))`,
        };
      }
      const said: Line[] = lines.of(step.value);
      if (said.length > 0) yield linesStep(said);
      if (step.value.what === 'blocks') yield progressStep('searching pool', step.value.bytes);
      if (step.value.what === 'entries')
        yield progressStep('reading the table of large allocations', step.value.done);
    }
  },
};
