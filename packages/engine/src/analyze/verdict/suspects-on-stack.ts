import { isReporter } from '../kernel-modules.ts';
import type { SuspectReason } from './finding.ts';
import type { Scene } from './scene.ts';

/** Drivers on the crashed stack, as far as it is certain. They were at work; that they did it is not said. */
export function suspectsOnStack({ system, frames }: Scene): SuspectReason[] {
  const found = new Map<string, SuspectReason>();
  frames.forEach(({ ip, trust }, index) => {
    const module = trust === 'scan' ? undefined : system.symbols.locate(ip)?.module;
    const image = system.modules.find(({ base }) => base === module?.base)?.image;
    if (module === undefined || image === undefined || isReporter(module.name) || found.has(image)) return;
    found.set(image, {
      module: image,
      rule: 'on-stack',
      because: `is on the stack of the crash (frame ${index.toString(16)})`,
    });
  });
  return [...found.values()];
}
