import type { Va } from '../../base/index.ts';
import { readText } from '../../memory/index.ts';
import type { JudgedCase } from './caller-judgement.ts';
import type { SuspectReason } from './finding.ts';
import { callerOf, namedInLog } from './log-of-block.ts';
import { parameterWith, type Scene, stackOf } from './scene.ts';
import { keeper } from './stranger-reasons.ts';

const longestName = 64;

const didWhat: Partial<Record<JudgedCase['kind'], string>> = {
  'double-free': 'freed it the second time',
  'invalid-free': 'freed it',
  'pool-overrun': 'freed it',
};

/** Who made a request that was refused: by the bug check, by the stack, by the verifier's log, and by what it keeps. */
export function callerSuspects(
  scene: Scene,
  { kind, formerOwner, mayBeDamage }: JudgedCase,
  address: Va | undefined,
): SuspectReason[] {
  const { system, frames } = scene;
  const { ips, isSure } = stackOf(frames);
  const now = callerOf(system, ips);
  const reasons: SuspectReason[] = [...namedDriver(scene), ...keeper(scene, formerOwner)];
  if (now !== undefined)
    reasons.push({
      module: now.image,
      // Who met a damaged header need not have damaged it.
      rule:
        kind === 'pool-header-corruption'
          ? 'on-stack'
          : isSure && formerOwner === undefined && mayBeDamage !== true
            ? 'freed-it'
            : 'maybe-freed-it',
      because: `${didWhat[kind] ?? 'made the request'}, at ${now.name}`,
    });
  return [...reasons, ...(address === undefined ? [] : namedInLog(system, address))];
}

/** The driver that the bug check itself names. */
function namedDriver(scene: Scene): SuspectReason[] {
  const { system } = scene;
  const at = parameterWith(scene, 'driver-name');
  const name = at === undefined ? '' : readText(system.memory, at, 2, longestName).text.toLowerCase();
  const known = [
    ...system.modules.map(({ image }) => image),
    ...system.unloadedModules.map((each) => each.name),
  ];
  const module = known.find((image) => image.toLowerCase() === name);
  return module === undefined ? [] : [{ module, rule: 'named', because: 'is named by the bug check' }];
}
