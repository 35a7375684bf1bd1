import { type FreedSpecialBlock, findFreedSpecialPool, tagText } from '../pool/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, type CommandRun, linesStep, progressStep } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';
import { type Line, plain, span } from './output.ts';
import { requirePhysical } from './physical.ts';
import { stackLine } from './verifier-log-text.ts';

export const freedSpecialPool: Command = {
  names: ['!fpsearch'],
  usage: '[ADDR]',
  summary: 'look in physical memory for records of freed special pool',
  group: 'search',
  details: [
    'Special pool leaves a record on the page of a block that it frees, until the page is used again: what was freed, by which',
    'thread, and from where. With ADDR only blocks on the page of that address. The form of the record is known of Server 2003.',
  ],
  examples: ['!fpsearch', '!fpsearch fffff980`0a7fe800'],
  *run(console, args): CommandRun {
    const page = args === '' ? undefined : evaluateIn(console, args);
    requirePhysical(console);
    const run = findFreedSpecialPool(console.system, page);
    for (;;) {
      const step = run.next();
      if (step.done === true) {
        yield linesStep(step.value.flatMap((block) => blockLines(console, block)));
        const typed = page === undefined ? '' : `, ${bigHex(page)}`;
        return {
          data: step.value,
          lines: plain(endText(step.value.length)),
          call: `engine.runToEnd(engine.findFreedSpecialPool(session.system${typed}))`,
        };
      }
      yield progressStep('searching', step.value.done, step.value.total);
    }
  },
};

const endText = (count: number): string =>
  count === 0
    ? 'No record of freed special pool was found.'
    : `${count} ${count === 1 ? 'record' : 'records'}.`;

function blockLines({ system }: Console, block: FreedSpecialBlock): Line[] {
  const { plainText, symbols } = system;
  const kind = block.paged ? 'Paged' : 'NonPaged';
  const returns = block.stackWords.filter((va) => symbols.moduleAt(va) !== undefined);
  return [
    [
      'Freed block ',
      span(plainText(block.address), 'address', `!verifier 80 ${plainText(block.address)}`),
      ` size: ${block.size.toString(16).padStart(4)} (${kind}) ${tagText(block.tag)}, Thread `,
      span(plainText(block.thread), 'address', `!thread ${plainText(block.thread)}`),
    ],
    [`  physical page ${(block.page / 0x1000).toString(16)}, ticks ${block.tickCount.toString(16)}`],
    ...(returns.length === 0 ? [] : [[span('  Words of its stack that point into images:', 'dim')]]),
    ...returns.map((va) => stackLine(system, va, '  ')),
    [''],
  ];
}
