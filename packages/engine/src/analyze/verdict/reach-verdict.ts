import type { CrashedSystem } from '../../system/index.ts';
import type { Suspect, Verdict } from '../report.ts';
import { blockDamageFinding } from './block-damage-finding.ts';
import { callerFinding } from './caller-finding.ts';
import type { Finding } from './finding.ts';
import { freedTwiceFinding } from './freed-twice-finding.ts';
import { nextSteps } from './next-steps.ts';
import { otherFaultFinding } from './other-fault-finding.ts';
import type { Scene } from './scene.ts';
import { specialPoolFinding } from './special-pool-finding.ts';
import { unexaminedVerdict } from './unexamined.ts';
import { confidenceOf, type SuspectRule, suspicionOf } from './weights.ts';

/** What each detector is asked for, those that prove first. The surest finding is the verdict. */
const detectors: readonly ((scene: Scene) => Finding | undefined)[] = [
  specialPoolFinding,
  callerFinding,
  freedTwiceFinding,
  blockDamageFinding,
  otherFaultFinding,
];

/** A finding, and how sure it is. */
export interface WeighedFinding {
  readonly finding: Finding;
  readonly confidence: number;
}

/** What every detector makes of the dump, the surest first. */
export function findAll(scene: Scene): WeighedFinding[] {
  const found = detectors.flatMap((detect) => detect(scene) ?? []);
  return found
    .map((finding) => ({ finding, confidence: confidenceOf(finding.grounds.map(({ rule }) => rule)) }))
    .sort((a, b) => b.confidence - a.confidence);
}

/** The verdict on a crash: what happened to which block, who may have done it, and how that is known. */
export function reachVerdict(scene: Scene): Verdict {
  const [best] = findAll(scene);
  if (best === undefined) return unexaminedVerdict(scene.system, scene.fault);
  return verdictOf(scene.system, best.finding, best.confidence);
}

function verdictOf(system: CrashedSystem, finding: Finding, confidence: number): Verdict {
  const suspects = rank(finding);
  const [first] = suspects;
  return {
    kind: finding.kind,
    confidence,
    summary: `${finding.summary}${first === undefined ? '' : `, most likely by ${first.module}`}.`,
    block: finding.block,
    victims: finding.victims,
    damage: finding.damage,
    freedAddress: finding.freedAddress === null ? null : system.hex(finding.freedAddress),
    suspects,
    evidence: finding.grounds.map(({ claim, command }) => ({ claim, command })),
    next: nextSteps(system, finding, suspects),
    picture: finding.picture ?? null,
  };
}

/** Modules with reasons, best first; one reason of a kind. */
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
