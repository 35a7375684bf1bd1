import type { Va } from '../base/index.ts';
import {
  addPages,
  type CheckedRange,
  checkPool,
  type DamagedPage,
  mostDamaged,
  noPages,
  type PoolCheck,
  poolText,
} from '../pool/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, type CommandRun, linesStep, progressStep, usageError } from './command.ts';
import type { Console } from './console.ts';
import { brokenLinkLines } from './heap-link-lines.ts';
import { noteColumns, noteLines } from './note-lines.ts';
import { type Line, span } from './output.ts';
import { heapNotes } from './pool-heap-lines.ts';
import { takeRange } from './range.ts';
import { poolKernelOf, sessionLines } from './session-lines.ts';
import { sizeText } from './size-text.ts';

export const checkPoolCommand: Command = {
  names: ['!poolcheck'],
  usage: '-all | RANGE',
  summary: 'check the headers of all pages of small pool, and list those with damage',
  group: 'pool',
  details: [
    '-all checks every page of nonpaged, paged and session pool that is in the dump. RANGE is in bytes: ADDR LCOUNT or ADDR END.',
    'A page counts as damaged when enough of its headers agree that it is one of small blocks. Pages of large allocations are',
    'left out by their table; where that is not known they are judged by their bytes alone, and a line says so.',
    '!poolval ADDR explains the damage of a page.',
  ],
  examples: ['!poolcheck -all', '!poolcheck fffffa80`03f42000 L10000', '!poolcheck @rcx L1'],
  *run(console, args): CommandRun {
    if (args === '') throw usageError(checkPoolCommand, '-all or a range is missing');
    const range = args === '-all' ? undefined : rangeOf(console, args);
    const { kernel, text } = poolKernelOf(console);
    const run = checkPool(kernel, range);
    for (;;) {
      const step = run.next();
      if (step.done === true) {
        const typed =
          range === undefined ? '' : `, { start: ${bigHex(range.start)}, end: ${bigHex(range.end)} }`;
        const call = `engine.runToEnd(engine.checkPool(${text}${typed}))`;
        const session =
          range?.start ??
          step.value.ranges.find(({ range: { name } }) => name === 'paged-session')?.range.start;
        const lines = [
          ...resultLines(console, step.value, range !== undefined),
          ...(session === undefined ? [] : sessionLines(console, kernel, session)),
        ];
        return { data: step.value, lines, call };
      }
      const { what, done, damaged } = step.value;
      if (damaged.length > 0) yield linesStep(damaged.map((page) => damagedLine(console, page)));
      yield progressStep(what === 'large' ? 'reading the table of large allocations' : 'checking pool', done);
    }
  },
};

function rangeOf(console: Console, args: string): { readonly start: Va; readonly end: Va } {
  if (args.startsWith('-') && !/^-\d/.test(args))
    throw usageError(checkPoolCommand, `'${args.slice(0, 40)}' is no option`);
  const { range, rest } = takeRange(console, args, { elementSize: 1 });
  if (rest !== '') throw usageError(checkPoolCommand, `'${rest.slice(0, 40)}' is too much`);
  return { start: range.start, end: range.start + range.length };
}

/** `fffffa8003f43000  Nonpaged pool        damaged: 150 bytes at fffffa8003f43390 [header]`. */
export function damagedLine({ system }: Pick<Console, 'system'>, { page, pool }: DamagedPage): Line {
  const { plainText } = system;
  const at = plainText(page.address);
  const extents = page.unexplained.filter(({ reason }) => reason === 'damaged');
  const where = extents
    .slice(0, mostPlaces)
    .map(({ start, end }) => `${(end - start).toString(16)} bytes at ${plainText(start)}`);
  const rules = [...new Set(page.problems.map(({ rule }) => rule))];
  const lone = page.problems[0];
  const places =
    where.length > 0
      ? where.join(', ')
      : lone === undefined
        ? ''
        : `the ${lone.rule === 'free-link' ? 'link' : 'header'} at ${plainText(lone.at)}`;
  const more = extents.length > mostPlaces ? `, and ${extents.length - mostPlaces} more` : '';
  return [
    span(at, 'address', `!poolval ${at}`),
    `  ${poolText(pool).padEnd(20)} `,
    span('damaged', 'bad'),
    `: ${places}${more} [${rules.join(', ')}]`,
  ];
}

const mostPlaces = 4;

function resultLines(console: Console, result: PoolCheck, isRange: boolean): Line[] {
  const { pool, pages, damaged, ranges, bigUnknown, heapsUnknown, brokenLinks, cut } = result;
  const looked = together(ranges).filter(({ bytes }) => bytes > 0);
  return [
    ...(pages.damaged > damaged.length ? [[`Only the first ${mostDamaged} damaged pages are listed.`]] : []),
    ...brokenLinkLines(console, brokenLinks),
    ...(damaged.length > 0 || brokenLinks.length > 0 ? [['']] : []),
    ...looked.slice(0, mostRanges).flatMap(rangeLines),
    ...(looked.length > mostRanges ? [[`  ... and ${looked.length - mostRanges} more ranges`]] : []),
    totalLine(result, isRange),
    ...heapNotes(heapsUnknown),
    ...(cut === undefined ? [] : noteLines(`Not all was looked at: ${cut}.`)),
    ...(bigUnknown === undefined
      ? []
      : noteLines(`Pages of large allocations are told by their bytes alone: ${bigUnknown}.`)),
    ...(pool.doubt === undefined ? [] : noteLines(pool.doubt)),
  ];
}

const mostRanges = 32;

/** Ranges where pages have to show what they are lie between all modules: they are one line. */
function together(ranges: readonly CheckedRange[]): CheckedRange[] {
  const others = ranges.filter(({ range }) => range.name === 'unknown');
  const [first] = others;
  if (first === undefined) return [...ranges];
  const pages = noPages();
  for (const other of others) addPages(pages, other.pages);
  const bytes = others.reduce((sum, other) => sum + other.bytes, 0);
  return [...ranges.filter(({ range }) => range.name !== 'unknown'), { range: first.range, bytes, pages }];
}

function rangeLines({ range, bytes, pages }: CheckedRange): Line[] {
  const name = range.name === 'unknown' ? 'Other memory' : poolText(range.name);
  const small = pages.whole + pages.damaged + pages.incomplete;
  const doubt = range.told || range.name === 'unknown' ? '' : ', among other memory';
  const text = `${name.padEnd(20)} ${sizeText(BigInt(bytes)).padStart(13)} in the dump, ${small} ${small === 1 ? 'page' : 'pages'} of small blocks`;
  const source = span(`  by ${range.from}${doubt}`, 'dim');
  return text.length + source.text.length <= noteColumns ? [[text, source]] : [[text], [source]];
}

function totalLine({ pages, bytes }: PoolCheck, isRange: boolean): Line {
  const small = pages.whole + pages.damaged + pages.incomplete;
  const where = isRange ? 'of this range ' : '';
  if (bytes === 0) return [span(`No memory ${where}that could be pool is in this dump.`, 'warning')];
  if (small === 0) return [span('No page of small blocks was found.', 'warning')];
  const parts = [
    `${pages.whole} whole`,
    `${pages.damaged} damaged`,
    ...(pages.incomplete > 0 ? [`${pages.incomplete} of which parts are missing`] : []),
    ...(pages.large > 0 ? [`${pages.large} in large allocations`] : []),
    `${pages.other} no pages of small blocks`,
  ];
  const [first, ...rest] = parts;
  return [
    'Pages: ',
    span(`${first}`, pages.whole > 0 ? 'good' : 'dim'),
    ', ',
    span(`${rest[0]}`, pages.damaged > 0 ? 'bad' : 'good'),
    `, ${rest.slice(1).join(', ')}.`,
  ];
}
