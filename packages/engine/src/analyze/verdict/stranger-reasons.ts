import type { Ground, SuspectReason } from './finding.ts';
import type { Scene } from './scene.ts';
import { showModule } from './show.ts';
import type { Stranger } from './stranger.ts';

/** That a driver keeps the address of a block which is another one's now. */
export function keptGround(scene: Scene, stranger: Stranger | undefined): Ground[] {
  if (stranger === undefined) return [];
  const { system } = scene;
  const at = system.shortText(stranger.at);
  const claim = `${stranger.image} keeps the address of that block at ${at}, and allocates no blocks with its tag: it had the block before.`;
  return [{ rule: 'address-kept', claim, command: `dq ${at} L1; ${showModule(scene, stranger.at)}` }];
}

export function keeper({ system }: Scene, stranger: Stranger | undefined): SuspectReason[] {
  if (stranger === undefined) return [];
  const because = `keeps the address of the block, which is not its own, at ${system.shortText(stranger.at)}`;
  return [{ module: stranger.image, rule: 'keeps-address', because }];
}
