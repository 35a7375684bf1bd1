import type { Evidence, Missing, Suspect, Verdict } from '../analyze/index.ts';
import { confidenceText, kindName } from '../report/index.ts';
import { type Line, plain, span } from './output.ts';
import { heading, wrapped } from './page-text.ts';
import { wrapText } from './wrap-text.ts';

/** The kind of the verdict, how sure it is, and the sentence that says it all. */
export function verdictHead(verdict: Verdict, width: number): Line[] {
  const sure = confidenceText(verdict);
  return [
    [''],
    [span(kindName(verdict.kind).toUpperCase(), 'heading'), sure === undefined ? '' : `   ${sure}`],
    ...wrapped(verdict.summary, '  ', width),
  ];
}

/** Columns of a claim beside its command; on a narrow page the command stands below. */
const claimWidth = 66;
const claimIndent = 5;

export function evidenceLines({ evidence }: Verdict, width: number): Line[] {
  if (evidence.length === 0) return [];
  return [
    ...heading('Why we say so'),
    ...evidence.flatMap((each, index) => claimLines(each, index + 1, width)),
  ];
}

function claimLines({ claim, command }: Evidence, number: number, width: number): Line[] {
  const room = width - claimIndent;
  const [first = '', ...rest] = wrapText(claim, Math.min(claimWidth, room));
  const isBeside = claimWidth + 2 + command.length <= room;
  const below = ' '.repeat(claimIndent);
  const shown = span(command, 'good', command);
  return [
    [`${String(number).padStart(3)}  `, ...(isBeside ? [first.padEnd(claimWidth + 2), shown] : [first])],
    ...plain(...rest.map((text) => below + text)),
    ...(isBeside ? [] : [[below, shown]]),
  ];
}

/** Columns of the bar of a suspect, and the fewest that its reasons need beside it. */
const [barWidth, reasonWidth] = [20, 40];
/** Longer names would leave no room for reasons. */
const longName = 24;

export function suspectLines({ suspects }: Verdict, width: number): Line[] {
  if (suspects.length === 0) return [];
  const name = Math.min(longName, Math.max(...suspects.map(({ module }) => module.length)));
  const indent = name + barWidth + 12;
  const isBeside = indent + reasonWidth <= width;
  return [
    ...heading('Suspects'),
    ...suspects.flatMap((each) => suspectRow(each, { name, width, indent: isBeside ? indent : 4 })),
  ];
}

interface SuspectColumns {
  readonly name: number;
  readonly indent: number;
  readonly width: number;
}

function suspectRow({ module, score, because }: Suspect, { name, indent, width }: SuspectColumns): Line[] {
  const bar = '█'.repeat(Math.round(score * barWidth)).padEnd(barWidth);
  const head = `  ${score.toFixed(2)}  ${bar}  `;
  const reasons = because.flatMap((reason) => wrapText(reason, width - indent));
  const isBeside = 2 + Math.max(name, module.length) + head.length <= indent;
  const [first, rest] = isBeside ? [reasons[0] ?? '', reasons.slice(1)] : ['', reasons];
  return [
    ['  ', span(module.padEnd(name), 'symbol'), head + first],
    ...plain(...rest.map((line) => ' '.repeat(indent) + line)),
  ];
}

export const nextLines = ({ next }: Verdict, width: number): Line[] =>
  next.length === 0
    ? []
    : [...heading('What would settle it'), ...next.flatMap((step) => wrapped(step, '  ', width))];

export function missingLines(missing: readonly Missing[], width: number): Line[] {
  if (missing.length === 0) return [];
  const lines = missing.flatMap(({ what, why, cost }) => [
    ...wrapped(what, '  ', width),
    ...wrapped(`${why}; ${cost}`, '      ', width),
  ]);
  return [...heading('Missing'), ...lines];
}
