import { describeFault, Fault, readU32, readU64, signExtend32, type Va, wrap64 } from '../../base/index.ts';
import type { ObjectKernel } from '../../windows/index.ts';
import { isInKernelHalf } from './kernel-half.ts';

/** A node of a red-black tree (_RTL_BALANCED_NODE) with its links decoded; 0 where it has none. */
export interface TreeNode {
  readonly address: Va;
  readonly left: Va;
  readonly right: Va;
  readonly parent: Va;
}

/** A link that does not fit. */
export interface TreeDamage {
  /** Of the node whose link is wrong. */
  readonly at: Va;
  /** `parent`: it does not name the node above it; `cycle`: its child was met before; `child`: its child is no address of a node. */
  readonly kind: 'parent' | 'cycle' | 'child';
  readonly found: Va;
  readonly expected: Va | undefined;
}

/** How a walk ended. */
export interface TreeEnd {
  readonly count: number;
  readonly damage: readonly TreeDamage[];
  /** Why nodes may be lacking, one sentence each. */
  readonly missing: readonly string[];
}

/** Of a tree whose longest way down is at most twice the shortest: 2 ** 32 nodes. */
const deepest = 64;
const mostNodes = 1 << 20;
/** Bits of ParentValue that are no part of the address: the colour. */
const colourBits = 3n;

/**
 * The nodes of an _RTL_RB_TREE in their order. Bit 0 of its second pointer says whether links are exclusive-or'ed with the
 * address of the tree; kernels at hand do not do that. Damage ends a branch, never the walk.
 */
export function* walkTree(
  { target }: Pick<ObjectKernel, 'target'>,
  tree: Va,
  limit = mostNodes,
): Generator<TreeNode, TreeEnd> {
  const walk = new TreeWalk(target, tree);
  const root = walk.root();
  const path: TreeNode[] = [];
  let count = 0;
  let next = root;
  for (let parent: Va = 0n; ; ) {
    for (let node = walk.node(next, parent, path.length); node !== undefined; ) {
      path.push(node);
      node = walk.node(node.left, node.address, path.length);
    }
    const node = path.pop();
    if (node === undefined) return walk.end(count);
    if (count >= limit) {
      walk.missing.push(`it has more than ${limit} nodes`);
      return walk.end(count);
    }
    count++;
    yield node;
    [next, parent] = [node.right, node.address];
  }
}

class TreeWalk {
  readonly missing: string[] = [];
  readonly #damage: TreeDamage[] = [];
  readonly #seen = new Set<Va>();
  readonly #target: ObjectKernel['target'];
  readonly #tree: Va;
  #mask: bigint = 0n;

  constructor(target: ObjectKernel['target'], tree: Va) {
    this.#target = target;
    this.#tree = tree;
  }

  root(): Va {
    const size = this.#target.pointerSize;
    const head = this.#target.memory.tryRead(this.#tree, size * 2);
    if (head instanceof Fault) {
      this.missing.push(`its head cannot be read: ${describeFault(head)}`);
      return 0n;
    }
    const root = this.#pointer(head, 0);
    const isEncoded = (head[size]! & 1) !== 0;
    if (isEncoded) this.#mask = this.#tree;
    return this.#decode(root);
  }

  /** Undefined: there is none, it was met before, or it cannot be read. */
  node(address: Va, parent: Va, depth: number): TreeNode | undefined {
    if (address === 0n) return undefined;
    if (this.#seen.has(address)) {
      this.#damage.push({ at: parent, kind: 'cycle', found: address, expected: undefined });
      return undefined;
    }
    this.#seen.add(address);
    const size = this.#target.pointerSize;
    if (address % BigInt(size) !== 0n || !isInKernelHalf(address)) {
      this.#damage.push({
        at: parent === 0n ? this.#tree : parent,
        kind: 'child',
        found: address,
        expected: undefined,
      });
      return undefined;
    }
    const bytes = depth >= deepest ? undefined : this.#target.memory.tryRead(address, size * 3);
    if (bytes === undefined || bytes instanceof Fault) {
      const why = bytes === undefined ? 'it is deeper than any such tree' : describeFault(bytes);
      this.missing.push(`the node at ${address.toString(16)} cannot be read: ${why}`);
      return undefined;
    }
    const [left, right, above] = [0, 1, 2].map((index) => this.#pointer(bytes, index * size));
    const named = this.#decode(above! & ~colourBits);
    if (named !== parent) this.#damage.push({ at: address, kind: 'parent', found: named, expected: parent });
    return { address, left: this.#decode(left!), right: this.#decode(right!), parent: named };
  }

  end(count: number): TreeEnd {
    return { count, damage: this.#damage, missing: this.missing };
  }

  #pointer(bytes: Uint8Array, at: number): Va {
    return this.#target.pointerSize === 8 ? readU64(bytes, at) : signExtend32(readU32(bytes, at));
  }

  #decode(link: Va): Va {
    return link === 0n ? 0n : wrap64(link ^ (this.#mask & ~colourBits));
  }
}
