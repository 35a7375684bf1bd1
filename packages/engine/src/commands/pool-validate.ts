import { describePool, type PoolPageReport, type PoolReport } from '../pool/index.ts';
import { bigHex } from './call-text.ts';
import type { Command, CommandRun } from './command.ts';
import type { Console } from './console.ts';
import { heapVerdictLines } from './heap-verdict-lines.ts';
import { type Line, span } from './output.ts';
import { analysisLines } from './pool-analysis-lines.ts';
import { takePoolAddress, withProgress } from './pool-argument.ts';
import { blockLine } from './pool-block-lines.ts';
import { loneHeader, noPoolLines, regionLine, sourceLines } from './pool-page-lines.ts';
import { poolKernelOf, sessionLines } from './session-lines.ts';

export const validatePool: Command = {
  names: ['!poolval'],
  usage: 'ADDR [LEVEL]',
  summary: 'check the headers of a page of pool, and look for single wrong bits',
  group: 'pool',
  details: [
    'Sizes, previous sizes, types, pool indices and the links of free blocks are checked. What cannot be explained is given',
    'as an extent, and what the neighbours of a lost header say of it. LEVEL 1 lists the blocks too, 2 with index and type.',
    'On the segment heap it is the chunk headers, the tree of free chunks, the bitmaps and the descriptors that are checked.',
  ],
  examples: ['!poolval @rcx', '!poolval fffffa80`01a1b000 1'],
  *run(console, args): CommandRun {
    const { va, flags } = takePoolAddress(console, validatePool, args);
    const { kernel, text } = poolKernelOf(console);
    const data = yield* withProgress(describePool(kernel, va));
    const call = `engine.runToEnd(engine.describePool(${text}, ${bigHex(va)}))`;
    return { data, lines: [...render(console, data, flags), ...sessionLines(console, kernel, va)], call };
  },
};

function render(console: Console, report: PoolReport, level: number): Line[] {
  const { system } = console;
  const text = system.plainText(report.address);
  if (report.kind === 'not-pool') return noPoolLines(console, report);
  if (report.kind === 'special')
    return [
      regionLine(console, report.address, { text: 'Special pool' }),
      [span(`It has one block a page, and no list of headers: !pool ${text} checks it.`, 'warning')],
    ];
  return [
    regionLine(console, report.address, report.region),
    [],
    [`Validating Pool headers for pool page: ${text}`],
    [],
    ...(report.kind === 'segment-heap'
      ? heapVerdictLines(console, report, level)
      : [...verdictLines(console, report, level), ...sourceLines(report)]),
  ];
}

function verdictLines(console: Console, report: PoolPageReport, level: number): Line[] {
  const { page, big } = report;
  const at = console.system.plainText(page.address);
  const verdict = (text: Line): Line[] => [
    [`Pool page [ ${at} ] `, ...text],
    ...listLines(console, report, level),
  ];
  if (big?.found !== undefined)
    return verdict([
      `is part of a large allocation of 0x${big.found.size.toString(16)} bytes, which has no headers.`,
    ]);
  switch (page.verdict) {
    case 'whole':
      return verdict(['is ', span('VALID', 'good'), '.']);
    case 'incomplete':
      return verdict([span('agrees as far as it is in this dump.', 'warning')]);
    case 'missing':
      return verdict([
        `could not be read: ${console.system.target.whyUnreadable(page.address) ?? 'not in this dump'}.`,
      ]);
    case 'unrecognized':
      return verdict([
        span(
          `${page.isZeroed ? 'holds only zeros' : 'has no header that makes sense'}: it is no page of small blocks, or all of it was overwritten.`,
          'warning',
        ),
      ]);
    case 'damaged':
      return [
        ...verdict(['is ', span('INVALID', 'bad'), '.']),
        [],
        ...analysisLines(console, page),
        ...loneHeader(page),
      ];
  }
}

function listLines(console: Console, { page, block }: PoolPageReport, level: number): Line[] {
  if (level === 0) return [];
  return [
    [],
    ...page.blocks.map((each): Line => {
      const line = blockLine(console, each, each === block);
      return level < 2
        ? line
        : [...line, `  index ${each.index.toString(16)} type ${each.type.toString(16)}`];
    }),
  ];
}
