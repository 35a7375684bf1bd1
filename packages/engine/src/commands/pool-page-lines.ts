import { describeFault, Fault, type Va } from '../base/index.ts';
import {
  type BigSearch,
  type NoPoolReport,
  type PoolBlock,
  type PoolPage,
  type PoolPageReport,
  type PoolProblem,
  type PoolRegion,
  poolFormat,
} from '../pool/index.ts';
import type { Console } from './console.ts';
import { noteColumns } from './note-lines.ts';
import { type Line, plain, span } from './output.ts';
import { analysisLines } from './pool-analysis-lines.ts';
import { blockLine, contentLines, ownerLines, shownTag } from './pool-block-lines.ts';
import { wrapText } from './wrap-text.ts';

/** What `!pool` was asked to show. */
export interface PoolDisplay {
  /** The first bytes of each block too. */
  readonly contents: boolean;
  /** Only the block that holds the address. */
  readonly onlyBlock: boolean;
  /** Neither the region nor the tag's owner. */
  readonly bare: boolean;
}

/** `Pool page X region is Nonpaged pool`, and how that is known. */
export const regionLine = (
  { system }: Pick<Console, 'system'>,
  va: Va,
  { text }: Pick<PoolRegion, 'text'>,
): Line => [`Pool page ${system.plainText(va)} region is ${text}`];

/** An address that is in an image. */
export const noPoolLines = ({ system }: Console, { address, module }: NoPoolReport): Line[] => [
  regionLine({ system }, address, { text: 'Unknown' }),
  [span(`${system.plainText(address)} is in the image of ${module}: that is no pool.`, 'warning')],
];

/** Our own lines behind an answer: how the region is known, and what is in doubt. */
export function sourceLines({ pool, region }: Pick<PoolPageReport, 'pool' | 'region'>): Line[] {
  const execute =
    region.executable === undefined || !region.text.startsWith('Nonpaged')
      ? ''
      : region.executable
        ? ', executable'
        : ', not executable';
  const known =
    region.from === undefined
      ? 'Nothing in this dump tells the region'
      : `Region by ${region.from}${execute}`;
  const doubt = pool.doubt === undefined ? [] : [[span(pool.doubt, 'dim')]];
  return [[span(`${known}.`, 'dim')], ...doubt];
}

/** A page of the classic pool. */
export function classicLines(console: Console, report: PoolPageReport, display: PoolDisplay): Line[] {
  const { page, region, address, big } = report;
  const head = display.bare ? [] : [regionLine(console, address, region)];
  if (big?.found !== undefined) return [...head, ...bigLines(console, big.found, display)];
  switch (page.verdict) {
    case 'missing':
      return [...head, ...absentLines(console, report)];
    case 'unrecognized':
      return [...head, ...strangeLines(console, report)];
    case 'damaged':
      return [...head, ...damagedLines(console, report, display)];
    case 'whole':
    case 'incomplete':
      return [...head, ...blocksLines(console, report, page.blocks, display), ...holeLines(console, page)];
  }
}

function blocksLines(
  console: Console,
  report: PoolPageReport,
  blocks: readonly PoolBlock[],
  display: PoolDisplay,
): Line[] {
  return blocks.flatMap((block) => {
    const starred = block === report.block;
    if (display.onlyBlock && !starred) return [];
    return [
      blockLine(console, block, starred),
      ...(starred && !display.bare ? ownerLines(console, block.tag) : []),
      ...(display.contents ? contentLines(console, block) : []),
    ];
  });
}

function bigLines(
  console: Console,
  { address, size, tag }: NonNullable<BigSearch['found']>,
  { bare }: PoolDisplay,
): Line[] {
  const at = console.system.plainText(address);
  return [
    [
      '*',
      span(at, 'address'),
      ` : large page allocation, tag is ${shownTag(tag)}, size is 0x${size.toString(16)} bytes`,
    ],
    ...(bare ? [] : ownerLines(console, tag)),
  ];
}

/** Said of large allocations: there is none, or why nobody knows. */
export function noBigLines(at: string, big: BigSearch | undefined): Line[] {
  const unknown = big === undefined || big.found !== undefined ? undefined : big.unknown;
  return unknown === undefined
    ? [
        [`${at} is not a valid large pool allocation, checking large session pool...`],
        ['Unable to read large session pool table (where it is, is not known)'],
      ]
    : wrapText(`Unable to read the table of large allocations (${unknown})`, noteColumns).map((line) => [
        line,
      ]);
}

/** An address whose page is not in the dump. */
export function absentLines(
  console: Console,
  { address, big }: Pick<PoolPageReport, 'address' | 'big'>,
): Line[] {
  const { system } = console;
  const at = system.plainText(address);
  const read = console.memory.tryRead(address, 1);
  const why = read instanceof Fault ? describeFault(read) : undefined;
  return [
    ...noBigLines(at, big),
    [`${at} is not valid pool. Checking for freed (or corrupt) pool`],
    [`Address ${at} could not be read. It may be a freed, invalid or paged out page`],
    ...(why === undefined ? [] : [[span(`Here: ${why}.`, 'dim')]]),
  ];
}

/** The debugger's words for a header that makes no sense to it. */
export const notSmall = (at: string): Line[] =>
  plain(
    `${at} doesn't look like a valid small pool allocation, checking to see`,
    'if the entire page is actually part of a large page allocation...',
    '',
  );

function strangeLines({ system }: Console, { page, big }: PoolPageReport): Line[] {
  const at = system.plainText(page.address);
  const what = page.isZeroed
    ? 'The page holds only zeros'
    : 'No header of a small block makes sense on this page';
  return [
    ...notSmall(at),
    ...noBigLines(at, big),
    [span(`${what}: it is no page of small blocks, or all of it was overwritten.`, 'warning')],
  ];
}

/** What cannot be walked of a page for lack of its headers. */
export function holeLines({ system }: Console, { unexplained }: Pick<PoolPage, 'unexplained'>): Line[] {
  return unexplained.map(({ start, end }): Line => {
    const [from, to] = [system.plainText(start), system.plainText(BigInt.asUintN(64, end))];
    return [span(`${from} - ${to} cannot be walked: a header in it is not in this dump.`, 'warning')];
  });
}

/** Blocks up to the damage, the trouble, and the blocks behind it. */
function damagedLines(console: Console, report: PoolPageReport, display: PoolDisplay): Line[] {
  const { page, big } = report;
  const { system } = console;
  const failure = firstFailure(page);
  const at = failure === undefined ? undefined : system.plainText(failure.at);
  const before =
    failure === undefined ? page.blocks : page.blocks.filter(({ address }) => address < failure.until);
  const after = page.blocks.slice(before.length);
  const start = system.plainText(page.address);
  return [
    ...blocksLines(console, report, before, display),
    [],
    ...(failure === undefined || at === undefined
      ? []
      : [
          ...notSmall(at),
          ...noBigLines(at, big),
          [`${at} is freed (or corrupt) pool`],
          failureLine(console, failure, at),
          [],
        ]),
    ...plain(
      '***',
      '*** An error (or corruption) in the pool was detected;',
      '*** Attempting to diagnose the problem.',
      '***',
    ),
    ['*** Use ', span(`!poolval ${start}`, 'address', `!poolval ${start}`), ' for more details.'],
    ...plain('', ''),
    [`Pool page [ ${start} ] is `, span('__inVALID', 'bad'), '.'],
    [],
    ...analysisLines(console, page),
    ...loneHeader(page),
    ...(after.length === 0 ? [] : [[], [span('Behind the damage headers agree again:', 'heading')]]),
    ...blocksLines(console, report, after, display),
  ];
}

/** One header alone is weak evidence: other memory can look like that. */
export const loneHeader = ({ blocks }: PoolPage): Line[] =>
  blocks.length > 1
    ? []
    : [
        [
          span(
            'Only one header makes sense here; that this is a page of small blocks rests on that one.',
            'dim',
          ),
        ],
      ];

/** Where a walk from the start of the page meets the first header that is wrong. */
interface Failure {
  readonly problem: PoolProblem;
  readonly at: Va;
  /** Blocks from here on come behind the trouble. */
  readonly until: Va;
  /** Size of the block before, in bytes. */
  readonly lastSize: number | undefined;
}

const ownRules = new Set<PoolProblem['rule']>(['type', 'index', 'pool', 'free-link']);

function firstFailure({ problems, blocks, address }: PoolPage): Failure | undefined {
  const problem = problems.find(({ rule }) => !ownRules.has(rule));
  if (problem === undefined) return undefined;
  if (problem.rule === 'first-previous-size' || problem.rule === 'start')
    return { problem, at: address, until: address, lastSize: undefined };
  const isSize = problem.rule === 'size';
  const last = blocks.findLast((block) =>
    isSize ? block.address <= problem.at : block.address < problem.at,
  );
  // A wrong size leads to a place where no header is.
  const at = isSize && last !== undefined ? last.address + BigInt(last.size) : problem.at;
  return { problem, at, until: isSize ? problem.at + 1n : problem.at, lastSize: last?.size };
}

function failureLine({ system }: Console, { problem, lastSize }: Failure, at: string): Line {
  const last = lastSize === undefined ? '0' : (lastSize / poolFormat(system).unit).toString(16);
  if (problem.rule === 'size-zero') return [`Bad allocation size @${at}, zero is no size`];
  if (problem.rule === 'size-past-page')
    return [`Bad allocation size @${at}, the block would end behind the page`];
  return [`Bad previous allocation size @${at}, last size was ${last}`];
}
