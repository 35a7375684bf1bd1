import { flagNames, type Mdl, mdlFlagNames, mdlStructures, readMdl } from '../windows/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';
import { hexText, layoutLines, pointerSpan, pointerText } from './object-text.ts';
import { type Line, span } from './output.ts';

export const showMdl: Command = {
  names: ['!mdl'],
  usage: 'ADDR',
  summary: 'show a memory descriptor list: the buffer and the physical pages that it has',
  group: 'objects',
  details: [
    'An MDL has no mark of its own: that one is there is told by its sizes, which have to fit each other.',
  ],
  run(console, args) {
    if (args === '') throw usageError(showMdl, 'an address is missing');
    const address = evaluateIn(console, args);
    const data = readMdl(console.system, address);
    const lines = [...render(console, data), ...layoutLines(console.system, mdlStructures)];
    return { data, lines, call: `engine.readMdl(session.system, ${bigHex(address)})` };
  },
};

const perRow = 8;

function render({ system }: Console, mdl: Mdl): Line[] {
  const { startVa, byteCount, byteOffset, flags, pages, pageCount } = mdl;
  const names = flags === undefined ? [] : flagNames(mdlFlagNames, flags);
  const buffer = system.plainText(startVa + BigInt(byteOffset));
  const lines: Line[] = [
    [
      'MDL ',
      span(system.plainText(mdl.address), 'address'),
      `  Size ${hexText(mdl.size, 4)}  Flags ${hexText(flags, 4)}  ${names.join(' ')}`,
    ],
    [
      '  Buffer      ',
      span(buffer, 'address', `db ${buffer}`),
      `  0x${byteCount.toString(16)} bytes, ${pageCount} ${pageCount === 1 ? 'page' : 'pages'}`,
    ],
    [
      `  StartVa     ${pointerText(system, startVa)}  ByteOffset ${hexText(byteOffset, 3)}  ByteCount ${hexText(byteCount, 8)}`,
    ],
    ['  Process     ', pointerSpan(system, mdl.process, '!process')],
    [
      '  Mapped at   ',
      pointerSpan(system, mdl.mappedSystemVa, 'db'),
      isMapped(flags) ? '' : span('  (not mapped by this MDL)', 'dim'),
    ],
    ['  Next        ', pointerSpan(system, mdl.next, '!mdl')],
    ['  Pages'],
  ];
  for (let at = 0; at < pages.length; at += perRow)
    lines.push([
      '  ',
      ...pages
        .slice(at, at + perRow)
        .flatMap((page) => ['  ', span(page.toString(16), 'address', `!pfn ${page.toString(16)}`)]),
    ]);
  if (pages.length < pageCount)
    lines.push([span(`  ${pageCount - pages.length} more pages are not shown, or not in this dump.`, 'dim')]);
  return lines;
}

/** MDL_MAPPED_TO_SYSTEM_VA or MDL_SOURCE_IS_NONPAGED_POOL: only then the mapped address means something. */
const isMapped = (flags: number | undefined): boolean => ((flags ?? 0) & 5) !== 0;
