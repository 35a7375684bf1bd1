import type { Va } from '../../base/index.ts';
import type { BlockFacts, DamageFacts, PagePicture, VerdictKind, VictimFacts } from '../report.ts';
import type { GroundRule, SuspectRule } from './weights.ts';

/** One fact that speaks for a finding: the rule that saw it, the claim, and the command that shows it. */
export interface Ground {
  readonly rule: GroundRule;
  /** One sentence. */
  readonly claim: string;
  readonly command: string;
}

/** One reason to suspect a module. Reasons of the same rule about the same module count once. */
export interface SuspectReason {
  /** File name. */
  readonly module: string;
  readonly rule: SuspectRule;
  /** Half a sentence behind the module's name: `holds the text`. */
  readonly because: string;
  /** What shows it. */
  readonly ground?: Ground;
}

/** What a detector makes of the dump. */
export interface Finding {
  readonly kind: VerdictKind;
  /** What happened, without who did it: half a sentence that `by` and the suspect can follow. */
  readonly summary: string;
  readonly block: BlockFacts | null;
  readonly victims: readonly VictimFacts[];
  readonly damage: DamageFacts | null;
  readonly freedAddress: Va | null;
  /** In the order of the reasoning. */
  readonly grounds: readonly Ground[];
  readonly suspects: readonly SuspectReason[];
  /** All of the text that was written, the part inside the block too. */
  readonly payload?: string;
  readonly picture?: PagePicture;
}
