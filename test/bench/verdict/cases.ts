import { BufferSource, builtInOwners, openSession, type Session } from '@poolscope/engine';
import {
  type DumpKind,
  dumpBytes,
  type Knowable,
  knowableFrom,
  type Machine,
  playScenario,
  type Scenario,
} from '@poolscope/lab';
import { findFault } from '../../../packages/engine/src/analyze/fault.ts';
import { findAll } from '../../../packages/engine/src/analyze/verdict/reach-verdict.ts';
import type { Scene } from '../../../packages/engine/src/analyze/verdict/scene.ts';
import type { GroundRule, SuspectRule } from '../../../packages/engine/src/analyze/verdict/weights.ts';
import { labSymbols } from './lab-symbols.ts';
import { isRight, openOfBlock, type Score, scoreVerdict } from './score.ts';

export const dumpKinds = ['full', 'bitmap-kernel', 'triage'] as const satisfies readonly DumpKind[];

export interface CaseOptions {
  readonly seed: number;
  readonly build?: number;
  /** Also what every detector found, for the fitting of weights. */
  readonly withFindings?: boolean;
  readonly kinds?: readonly DumpKind[];
}

/** One finding of a detector: the rules that speak for it, and whether it is right. */
export interface FindingRecord {
  readonly kind: string;
  readonly rules: readonly GroundRule[];
  readonly right: boolean;
}

export interface SuspectRecord {
  readonly rules: readonly SuspectRule[];
  readonly right: boolean;
}

/** A verdict on one dump, against the truth. Plain data: it can be written to a file and read again. */
export interface CaseResult {
  readonly scenario: string;
  /** What the scenario really is. */
  readonly truth: string;
  readonly isPool: boolean;
  readonly hasCulprit: boolean;
  readonly dump: DumpKind;
  readonly symbols: boolean;
  readonly seed: number;
  readonly build: number | null;
  readonly kind: string;
  readonly confidence: number;
  readonly right: boolean;
  readonly score: Score;
  /** What of its block it leaves open. */
  readonly openOfBlock: readonly string[];
  /** What this dump can tell at all. */
  readonly knowable: Knowable;
  readonly summary: string;
  readonly signature: string;
  /** What happened, apart from addresses: crashes of one story belong together. */
  readonly story: string;
  /** Fields that are not exact: what was said and what is true. */
  readonly differences: readonly string[];
  readonly suspects: readonly { readonly score: number; readonly right: boolean }[];
  readonly milliseconds: number;
  readonly findings: readonly FindingRecord[];
  /** Of the finding that became the verdict. */
  readonly reasons: readonly SuspectRecord[];
}

/** Plays a scenario once and gives the verdicts on its dumps, with symbols and without. */
export async function* verdictsOn(scenario: Scenario, options: CaseOptions): AsyncGenerator<CaseResult> {
  const { seed, build, kinds = dumpKinds } = options;
  const machine = playScenario(scenario, { seed, ...(build === undefined ? {} : { build }) });
  const source = labSymbols(machine);
  for (const dump of kinds) {
    const knowable = knowableFrom(machine, { type: dump });
    const bytes = new BufferSource(dumpBytes(machine, { type: dump }));
    for (const symbols of [true, false]) {
      const session = await openSession(bytes, symbols ? { symbols: source } : {});
      yield caseResult(machine, session, { ...options, scenario, dump, symbols, knowable });
    }
  }
}

interface Circumstances extends CaseOptions {
  readonly scenario: Scenario;
  readonly dump: DumpKind;
  readonly symbols: boolean;
  readonly knowable: Knowable;
}

function caseResult(machine: Machine, session: Session, circumstances: Circumstances): CaseResult {
  const { scenario, dump, symbols, seed, build, knowable, withFindings = false } = circumstances;
  const truth = machine.truth.scenario!;
  const start = performance.now();
  const { verdict, signature } = session.analyze().report;
  const milliseconds = performance.now() - start;
  const score = scoreVerdict(verdict, truth);
  return {
    scenario: scenario.name,
    truth: truth.kind,
    isPool: truth.kind !== 'not-pool',
    hasCulprit: truth.culprit !== undefined,
    dump,
    symbols,
    seed,
    build: build ?? null,
    kind: verdict.kind,
    confidence: verdict.confidence,
    right: isRight(verdict, truth),
    score,
    openOfBlock: openOfBlock(verdict, truth),
    knowable,
    summary: verdict.summary,
    signature,
    story: storyOf(truth),
    differences: differencesOf(score, verdict, truth),
    suspects: verdict.suspects.map((each) => ({
      score: each.score,
      right: each.module === truth.culprit,
    })),
    milliseconds,
    ...(withFindings ? findingsOf(session, machine) : { findings: [], reasons: [] }),
  };
}

const storyOf = ({ kind, culprit, block, damage }: NonNullable<Machine['truth']['scenario']>): string =>
  [kind, culprit, block?.tag, block?.size, damage?.length].join();

function differencesOf(score: Score, verdict: object, truth: object): string[] {
  const shown = (value: unknown) =>
    JSON.stringify(value ?? null, (_key, each: unknown) =>
      typeof each === 'bigint' ? `0x${each.toString(16)}` : each,
    );
  return Object.entries(score)
    .filter(([field, mark]) => mark !== 'exact' && field !== 'kind')
    .map(([field, mark]) => {
      const said: unknown =
        field === 'culprit'
          ? (verdict as { suspects: { module: string }[] }).suspects.map(({ module }) => module)
          : (verdict as Record<string, unknown>)[field];
      return `${field} ${mark}: said ${shown(said)}, is ${shown((truth as Record<string, unknown>)[field])}`;
    });
}

function findingsOf(session: Session, machine: Machine): Pick<CaseResult, 'findings' | 'reasons'> {
  const { system } = session;
  const truth = machine.truth.scenario!;
  const frames = system.start === undefined ? [] : system.stackFrom(system.start.registers, 256);
  const scene: Scene = { system, fault: findFault(system), frames, owners: builtInOwners() };
  const all = findAll(scene);
  const findings = all.map(({ finding }) => ({
    kind: finding.kind,
    rules: [...new Set(finding.grounds.map(({ rule }) => rule))],
    right: isRight({ ...finding, freedAddress: null }, truth),
  }));
  const reasons = new Map<string, Set<SuspectRule>>();
  for (const { module, rule } of all[0]?.finding.suspects ?? [])
    reasons.set(module, (reasons.get(module) ?? new Set()).add(rule));
  return {
    findings,
    reasons: [...reasons].map(([module, rules]) => ({
      rules: [...rules],
      right: module === truth.culprit,
    })),
  };
}
