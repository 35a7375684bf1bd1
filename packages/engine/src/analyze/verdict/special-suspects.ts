import type { SpecialBlock } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { SuspectReason } from './finding.ts';
import { moduleAt } from './images.ts';
import { callerOf } from './log-of-block.ts';
import { type Scene, sureStack } from './scene.ts';

/** The module whose instruction touched what it must not; code of the kernel works for its caller. */
export function doer({ system, fault, frames }: Scene): SuspectReason[] {
  const at = fault?.ip;
  if (at === undefined) return [];
  const frame = frames.findIndex(({ ip }) => ip === at);
  const caller = callerOf(system, frame < 0 ? [at] : sureStack(frames.slice(frame)));
  if (caller === undefined) return [];
  const name = system.symbols.nameOf(caller.at) ?? system.shortText(caller.at);
  const isOwn = caller.at === at;
  const through =
    isOwn || moduleAt(system, at)?.reports !== true ? '' : ` through ${system.symbols.nameOf(at)}`;
  return [
    {
      module: caller.image,
      rule: isOwn ? 'did-it' : 'called-for-it',
      because: `${isOwn ? 'made' : 'called for'} the access at ${name}${through}`,
      ground: {
        rule: 'mentioned',
        claim: `The instruction that did it is ${isOwn ? 'its' : 'called from its'} own: ${name}.`,
        command: `ub ${system.shortText(caller.at)}`,
      },
    },
  ];
}

/** Who asked for the block, by the verifier's own record of it. */
export function ownerOf(system: CrashedSystem, block: SpecialBlock | undefined): SuspectReason[] {
  const caller = block?.verifierEntry?.caller;
  const owner = caller === undefined ? undefined : callerOf(system, [caller]);
  return owner === undefined
    ? []
    : [
        {
          module: owner.image,
          rule: 'owns-tag',
          because: `allocated the block at ${owner.name}`,
        },
      ];
}

/** Who freed the block: its owner, and so most likely who wrote too much. */
export function freer({ system, frames }: Scene): SuspectReason[] {
  const caller = callerOf(system, sureStack(frames));
  return caller === undefined
    ? []
    : [
        {
          module: caller.image,
          rule: 'freed-it',
          because: `freed the block at ${caller.name}`,
        },
      ];
}
