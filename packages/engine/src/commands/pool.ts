import { describePool, type PoolReport, tagText } from '../pool/index.ts';
import { bigHex } from './call-text.ts';
import type { Command, CommandRun } from './command.ts';
import type { Console } from './console.ts';
import { heapPageLines } from './heap-page-lines.ts';
import type { Line } from './output.ts';
import { takePoolAddress, withProgress } from './pool-argument.ts';
import { ownerLines } from './pool-block-lines.ts';
import { listLines } from './pool-list-lines.ts';
import { classicLines, noPoolLines, type PoolDisplay, sourceLines } from './pool-page-lines.ts';
import { poolKernelOf, sessionLines } from './session-lines.ts';
import { specialPoolLines } from './special-pool-lines.ts';

const [withContents, onlyOwn, withoutDescription] = [1, 2, 0x8000_0000];

export const poolCommand: Command = {
  names: ['!pool'],
  usage: 'ADDR [FLAGS]',
  summary: 'show the pool blocks on the page of an address, and what is damaged there',
  group: 'pool',
  details: [
    'FLAGS: 1 with the first bytes of each block, 2 only the block that holds ADDR, 80000000 without region and owner.',
    'A star marks the block that holds ADDR; the address in front is that of its header. (Free ) is a block that was',
    'freed and is kept for the next request. Behind damage the walk goes on where headers agree again.',
    'On kernels with the segment heap (Windows 10 1903 and later) a free piece stands at the address of its chunk header, with',
    'bytes of that header for a tag, as in the debugger. Where the heap or its key is not in the dump, places that look like',
    'headers are shown instead, and a line says why.',
  ],
  examples: ['!pool @rcx', '!pool fffffa80`03f42000 1', '!pool @rbx 2'],
  *run(console, args): CommandRun {
    const { va, flags } = takePoolAddress(console, poolCommand, args);
    const { kernel, text } = poolKernelOf(console);
    const data = yield* withProgress(describePool(kernel, va));
    const display: PoolDisplay = {
      contents: (flags & withContents) !== 0,
      onlyBlock: (flags & onlyOwn) !== 0,
      bare: (flags & withoutDescription) !== 0,
    };
    const call = `engine.runToEnd(engine.describePool(${text}, ${bigHex(va)}))`;
    const session = display.bare ? [] : sessionLines(console, kernel, va);
    return { data, lines: [...render(console, data, display), ...session], call };
  },
};

function render(console: Console, report: PoolReport, display: PoolDisplay): Line[] {
  const { system } = console;
  switch (report.kind) {
    case 'not-pool':
      return noPoolLines(console, report);
    case 'special':
      return specialPoolLines(system, report.address, report.special, (tag) =>
        ownerLines(console, tagText(tag)),
      );
    case 'segment-heap':
      return heapPageLines(console, report, display);
    case 'classic':
      return [
        ...classicLines(console, report, display),
        ...(display.bare ? [] : [...listLines(console, report), ...sourceLines(report)]),
      ];
  }
}
