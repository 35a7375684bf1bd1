import type { SuspectReason } from './finding.ts';
import { driverAt } from './images.ts';
import type { Scene } from './scene.ts';

/** Drivers on the crashed stack, as far as it is certain. They were at work; that they did it is not said. */
export function suspectsOnStack({ system, frames }: Scene): SuspectReason[] {
  const found = new Map<string, SuspectReason>();
  frames.forEach(({ ip, trust }, index) => {
    const module = trust === 'scan' ? undefined : driverAt(system, ip);
    if (module === undefined || found.has(module)) return;
    const because = `is on the stack of the crash (frame ${index.toString(16)})`;
    found.set(module, { module, rule: 'on-stack', because });
  });
  return [...found.values()];
}
