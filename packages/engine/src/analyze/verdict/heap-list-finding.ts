import { type BrokenLink, heapCorruption, poolKind } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { isInAllocator } from './allocator-fault.ts';
import { examinePlace } from './examine-place.ts';
import type { Finding, Ground } from './finding.ts';
import { heldAddresses } from './heap-chunk-places.ts';
import { brokenHeapLists } from './heap-search.ts';
import type { Scene } from './scene.ts';
import { suspectsOnStack } from './suspects-on-stack.ts';
import { withSuspects } from './with-suspects.ts';

const securityCheck = 0x139;
/** FAST_FAIL_CORRUPT_LIST_ENTRY, FAST_FAIL_INVALID_BALANCED_TREE and FAST_FAIL_HEAP_METADATA_CORRUPTION. Source: winnt.h. */
const ofHeaps: ReadonlySet<bigint> = new Set([3n, 0x1dn, 0x32n]);
/** HEAP_FAILURE_TYPE of a list of free blocks, of another list, and of a block that waits for its free. */
const ofLists: ReadonlySet<bigint> = new Set([0xdn, 0xen, 0x17n]);
const linkBytes = 8n;
/** From a node of the tree back to the header of its chunk; the node has three pointers. */
const [nodeOffset, nodeBytes] = [8n, 0x18n];

/**
 * A check of a list or tree stopped the machine while the heap was at work: the link that is broken, if what the check had in its
 * hands belongs to it.
 */
export function heapListFinding(scene: Scene): Finding | undefined {
  const { system } = scene;
  if (!isListFailure(scene) || poolKind(system).kind !== 'segment-heap') return undefined;
  const held = new Set([...heldAddresses(scene, linkBytes), ...namedBy(system)]);
  const links = brokenHeapLists(system).flatMap((link) => {
    const near = addressesOf(link).find((va) => held.has(va));
    return near === undefined ? [] : [{ link, near }];
  });
  for (const { link, near } of links) {
    const place = { va: link.at, grounds: [refused(system, link, near)] };
    const found = examinePlace(scene, place, link.at);
    if (found !== undefined) return withSuspects(scene, found);
  }
  const [first] = links;
  return first === undefined ? undefined : structure(scene, first.link, first.near);
}

/** Parameter 3 of the heap's own bug check is where it found the damage. */
function namedBy({ bugCheck, target }: CrashedSystem): bigint[] {
  return bugCheck.baseCode === heapCorruption ? [target.dump.header.bugCheckParameters[2]] : [];
}

function isListFailure(scene: Scene): boolean {
  const { bugCheck, target } = scene.system;
  const [code] = target.dump.header.bugCheckParameters;
  if (bugCheck.baseCode === heapCorruption) return ofLists.has(BigInt.asUintN(32, code));
  return bugCheck.baseCode === securityCheck && ofHeaps.has(code) && isInAllocator(scene);
}

/** What a check of a link has in registers: the entry, those that it leads to, and the node that has it. */
function addressesOf({ at, found, expected }: BrokenLink): bigint[] {
  const own: bigint[] = [];
  for (let back = -nodeOffset; back < nodeBytes; back += linkBytes) own.push(at - back);
  return [...own, ...(expected === undefined ? [] : [expected]), ...(found === undefined ? [] : [found])];
}

const refused = (
  { shortText: text }: CrashedSystem,
  { heap, list, at }: BrokenLink,
  near: bigint,
): Ground => ({
  rule: 'list-refused',
  claim: `A check of ${list} of the heap at ${text(heap.address)} stopped the machine with ${text(near)} at hand, and it is broken ${near === at ? 'there' : `at ${text(at)}`}.`,
  command: `.bugcheck; dq ${text(at)} L2; !pool ${text(at)}`,
});

/** The link is in what the heap keeps of its pages: no block has it. */
function structure(scene: Scene, link: BrokenLink, near: bigint): Finding {
  const { system } = scene;
  const what = `${link.list} of the heap at ${system.shortText(link.heap.address)}`;
  return {
    kind: 'pool-header-corruption',
    summary: `${what.replace(/^./, (first) => first.toUpperCase())} is broken at ${system.shortText(link.at)}`,
    block: null,
    victims: [],
    damage: null,
    freedAddress: null,
    grounds: [
      refused(system, link, near),
      {
        rule: 'headers-frame-it',
        claim: `The link at ${system.shortText(link.at)} breaks the rule ${link.rule}.`,
        command: '!poolcheck -all',
      },
    ],
    suspects: suspectsOnStack(scene),
  };
}
