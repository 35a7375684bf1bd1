import { pageNamer } from '../memory/index.ts';
import { PagedMemory } from '../mmu/index.ts';
import { type PageFrame, pageFrameStructures, readPageFrame } from '../windows/index.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';
import { hexText, layoutLines, missingLines } from './object-text.ts';
import { type Line, span } from './output.ts';

export const showPageFrame: Command = {
  names: ['!pfn'],
  usage: 'PFN',
  summary: 'show the entry of a physical page in the page frame database',
  group: 'paging',
  details: [
    'PFN is a page frame number, as !pte shows it: a physical address without its last three digits.',
    'Letters behind the state: M modified, P shared (a prototype PTE), R being read, W being written.',
  ],
  examples: ['!pfn 1ab', '!pfn 12345'],
  run(console, args) {
    if (args === '') throw usageError(showPageFrame, 'a page frame number is missing');
    const pfn = evaluateIn(console, args);
    if (pfn >> 40n !== 0n) throw usageError(showPageFrame, 'a page frame number has 40 bits at most');
    const data = readPageFrame(console.system, Number(pfn));
    const lines = [
      ...render(console, data),
      ...mappedLine(console, data),
      ...missingLines(data.missing),
      ...unknownLines(data),
      ...layoutLines(console.system, pageFrameStructures),
    ];
    return { data, lines, call: `engine.readPageFrame(session.system, 0x${pfn.toString(16)})` };
  },
};

function render({ system }: Console, frame: PageFrame): Line[] {
  const upper = (value: bigint | undefined): string =>
    value === undefined ? '?'.repeat(system.target.pointerSize * 2) : system.plainText(value).toUpperCase();
  const used = frame.usedEntries === undefined ? '' : `used entry count  ${hexText(frame.usedEntries, 4)}`;
  const priority = frame.priority === undefined ? '' : `   Priority ${frame.priority}`;
  return [
    [`    PFN ${hexText(frame.pfn, 8).toUpperCase()} at address `, span(upper(frame.address), 'address')],
    [
      `    flink       ${hexText(frame.flink, 8)}  blink / share count ${hexText(frame.shareCount, 8)}`,
      `  pteaddress ${upper(frame.pteAddress)}`,
    ],
    [
      `    reference count ${hexText(frame.referenceCount, 4)}    ${used.padEnd(22)}      `,
      `${(frame.cacheAttribute ?? '?').padEnd(9)} color ${frame.color ?? '?'}${priority}`,
    ],
    [
      `    restore pte ${hexText(frame.originalPte, 8)}  containing page ${hexText(frame.containingPage, 6).toUpperCase()}`,
      `  ${(frame.location ?? '????').padEnd(10)} ${letters(frame)}`,
    ],
    ...(frame.marks.length === 0 ? [] : [[`    ${frame.marks.join('  ')}`]]),
  ];
}

function letters({ marks }: PageFrame): string {
  const known = [
    ['Modified', 'M'],
    ['Shared', 'P'],
    ['ReadInProgress', 'R'],
    ['WriteInProgress', 'W'],
  ] as const;
  return known.map(([mark, letter]) => (marks.includes(mark) ? letter : ' ')).join('');
}

/** Whose page it is, where the page tables agree with the entry. */
function mappedLine(console: Console, { pfn }: PageFrame): Line[] {
  const { system, memory } = console;
  const { physical } = system.target.dump;
  if (physical === undefined || !(memory instanceof PagedMemory)) return [];
  const found = pageNamer(system, memory, physical)?.(pfn);
  if (found === undefined) return [];
  return [
    [
      span('    Mapped at ', 'dim'),
      span(system.addressText(found.va), 'address', `!pte ${system.plainText(found.va)}`),
      span(', as the page tables confirm.', 'dim'),
    ],
  ];
}

const unknownLines = ({ unknown }: PageFrame): Line[] => {
  const needed = unknown.filter((name) => name !== 'usedEntries' && name !== 'color');
  return needed.length === 0
    ? []
    : [[span(`Where this build keeps them is not known: ${needed.join(', ')}.`, 'dim')]];
};
