import { type Report, redactedPath } from '../analyze/index.ts';
import {
  bugCheckTitle,
  bugCheckValues,
  dumpFacts,
  fileName,
  isPoolVerdict,
  shellPath,
} from '../report/index.ts';
import { faultLines, happenedLines, stackLines, warningLines } from './analyze-page-crash.ts';
import { evidenceLines, missingLines, nextLines, suspectLines, verdictHead } from './analyze-page-verdict.ts';
import { type Line, plain, span } from './output.ts';
import { pictureLines } from './verdict-picture.ts';

/** How the page of `analyze` is laid out in text. */
export interface PageOptions {
  /** How this host's user starts poolscope. */
  readonly program?: string;
  /** Of the screen. A page is never wider than 100, and never narrower than 40. */
  readonly columns?: number;
}

const [narrowest, widest] = [40, 100];

/**
 * The report as a page for a person. Where damaged or misused pool is the verdict, it comes first with its proof, and the crash,
 * which often is another driver's, in short behind it; else the crash comes first. Commands, names and
 * addresses are not broken and may be wider than the page.
 */
export function analyzePage(
  report: Report,
  { program = 'poolscope', columns = widest }: PageOptions = {},
): Line[] {
  const width = Math.min(widest, Math.max(narrowest, columns));
  const isPool = isPoolVerdict(report.verdict);
  const proof = [
    ...evidenceLines(report.verdict, width),
    ...suspectLines(report.verdict, width),
    ...nextLines(report.verdict, width),
  ];
  const missing = missingLines(report.missing, width);
  const crash = [
    ...happenedLines(report, width, isPool),
    ...faultLines(report, width, isPool),
    ...stackLines(report, width, isPool),
  ];
  return [
    ...headLines(report, width),
    ...verdictHead(report.verdict, width),
    ...pictureLines(report.verdict.picture, report.verdict.damage, width),
    ...(isPool ? [...proof, ...missing, ...crash] : [...crash, ...proof, ...missing]),
    ...warningLines(report, width),
    ...(report.dump.path === redactedPath ? [] : goOnLines(report, program)),
  ];
}

const goOnLines = ({ dump }: Report, program: string): Line[] => [
  [''],
  ['Go on with:  ', span(`${program} debug ${shellPath(dump.path)}`, 'good')],
];

/** Longer names have a line of their own. */
const longName = 24;

function headLines(report: Report, width: number): Line[] {
  const name = fileName(report.dump);
  const indent = name.length > longName || width < 80 ? 2 : name.length + 3;
  const facts = wrapItems(dumpFacts(report), ' · ', width - indent);
  const [title, values] = [bugCheckTitle(report), bugCheckValues(report)];
  const space = ' '.repeat(indent);
  const isLong = indent + title.length + 1 + values.length > width;
  const [first = '', ...more] = facts;
  return [
    ...(indent === 2 ? [[span(name, 'heading')], [space + first]] : [[span(name, 'heading'), `   ${first}`]]),
    ...plain(...more.map((line) => space + line)),
    [space, span(title, 'bad'), isLong ? '' : ` ${values}`],
    ...plain(...(isLong ? [space + values] : [])),
  ];
}

/** Items that belong together are not torn apart. */
function wrapItems(items: readonly string[], separator: string, columns: number): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last === undefined || last.length + separator.length + item.length > columns) lines.push(item);
    else lines[lines.length - 1] = last + separator + item;
  }
  return lines;
}
