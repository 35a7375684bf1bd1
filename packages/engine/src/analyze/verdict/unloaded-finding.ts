import type { Va } from '../../base/index.ts';
import type { Finding } from './finding.ts';
import { parameterWith, type Scene } from './scene.ts';

const pendingOperations = 0xce;

/** Code of a driver that is no longer loaded was to run: something still led there when the driver went. */
export function unloadedFinding(scene: Scene): Finding | undefined {
  const { system, fault } = scene;
  const named = system.bugCheck.baseCode === pendingOperations ? parameterWith(scene, 'address') : undefined;
  const found = [fault?.ip, named].flatMap((at) => unloadedAt(scene, at) ?? [])[0];
  if (found === undefined) return undefined;
  const { at, name } = found;
  return {
    kind: 'not-pool',
    summary: `${name} was unloaded, and its code was to run again: a timer, a thread or a callback still led there`,
    block: null,
    victims: [],
    damage: null,
    freedAddress: null,
    grounds: [
      {
        rule: 'other-cause',
        claim: `${system.shortText(at)} is where ${name} was, which is unloaded.`,
        command: `.bugcheck; ln ${system.shortText(at)}`,
      },
    ],
    suspects: [
      { module: name, rule: 'named', because: 'was unloaded while something still led into its code' },
    ],
  };
}

function unloadedAt({ system }: Scene, at: Va | undefined): { at: Va; name: string } | undefined {
  if (at === undefined || system.symbols.locate(at) !== undefined) return undefined;
  const name = system.unloadedModules.find(({ start, end }) => at >= start && at < end)?.name;
  return name === undefined || name === 'unknown' ? undefined : { at, name };
}
