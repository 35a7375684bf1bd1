import { BufferSource, openSession, type Report } from '@poolscope/engine';
import { dumpBytes, kernelFamily, type Machine, playableBuilds } from '@poolscope/lab';
import {
  actorOf,
  fleetStories,
  type MeasuredVerdict,
  measuredKey,
  measuredRoles,
  type PlannedCrash,
  playCrash,
  products,
} from '@poolscope/lab/fleet';

/*
 * What analyses really say: each story of a fleet is played on machines of a fleet, and the verdicts on both kinds of its dump
 * are kept with roles in place of names. Simulated fleets draw from them.
 */

const dumps = ['bitmap-kernel', 'triage'] as const;

export type Measured = Map<string, Map<string, { count: number; verdict: MeasuredVerdict }>>;

export interface MeasureOptions {
  /** How many machines for each story, driver and allocator. */
  readonly each: number;
  readonly first: number;
  readonly onProgress: (done: string) => void;
}

export async function measure({ each, first, onProgress }: MeasureOptions): Promise<Measured> {
  const measured: Measured = new Map();
  for (const draft of fleetStories(first, each, playableBuilds)) {
    try {
      const machine = playCrash(draft);
      for (const dump of dumps)
        add(
          measured,
          measuredKey(draft.scenario, draft.machine.build, dump),
          await verdictOn(machine, draft, dump),
        );
    } catch (error) {
      onProgress(`${draft.scenario} by ${draft.culprit}, build ${draft.machine.build}: ${String(error)}`);
    }
    if (draft.number % 20 === 0)
      onProgress(`${draft.number}: ${draft.scenario} by ${draft.culprit ?? 'nobody'}`);
  }
  return measured;
}

function add(measured: Measured, key: string, verdict: MeasuredVerdict): void {
  const rows = measured.get(key) ?? new Map();
  measured.set(key, rows);
  const name = JSON.stringify(verdict);
  const row = rows.get(name) ?? { count: 0, verdict };
  row.count++;
  rows.set(name, row);
}

async function verdictOn(
  machine: Machine,
  crash: PlannedCrash,
  type: (typeof dumps)[number],
): Promise<MeasuredVerdict> {
  const bytes = dumpBytes(machine, { type, family: kernelFamily(machine.profile.build) });
  const session = await openSession(new BufferSource(bytes));
  return withRoles(session.analyze().report, crash);
}

const rounded = (value: number): number => Math.round(value * 20) / 20;

/** Names and tags of the market's drivers become roles in the order in which they are met. */
function withRoles({ verdict, signature }: Report, crash: PlannedCrash): MeasuredVerdict {
  const names = roleNames(verdict, signature, crash);
  const roled = (text: string): string =>
    names.reduce(
      (all, [name, role]) =>
        all.replaceAll(new RegExp(`\\b${name}(?=\\.sys|\\b)`, 'g'), role.replace('$', '$$$$')),
      text,
    );
  const { tag = null } = verdict.block ?? {};
  const { text = null } = verdict.damage ?? {};
  return [
    1,
    verdict.kind,
    rounded(verdict.confidence),
    verdict.suspects.map(({ module, score }) => [roled(module.toLowerCase()), rounded(score)] as const),
    tag === null ? null : roled(tag.trimEnd()),
    text === null ? null : text.slice(0, 32).replaceAll(/\d+/g, '#'),
    roled(signature),
  ];
}

function roleNames(verdict: Report['verdict'], signature: string, crash: PlannedCrash): [string, string][] {
  const { culprit, culpritTag, others, otherTags } = measuredRoles;
  const actor = actorOf(crash);
  const text = `${verdict.suspects.map(({ module }) => module.toLowerCase()).join(' ')} ${signature} ${verdict.block?.tag ?? ''}`;
  const sold = products.filter(({ kind, name }) => kind !== undefined && name !== actor);
  const met = sold
    .map(({ name, tag = '' }) => ({ name, tag, at: firstOf(text, [name, tag]) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at);
  const own = products.find(({ name }) => name === actor);
  return [
    ...(own?.tag === undefined
      ? []
      : [[own.name, culprit] as [string, string], [own.tag, culpritTag] as [string, string]]),
    ...met.slice(0, others.length).flatMap(({ name, tag }, index): [string, string][] => [
      [name, others[index]!],
      [tag, otherTags[index]!],
    ]),
  ];
}

function firstOf(text: string, names: readonly string[]): number {
  const places = names
    .map((name) => text.search(new RegExp(`\\b${name}(?=\\.sys|\\b)`)))
    .filter((at) => at >= 0);
  return places.length === 0 ? -1 : Math.min(...places);
}

/** The table as a source file. */
export function measuredText(measured: Measured): string {
  const lines = [...measured]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, rows]) => [
      `  '${key}': [`,
      ...[...rows.values()]
        .sort((a, b) => b.count - a.count)
        .map(({ count, verdict }) => `    ${JSON.stringify([count, ...verdict.slice(1)])},`),
      '  ],',
    ]);
  return [
    '// Written by `node test/bench/fleet/main.mjs --measure`: verdicts of real analyses, by story, allocator and kind of dump.',
    '',
    '/** How often, kind, confidence, suspects with scores, tag, text of the damage, signature. */',
    'export type MeasuredVerdict = readonly [',
    '  count: number,',
    '  kind: string,',
    '  confidence: number,',
    '  suspects: readonly (readonly [module: string, score: number])[],',
    '  tag: string | null,',
    '  text: string | null,',
    '  signature: string,',
    '];',
    '',
    'export const measuredVerdicts: Readonly<Record<string, readonly MeasuredVerdict[]>> = {',
    ...lines,
    '};',
    '',
  ].join('\n');
}
