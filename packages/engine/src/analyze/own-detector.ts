import type {
  BlockFacts,
  DamageFacts,
  Evidence,
  Hex,
  Suspect,
  Verdict,
  VerdictKind,
  VictimFacts,
} from './report.ts';
import type { Scene } from './verdict/scene.ts';

/**
 * What a detector of a program's own makes of a crash. What is absent is not known. It has to name at least one piece of
 * evidence: a claim, and the command that shows it.
 */
export interface OwnFinding {
  readonly kind: VerdictKind;
  /** How sure it is, from 0 to 1. The surest of all findings is the verdict, and of equals this one. */
  readonly confidence: number;
  /** One sentence that a person can act on. */
  readonly summary: string;
  readonly evidence: readonly Evidence[];
  readonly block?: BlockFacts;
  readonly victims?: readonly VictimFacts[];
  readonly damage?: DamageFacts;
  readonly freedAddress?: Hex;
  /** Best first, and only modules that something speaks against. */
  readonly suspects?: readonly Suspect[];
  readonly next?: readonly string[];
}

/** Looks at a crash: its system, the fault, the frames from there, and whose the tags of pool are. */
export type Detector = (scene: Scene) => OwnFinding | undefined;

/** Nothing is certain. */
const highest = 0.99;

/**
 * The verdict, or the finding of a detector that is as sure or surer: whoever writes one knows more about the machines. A dump
 * of a running system accuses nobody.
 */
export function surestVerdict(scene: Scene, verdict: Verdict, detectors: readonly Detector[]): Verdict {
  const found = scene.system.isLive ? [] : detectors.flatMap((detect) => detect(scene) ?? []);
  return found
    .map(verdictOf)
    .reduce((best, each) => (each.confidence >= best.confidence ? each : best), verdict);
}

function verdictOf(finding: OwnFinding): Verdict {
  if (finding.evidence.length === 0)
    throw new TypeError(`a detector names no evidence for '${finding.summary}'`);
  return {
    kind: finding.kind,
    confidence: Math.min(highest, Math.max(0, finding.confidence)),
    summary: finding.summary,
    block: finding.block ?? null,
    victims: finding.victims ?? [],
    damage: finding.damage ?? null,
    freedAddress: finding.freedAddress ?? null,
    suspects: finding.suspects ?? [],
    evidence: finding.evidence,
    next: finding.next ?? [],
    picture: null,
  };
}
