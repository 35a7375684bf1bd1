import { PagedMemory } from '../../mmu/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { Suspect, VerdictKind } from '../report.ts';
import type { Finding } from './finding.ts';

/** How sure a finding and a suspect are, by the judged weights alone: what is right often is not proof yet. */
export interface Grade {
  readonly confidence: number;
  readonly suspicion: number;
}

/** A finding and a suspect so sure need no further proof. */
const proven: Grade = { confidence: 0.9, suspicion: 0.95 };
/** Suspects that are worth a run with the verifier. */
const worthwhile = 0.1;

/** What would settle what is still open; nothing where enough is proven. */
export function nextSteps(
  system: CrashedSystem,
  { kind, block }: Finding,
  suspects: readonly Suspect[],
  judged: Grade,
): string[] {
  const [first] = suspects;
  if (kind === 'not-pool') return [];
  if (kind === 'single-bit-error') return [memoryTest];
  if (isProven(judged)) return [];
  const isToWatch = first !== undefined && first.score >= worthwhile && isFileName(first.module);
  const steps = isToWatch ? [verifierFor(kind, first.module)] : [];
  if (!(system.memory instanceof PagedMemory)) steps.push(kernelDump);
  const tag = block?.tag?.trimEnd();
  if (steps.length === 0 && tag !== undefined && tag !== '' && system.target.dump.header.build < 18362)
    steps.push(`PoolTag = ${tag} for special pool (gflags /r +spp ${tag}; a reboot is needed)`);
  return steps;
}

const isProven = ({ confidence, suspicion }: Grade): boolean =>
  confidence >= proven.confidence && suspicion >= proven.suspicion;

/** A module whose name is not in the dump is called otherwise: the verifier would not find it. */
const isFileName = (module: string): boolean => /\.\w+$/.test(module);

export const memoryTest = 'mdsched.exe (tests the memory; a reboot is needed)';

/** What has all of pool in it the next time. */
export const kernelDump =
  'reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\CrashControl /v CrashDumpEnabled /t REG_DWORD /d 2 /f (the next crash leaves a kernel dump)';

/** Special pool (1) catches accesses; pool tracking (8) and its log tell who freed what, and what is left over. */
const flags: Partial<Record<VerdictKind, string>> = {
  'double-free': '9',
  'use-after-free': '9',
  'pool-misuse': '8',
};

const verifierFor = (kind: VerdictKind, module: string): string =>
  `verifier /flags ${flags[kind] ?? '1'} /driver ${module}`;
