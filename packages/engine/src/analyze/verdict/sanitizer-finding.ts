import type { VerdictKind } from '../report.ts';
import type { Finding } from './finding.ts';
import type { Scene } from './scene.ts';
import { doer } from './special-suspects.ts';

const sanitizer = 0x1f2;
/** What a shadow byte says of pool. Source: docs/formats/bug-checks.md. */
const shadows: Readonly<Record<number, readonly [kind: VerdictKind, where: string]>> = {
  0x86: ['pool-overrun', 'past the end of a pool block'],
  0x87: ['use-after-free', 'in a pool block that is freed'],
  0x8c: ['use-after-free', 'in a pool block that is freed, and kept for the next request'],
  0x8d: ['pool-underrun', 'before the start of a pool block'],
};

/** The kernel address sanitizer stops the access itself, before it does any damage. */
export function sanitizerFinding(scene: Scene): Finding | undefined {
  const { system, fault } = scene;
  if (system.bugCheck.baseCode !== sanitizer) return undefined;
  const [address, size, , facts] = system.target.dump.header.bugCheckParameters;
  const found = shadows[Number(facts & 0xffn)];
  if (found === undefined) return undefined;
  const [kind, where] = found;
  const verb = fault?.access === 'write' ? 'written' : 'read';
  const at = system.shortText(address);
  return {
    kind,
    summary: `Memory ${where} was ${verb}, and caught in the act by the kernel address sanitizer`,
    block: null,
    victims: [],
    damage: null,
    freedAddress: null,
    grounds: [
      {
        rule: 'bug-check-proves',
        claim: `The sanitizer stopped an access to ${size} byte${size === 1n ? '' : 's'} at ${at}, ${where}.`,
        command: '.bugcheck',
      },
    ],
    suspects: doer(scene),
  };
}
