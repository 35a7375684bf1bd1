import { PagedMemory } from '../../mmu/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { Suspect, Verdict } from '../report.ts';
import { allocatorFaultFinding, isInAllocator } from './allocator-fault.ts';
import { blockDamageFinding } from './block-damage-finding.ts';
import { saidConfidence, saidSuspicion } from './calibration.ts';
import { callerFinding } from './caller-finding.ts';
import type { Finding } from './finding.ts';
import { freedTwiceFinding } from './freed-twice-finding.ts';
import { heapAstrayFreeFinding } from './heap-astray-free.ts';
import { heapFailureFinding } from './heap-failure-finding.ts';
import { heapFreedTwiceFinding } from './heap-freed-twice.ts';
import { heapListFinding } from './heap-list-finding.ts';
import { heapQuotaBitFinding } from './heap-quota-bit.ts';
import { heapStaleFinding } from './heap-stale-value.ts';
import { leakFinding } from './leak-finding.ts';
import { isListCheck } from './list-check.ts';
import { listFinding } from './list-finding.ts';
import { nextSteps } from './next-steps.ts';
import { healthyFinding, otherFaultFinding } from './other-fault-finding.ts';
import { findPlaces } from './places.ts';
import { powerFinding } from './power-finding.ts';
import { sanitizerFinding } from './sanitizer-finding.ts';
import type { Scene } from './scene.ts';
import { searchPool } from './searched-finding.ts';
import { specialPoolFinding } from './special-pool-finding.ts';
import { staleValueFinding } from './stale-value.ts';
import { unexaminedVerdict } from './unexamined.ts';
import { unloadedFinding } from './unloaded-finding.ts';
import { userAddressFreed } from './user-address-freed.ts';
import { confidenceOf, type GroundRule, type SuspectRule, suspicionOf } from './weights.ts';

/** What each detector is asked for, those that prove first. The surest finding is the verdict. */
const detectors: readonly ((scene: Scene) => Finding | undefined)[] = [
  specialPoolFinding,
  sanitizerFinding,
  callerFinding,
  freedTwiceFinding,
  heapFreedTwiceFinding,
  heapFailureFinding,
  heapQuotaBitFinding,
  heapAstrayFreeFinding,
  userAddressFreed,
  heapListFinding,
  listFinding,
  blockDamageFinding,
  powerFinding,
  unloadedFinding,
  otherFaultFinding,
  allocatorFaultFinding,
  leakFinding,
];

/** A finding, and how sure it is by the judged weights. */
export interface WeighedFinding {
  readonly finding: Finding;
  readonly confidence: number;
}

/** From here on a finding is sure enough that all of pool need not be searched. */
const sureEnough = 0.5;

/** What every detector makes of the dump, the surest first; where none is sure, what a search of all pool adds. */
export function findAll(scene: Scene): WeighedFinding[] {
  const found = weigh(detectors.flatMap((detect) => detect(scene) ?? []));
  if ((found[0]?.confidence ?? 0) >= sureEnough || !canSearch(scene.system)) return found;
  const stale = heapStaleFinding(scene) ?? staleValueFinding(scene);
  if (stale !== undefined) return weigh([...found.map(({ finding }) => finding), stale]);
  const { findings, isHealthy, pages } = searchPool(scene);
  const isInnocent = isHealthy && !isInAllocator(scene) && !isAboutLists(scene);
  const healthy = isInnocent ? [healthyFinding(scene, pages)] : [];
  return weigh([...found.map(({ finding }) => finding), ...findings, ...healthy]);
}

const weigh = (findings: readonly Finding[]): WeighedFinding[] =>
  damageFirst(
    findings
      .map((finding) => ({ finding, confidence: confidenceOf(finding.grounds.map(({ rule }) => rule)) }))
      .sort((a, b) => b.confidence - a.confidence),
  );

/** A NULL pointer is what a crash shows of zeros in damaged memory too: damage that is there comes before it. */
function damageFirst(all: WeighedFinding[]): WeighedFinding[] {
  const hasRule = ({ finding }: WeighedFinding, name: GroundRule): boolean =>
    finding.grounds.some(({ rule }) => rule === name);
  const [best] = all;
  const damage = all.find((each) => hasRule(each, 'headers-frame-it'));
  if (best === undefined || damage === undefined || !hasRule(best, 'null-pointer')) return all;
  return [damage, ...all.filter((each) => each !== damage)];
}

const securityCheck = 0x139;

/** Crashes about pool or linked lists, and through pointers that were loaded from pool: whole headers prove nothing then. */
function isAboutLists(scene: Scene): boolean {
  const { relatesToPool, baseCode } = scene.system.bugCheck;
  return (
    relatesToPool === 'yes' ||
    baseCode === securityCheck ||
    isListCheck(scene) ||
    findPlaces(scene).some(({ load }) => load !== undefined)
  );
}

/** A crash that may be about pool, in a dump that holds pool. */
const canSearch = ({ bugCheck, isLive, memory }: CrashedSystem): boolean =>
  bugCheck.relatesToPool !== 'no' && !isLive && memory instanceof PagedMemory;

/** The verdict on a crash: what happened to which block, who may have done it, and how that is known. */
export function reachVerdict(scene: Scene): Verdict {
  // A running system whose dump was taken did not crash: nobody is looked for.
  const [best] = scene.system.isLive ? [] : findAll(scene);
  if (best === undefined) return unexaminedVerdict(scene);
  return verdictOf(scene.system, best.finding, best.confidence);
}

function verdictOf(system: CrashedSystem, finding: Finding, judged: number): Verdict {
  const confidence = saidConfidence(judged);
  const ranked = rank(finding);
  const suspects = ranked.map((each) => ({ ...each, score: saidSuspicion(each.score, confidence) }));
  const [first] = suspects;
  return {
    kind: finding.kind,
    confidence,
    summary: `${finding.summary}${byWhom(finding, first, confidence)}.`,
    block: finding.block,
    victims: finding.victims,
    damage: finding.damage,
    freedAddress: finding.freedAddress === null ? null : system.hex(finding.freedAddress),
    suspects,
    evidence: finding.grounds.map(({ claim, command }) => ({ claim, command })),
    next: nextSteps(system, finding, suspects, { confidence: judged, suspicion: ranked[0]?.score ?? 0 }),
    picture: finding.picture ?? null,
  };
}

/** From here on a suspect is named in the sentence that says it all. */
const [likely, possible] = [0.5, 0.3];

function byWhom({ kind, summary }: Finding, suspect: Suspect | undefined, confidence: number): string {
  if (suspect === undefined || suspect.score < possible || summary.includes(suspect.module)) return '';
  if (kind === 'not-pool') return suspect.score < likely ? '' : `; ${suspect.module} was at work`;
  return `, ${suspect.score < likely || confidence < likely ? 'possibly' : 'most likely'} by ${suspect.module}`;
}

/** Modules with reasons and how they are judged, best first; one reason of a kind. */
function rank({ suspects }: Finding): Suspect[] {
  const byModule = new Map<string, Map<SuspectRule, string>>();
  for (const { module, rule, because } of suspects) {
    const reasons = byModule.get(module) ?? new Map<SuspectRule, string>();
    if (!reasons.has(rule)) reasons.set(rule, because);
    byModule.set(module, reasons);
  }
  return [...byModule]
    .map(([module, reasons]) => ({
      module,
      score: suspicionOf(reasons.keys()),
      because: [...reasons.values()],
    }))
    .sort((a, b) => b.score - a.score);
}
