import {
  type HeapBlock,
  type MappedPoolPage,
  mapPoolPages,
  type PoolBlock,
  type UnitUse,
} from '../pool/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, type CommandRun, usageError } from './command.ts';
import type { Console } from './console.ts';
import { anyBlockLine } from './heap-block-lines.ts';
import { type Line, type Span, type Style, span } from './output.ts';
import { takePoolAddress, withProgress } from './pool-argument.ts';
import { shownTag } from './pool-block-lines.ts';
import { regionLine } from './pool-page-lines.ts';
import { poolKernelOf, sessionLines } from './session-lines.ts';

const mostPages = 64;
/** Units in a row: a quarter of a page on x64, an eighth on x86. */
const perRow = 64;

export const mapPool: Command = {
  names: ['!poolmap'],
  usage: 'ADDR [PAGES]',
  summary: 'draw pages of pool: one character for every 16 bytes (8 on x86)',
  group: 'pool',
  details: [
    'A capital letter is the header of a block. Behind it stand small letters where the block is in use, . where it is free, and -',
    'where it was freed and is kept for the next request. ! is damage, : is what no header explains, ? is not in the dump.',
    `The legend has the blocks by their letters, which begin anew after Z. PAGES: at most ${mostPages}.`,
  ],
  examples: ['!poolmap @rcx', '!poolmap fffffa80`03f42000 2'],
  *run(console, args): CommandRun {
    const { va, flags } = takePoolAddress(console, mapPool, args);
    const count = flags === 0 ? 1 : flags;
    if (count > mostPages) throw usageError(mapPool, `more than ${mostPages} pages are too many`);
    const { kernel, text } = poolKernelOf(console);
    const data = yield* withProgress(mapPoolPages(kernel, va, count));
    const call = `engine.runToEnd(engine.mapPoolPages(${text}, ${bigHex(va)}, ${count}))`;
    return {
      data,
      lines: [
        ...data.flatMap((page, index) => [...(index === 0 ? [] : [['']]), ...pageLines(console, page)]),
        ...sessionLines(console, kernel, va),
      ],
      call,
    };
  },
};

function pageLines(console: Console, mapped: MappedPoolPage): Line[] {
  const { page, region, big } = mapped;
  const { system } = console;
  const head = regionLine(console, page.address, region);
  const at = system.plainText(page.address);
  if (big?.found !== undefined) {
    const { address, size, tag } = big.found;
    const start = system.plainText(address);
    return [
      head,
      [
        ' ',
        span(at, 'address'),
        ` is in the large allocation ${start}, tag ${shownTag(tag)}, 0x${size.toString(16)} bytes`,
      ],
    ];
  }
  if ('range' in page && page.range?.kind === 'free')
    return [head, [' ', span(at, 'address'), ' is in free pages of a segment']];
  if (page.verdict === 'missing')
    return [
      head,
      [' ', span(at, 'address'), ` ${system.target.whyUnreadable(page.address) ?? 'is not in this dump'}`],
    ];
  if (page.verdict === 'unrecognized') {
    const what = page.isZeroed ? 'holds only zeros' : 'has no header that makes sense';
    return [
      head,
      [' ', span(at, 'address'), ` ${what}: it is no page of small blocks, or all of it was overwritten`],
    ];
  }
  return [head, ...rows(console, mapped), ...legend(console, mapped)];
}

function rows({ system }: Console, mapped: MappedPoolPage): Line[] {
  const lines: Line[] = [];
  for (let at = 0; at < mapped.uses.length; at += perRow) {
    const address = system.plainText(mapped.page.address + BigInt(at * mapped.unit));
    lines.push([' ', span(address, 'address', `!pool ${address}`), '  ', ...spans(mapped, at, at + perRow)]);
  }
  return lines;
}

/** Neighbours of one block and style are one piece of text. */
function spans(mapped: MappedPoolPage, from: number, to: number): Span[] {
  const parts: { text: string; readonly style: Style }[] = [];
  for (let at = from; at < to; at++) {
    const block = blockOf(mapped, at);
    const style = styleOf(mapped.uses[at]!, block);
    const isSame = at > from && mapped.owners[at] === mapped.owners[at - 1] && parts.at(-1)?.style === style;
    const text = cell(mapped.uses[at]!, mapped.owners[at], block);
    if (isSame) parts.at(-1)!.text += text;
    else parts.push({ text, style });
  }
  return parts;
}

type AnyBlock = PoolBlock | HeapBlock;

const blockOf = ({ page, owners }: MappedPoolPage, at: number): AnyBlock | undefined =>
  owners[at] === undefined ? undefined : page.blocks[owners[at]];

const letterOf = (index: number): string => String.fromCharCode(0x41 + (index % 26));

function cell(use: UnitUse, owner: number | undefined, block: AnyBlock | undefined): string {
  if (use === 'damaged') return '!';
  if (use === 'chunk') return '|';
  if (use === 'missing') return '?';
  if (use === 'unknown' || owner === undefined || block === undefined) return ':';
  if (use === 'header') return letterOf(owner);
  if (block.state === 'allocated') return letterOf(owner).toLowerCase();
  if (block.state === 'unknown') return '~';
  return block.state === 'free' ? '.' : '-';
}

function styleOf(use: UnitUse, block: AnyBlock | undefined): Style {
  if (use === 'damaged') return 'bad';
  if (use === 'missing' || use === 'unknown' || block === undefined) return 'warning';
  if (block.state !== 'allocated') return 'dim';
  return use === 'header' ? 'heading' : 'good';
}

function legend(console: Console, { page, uses }: MappedPoolPage): Line[] {
  const has = (use: UnitUse): boolean => uses.includes(use);
  const marks = [
    ...(has('chunk') ? ['| header of a chunk of the heap'] : []),
    ...(has('damaged') ? ['! damage'] : []),
    ...(has('unknown') ? ['range' in page ? ': in no block' : ': no header explains it'] : []),
    ...(has('missing') ? ['? not in this dump'] : []),
  ];
  return [
    ...page.blocks.map((block, index): Line => [`  ${letterOf(index)} `, ...anyBlockLine(console, block)]),
    ...(marks.length === 0 ? [] : [[`  ${marks.join(', ')}`]]),
  ];
}
