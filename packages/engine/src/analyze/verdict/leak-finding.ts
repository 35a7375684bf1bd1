import { runToEnd } from '../../memory/index.ts';
import {
  findPoolDescriptors,
  isPrintableTag,
  readPoolCounters,
  reportPoolUse,
  type TrackedTag,
} from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { Finding } from './finding.ts';
import { mayBeFailedAllocation, nullSource } from './null-source.ts';
import type { Scene } from './scene.ts';
import { suspectsByTag } from './suspects-by-tag.ts';

/** Of a pool in use: one tag that has more, in so many blocks that were never freed, has leaked. */
const [mostShare, fewestBlocks, fewestBytes] = [0.6, 16n, 0x10_0000n];

/** One tag holds most of a pool, in blocks that are hardly ever freed: allocations that fail crash those who do not look. */
export function leakFinding(scene: Scene): Finding | undefined {
  const { system, fault } = scene;
  const { tags, total, from } = runToEnd(reportPoolUse(system));
  if (from === undefined) return undefined;
  const [worst] = (['nonPaged', 'paged'] as const).flatMap((pool) => {
    const whole = total[pool].bytes;
    const found = tags.find((each) => isLeak(each, pool, whole));
    return found === undefined || !isCounted(system, found, pool)
      ? []
      : [{ found, pool, share: Number(found[pool].bytes) / Number(whole) }];
  });
  if (worst === undefined) return undefined;
  const { found, pool, share } = worst;
  const tag = found.tag.trimEnd();
  const name = pool === 'paged' ? 'paged' : 'nonpaged';
  const source = nullSource(scene);
  const isNull = fault?.address !== undefined && fault.address < 0x1_0000n;
  const failed = isNull && (source?.from === 'memory' || mayBeFailedAllocation(source));
  return {
    kind: 'pool-misuse',
    summary: `Blocks tagged ${tag} fill ${Math.round(share * 100)} % of ${name} pool and are not freed: a leak`,
    block: null,
    victims: [],
    damage: null,
    freedAddress: null,
    grounds: [
      {
        rule: 'leak',
        claim: `Blocks tagged ${tag} hold ${found[pool].bytes} bytes of ${name} pool: ${found[pool].outstanding} of ${found[pool].allocations} were not freed.`,
        command: `!poolused ${pool === 'paged' ? 4 : 2} ${tag}`,
      },
      ...(failed
        ? [
            {
              rule: 'allocation-failed' as const,
              claim: 'A NULL pointer was used, which is what an allocation that fails returns.',
              command: '.bugcheck',
            },
          ]
        : []),
    ],
    suspects: suspectsByTag(scene, found.tag),
  };
}

const isLeak = (tag: TrackedTag, pool: 'nonPaged' | 'paged', whole: bigint): boolean =>
  tag[pool].bytes >= fewestBytes &&
  tag[pool].outstanding >= fewestBlocks &&
  Number(tag[pool].bytes) > Number(whole) * mostShare &&
  tag[pool].frees * 4n < tag[pool].allocations;

/**
 * Can the account be true? Its table may be damaged: the tag has to be one, and the pool's own descriptors, which count apart
 * from it, have to have that many bytes in use, as far as they are known.
 */
function isCounted(system: CrashedSystem, tag: TrackedTag, pool: 'nonPaged' | 'paged'): boolean {
  const { places } = runToEnd(findPoolDescriptors(system));
  const own = places.filter(({ use }) => use.startsWith('nonpaged') === (pool === 'nonPaged'));
  const counts = own.map((place) => readPoolCounters(system, place).bytes);
  const sum = counts.reduce((all: bigint, count) => all + (count ?? 0n), 0n);
  const isKnown = counts.length > 0 && counts.every((count) => count !== undefined);
  return isPrintableTag(tag.tagValue) && (!isKnown || tag[pool].bytes <= (sum * 9n) / 8n);
}
