import { type Bucket, buckets, calibrationError, type Said } from './calibration.ts';
import type { CaseResult } from './cases.ts';
import type { LeftOut } from './learn.ts';
import type { Score } from './score.ts';
import { signatureLines } from './signatures.ts';
import {
  holds,
  isConfidentlyWrong,
  isExact,
  isNotWrong,
  isTold,
  isTriage,
  percent,
  type Rule,
  type Share,
  type Tally,
  tally,
  thresholds,
  toldOf,
} from './tally.ts';

/** A table: its heads, and rows of texts. */
export interface Table {
  readonly title: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const shareText = (share: Share): string => (share.of === 0 ? '-' : `${percent(share).toFixed(1)} %`);
const number = (value: number): string => value.toFixed(2);

const tallyHeads = ['dumps', 'kind', 'block', 'damage', 'victims', 'address', 'culprit', 'unknown'];

const tallyRow = (name: string, found: Tally): string[] => [
  name,
  String(found.cases),
  ...[found.kind, found.block, found.damage, found.victims, found.freedAddress, found.culprit].map(shareText),
  String(found.unknown),
];

function groupsOf(results: readonly CaseResult[], keyOf: (result: CaseResult) => string) {
  const groups = new Map<string, CaseResult[]>();
  for (const result of results) {
    const key = keyOf(result);
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return groups;
}

/** A line for each group, and one for all. */
export function tallyTable(
  title: string,
  results: readonly CaseResult[],
  keyOf: (result: CaseResult) => string,
  rule: Rule = isExact,
): Table {
  const rows = [...groupsOf(results, keyOf)].map(([key, group]) => tallyRow(key, tally(group, rule)));
  return { title, heads: ['', ...tallyHeads], rows: [...rows, tallyRow('all', tally(results, rule))] };
}

export function allTallies(results: readonly CaseResult[]): Table[] {
  const whole = results.filter((result) => !isTriage(result));
  const small = results.filter(isTriage);
  const of = (symbols: boolean) => (symbols ? 'with symbols' : 'without symbols');
  return [
    tallyTable('Full and kernel dumps, by scenario', whole, ({ scenario }) => scenario, isTold),
    tallyTable('Full and kernel dumps, by kind', whole, ({ truth }) => truth, isTold),
    tallyTable(
      'Full and kernel dumps, by build and by what there is',
      whole.filter(({ build }) => build !== null),
      ({ build, dump, symbols }) => `${build}, ${dump}, ${of(symbols)}`,
      isTold,
    ),
    tallyTable(
      'All dumps, what is left open never counted',
      results,
      ({ dump, symbols }) => `${dump}, ${of(symbols)}`,
    ),
    tallyTable(
      'Triage dumps, what is left open always counted',
      small,
      ({ scenario }) => scenario,
      isNotWrong,
    ),
  ].filter(({ rows }) => rows.length > 1);
}

export const thresholdTable = (results: readonly CaseResult[]): Table => ({
  title: 'What has to hold',
  heads: ['', 'at least', 'measured', 'of', 'holds'],
  rows: thresholds(results).map((line) => [
    line.what,
    `${line.least} %`,
    shareText(line.share),
    String(line.share.of),
    holds(line) ? 'yes' : 'no',
  ]),
});

/** Do crashes of one story have one signature, and others another? */
export const signatureTable = (results: readonly CaseResult[]): Table => ({
  title: 'Signatures, by pairs of kernel dumps',
  heads: ['', 'share', 'pairs'],
  rows: signatureLines(results)
    .filter(({ share }) => share.of > 0)
    .map(({ what, share }) => [what, shareText(share), String(share.of)]),
});

/** How much is got out of what is there. */
export const toldTable = (results: readonly CaseResult[]): Table => {
  const whole = toldOf(results.filter((result) => !isTriage(result)));
  const small = toldOf(results.filter(isTriage));
  return {
    title: 'Exact, of the dumps that can tell',
    heads: ['', 'full, kernel', 'of', 'triage', 'of'],
    rows: whole.map(([field, found], index) => {
      const [, inSmall] = small[index]!;
      return [field, shareText(found), String(found.of), shareText(inSmall), String(inSmall.of)];
    }),
  };
};

export const timeTable = (results: readonly CaseResult[]): Table => ({
  title: 'Milliseconds for a verdict',
  heads: ['', 'middle', 'slowest'],
  rows: [...groupsOf(results, ({ dump }) => dump)].map(([dump, group]) => {
    const { middle, slowest } = tally(group);
    return [dump, middle.toFixed(0), slowest.toFixed(0)];
  }),
});

/** Wrong with confidence, one line for all cases that say the same. */
export function wrongTable(results: readonly CaseResult[]): Table {
  const wrong = groupsOf(
    results.filter(isConfidentlyWrong),
    ({ scenario, kind, truth }) => `${scenario}|${kind}|${truth}`,
  );
  return {
    title: 'Wrong with confidence',
    heads: ['scenario', 'said', 'is', 'dumps', 'confidence', 'first of them'],
    rows: [...wrong.values()].map((group) => {
      const [first] = group;
      const { scenario, kind, truth, dump, seed, summary } = first!;
      const most = Math.max(...group.map(({ confidence }) => confidence));
      return [scenario, kind, truth, String(group.length), number(most), `${dump}, seed ${seed}: ${summary}`];
    }),
  };
}

/** What is not exact on full and kernel dumps: one line for each scenario, field and mark. `*`: this dump does not tell it. */
export function differenceTable(results: readonly CaseResult[]): Table {
  const lines = new Map<string, { count: number; text: string }>();
  for (const result of results) {
    if (isTriage(result)) continue;
    const kind = result.score.kind === 'exact' ? [] : [`kind ${result.score.kind}: said ${result.kind}`];
    for (const said of [...kind, ...result.differences]) {
      const field = said.split(' ')[0] as keyof Score;
      const text = isTold(result, field) ? `* ${said}` : said;
      const key = `${result.scenario}|${text.split(':')[0]}`;
      const at = `${result.dump}, seed ${result.seed}, build ${result.build ?? '-'}`;
      const line = lines.get(key) ?? { count: 0, text: `(${at}) ${text}` };
      line.count++;
      lines.set(key, line);
    }
  }
  return {
    title: 'Not exact on full and kernel dumps',
    heads: ['scenario', 'dumps', 'first of them'],
    rows: [...lines].map(([key, { count, text }]) => [key.split('|')[0]!, String(count), text]),
  };
}

const bucketRow = ({ from, to, count, said, was }: Bucket): string[] => [
  `${from.toFixed(1)} to ${to.toFixed(1)}`,
  String(count),
  number(said),
  number(was),
];

export const bucketTable = (title: string, all: readonly Said[]): Table => ({
  title: `${title}: calibration error ${calibrationError(all).toFixed(3)}`,
  heads: ['confidence', 'count', 'said', 'was'],
  rows: buckets(all).map(bucketRow),
});

export function leftOutTable(
  title: string,
  families: readonly LeftOut[],
  of: 'findings' | 'suspects',
): Table {
  const mean = (all: readonly Said[], value: (said: Said) => number): string =>
    all.length === 0 ? '-' : number(all.reduce((sum, each) => sum + value(each), 0) / all.length);
  return {
    title,
    heads: ['left out', 'count', 'said', 'was'],
    rows: families.map((family) => [
      `${family.family}${family.scenarios > 1 ? ` (${family.scenarios})` : ''}`,
      String(family[of].length),
      mean(family[of], ({ probability }) => probability),
      mean(family[of], ({ right }) => Number(right)),
    ]),
  };
}

/** What fits say of scenarios that they did not see: families of variants, and whole kinds. */
export function calibrationTables(byFamily: readonly LeftOut[], byKind: readonly LeftOut[]): Table[] {
  const all = (families: readonly LeftOut[], of: 'findings' | 'suspects') =>
    families.flatMap((family) => family[of]);
  return [
    leftOutTable('Verdicts, families left out', byFamily, 'findings'),
    bucketTable('Verdicts, families left out', all(byFamily, 'findings')),
    leftOutTable('Suspects, families left out', byFamily, 'suspects'),
    bucketTable('Suspects, families left out', all(byFamily, 'suspects')),
    leftOutTable('Verdicts, whole kinds left out', byKind, 'findings'),
    bucketTable('Verdicts, whole kinds left out', all(byKind, 'findings')),
    leftOutTable('Suspects, whole kinds left out', byKind, 'suspects'),
    bucketTable('Suspects, whole kinds left out', all(byKind, 'suspects')),
  ];
}

/** In columns; numbers stand right. */
export function plainText({ title, heads, rows }: Table): string {
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]!.length)),
  );
  const isNumber = heads.map((_, column) => rows.every((row) => /^(?:[\d.]+(?: %)?|-)$/.test(row[column]!)));
  const lines = [heads, ...rows].map((row) =>
    row
      .map((cell, column) =>
        isNumber[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  );
  return [title, ...lines.map((line) => `  ${line}`), ''].join('\n');
}

export function markdown({ title, heads, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [`### ${title}`, '', line(heads), line(heads.map(() => '---')), ...rows.map(line), ''].join('\n');
}
