import type { KernelAddress } from '../pool/kernel-address.ts';
import { PoolBugCheck } from '../pool/pool-fault.ts';
import type { PoolMemory } from '../pool/pool-memory.ts';
import type { PoolTrace } from '../pool/pool-trace.ts';

/** FAST_FAIL_INVALID_BALANCED_TREE */
const invalidTree = 0x1dn;

type Side = 'left' | 'right';
const other = { left: 'right', right: 'left' } as const;
/** _RTL_BALANCED_NODE: children, then the parent with the colour in its low bit. */
const places = { left: 0, right: 8, parent: 0x10 } as const;
/** _RTL_RB_TREE */
const minimum = 8;
/** More steps than a tree of the whole memory has: its links go in a circle. */
const mostSteps = 0x1_0000;

/**
 * Red-black trees in the machine's memory, as RtlRbInsertNodeEx and RtlRbRemoveNode keep them: before a node is taken out its
 * neighbours are asked whether they know it, and a link that does not lead back stops the machine.
 */
export class RbTree {
  readonly #memory: PoolMemory;
  readonly #trace: PoolTrace;

  constructor(memory: PoolMemory, trace: PoolTrace) {
    this.#memory = memory;
    this.#trace = trace;
  }

  root(tree: KernelAddress): KernelAddress {
    return this.#memory.readPointer(tree);
  }

  /** The node of the least key; 0: the tree is empty. */
  first(tree: KernelAddress): KernelAddress {
    return this.#memory.readPointer(tree + minimum);
  }

  /** The next node in order; 0 behind the last. */
  next(node: KernelAddress): KernelAddress {
    let at = this.#child(node, 'right');
    if (at !== 0) return this.#outermost(at, 'left');
    at = node;
    for (let steps = 0; steps < mostSteps; steps++) {
      const parent = this.#parent(at);
      if (parent === 0 || this.#child(parent, 'left') === at) return parent;
      at = parent;
    }
    throw this.#corrupt(node);
  }

  /** The first node for which `isEnough` holds: it holds for all behind that one too. */
  find(tree: KernelAddress, isEnough: (node: KernelAddress) => boolean): KernelAddress {
    let [at, best] = [this.root(tree), 0];
    for (let steps = 0; at !== 0; steps++) {
      if (steps > mostSteps) throw this.#corrupt(at);
      this.#trace.node = at;
      if (isEnough(at)) {
        best = at;
        at = this.#child(at, 'left');
      } else at = this.#child(at, 'right');
    }
    return best;
  }

  /** `isBefore`: does the new node belong in front of one of the tree? */
  insert(tree: KernelAddress, node: KernelAddress, isBefore: (each: KernelAddress) => boolean): void {
    this.#trace.enter('RtlRbInsertNodeEx');
    this.#insert(tree, node, isBefore);
    this.#trace.leave();
  }

  remove(tree: KernelAddress, node: KernelAddress): void {
    this.#trace.enter('RtlRbRemoveNode');
    this.#remove(tree, node);
    this.#trace.leave();
  }

  #insert(tree: KernelAddress, node: KernelAddress, isBefore: (each: KernelAddress) => boolean): void {
    this.#trace.tree = tree;
    let [parent, at] = [0, this.root(tree)];
    let side: Side = 'left';
    let isFirst = true;
    for (let steps = 0; at !== 0; steps++) {
      if (steps > mostSteps) throw this.#corrupt(at);
      parent = at;
      side = isBefore(at) ? 'left' : 'right';
      if (side === 'right') isFirst = false;
      at = this.#child(at, side);
    }
    this.#setChild(node, 'left', 0);
    this.#setChild(node, 'right', 0);
    this.#setParent(node, parent, true);
    if (parent === 0) this.#memory.writePointer(tree, node);
    else this.#setChild(parent, side, node);
    if (isFirst) this.#memory.writePointer(tree + minimum, node);
    this.#balanceInsertion(tree, node);
  }

  #balanceInsertion(tree: KernelAddress, inserted: KernelAddress): void {
    let node = inserted;
    for (let steps = 0; steps < mostSteps; steps++) {
      const parent = this.#parent(node);
      if (parent === 0 || !this.#isRed(parent)) break;
      const grand = this.#parent(parent);
      const side = this.#sideOf(grand, parent);
      const uncle = this.#child(grand, other[side]);
      if (uncle !== 0 && this.#isRed(uncle)) {
        this.#colour(parent, false);
        this.#colour(uncle, false);
        this.#colour(grand, true);
        node = grand;
        continue;
      }
      let top = parent;
      if (this.#child(parent, other[side]) === node) {
        this.#rotate(tree, parent, side);
        top = node;
      }
      this.#colour(top, false);
      this.#colour(grand, true);
      this.#rotate(tree, grand, other[side]);
      break;
    }
    this.#colour(this.root(tree), false);
  }

  #remove(tree: KernelAddress, node: KernelAddress): void {
    this.#trace.tree = tree;
    this.#trace.node = node;
    this.#check(tree, node);
    if (this.first(tree) === node) this.#memory.writePointer(tree + minimum, this.next(node));
    const [left, right] = [this.#child(node, 'left'), this.#child(node, 'right')];
    if (left === 0 || right === 0) {
      this.#takeOut(tree, node, left === 0 ? right : left);
      return;
    }
    // The next node in order has no left child: it leaves its place and takes that of the node.
    const successor = this.#outermost(right, 'left');
    this.#check(tree, successor);
    this.#takeOut(tree, successor, this.#child(successor, 'right'));
    this.#replace(tree, node, successor);
  }

  /** A node with one child at most. */
  #takeOut(tree: KernelAddress, node: KernelAddress, child: KernelAddress): void {
    const parent = this.#parent(node);
    const side: Side = parent !== 0 && this.#child(parent, 'right') === node ? 'right' : 'left';
    const wasRed = this.#isRed(node);
    this.#hang(tree, parent, side, child);
    if (child !== 0) this.#colour(child, false);
    else if (!wasRed && parent !== 0) this.#balanceRemoval(tree, parent, side);
  }

  /** The place of a node goes to one that is in no tree. */
  #replace(tree: KernelAddress, node: KernelAddress, by: KernelAddress): void {
    const parent = this.#parent(node);
    const side: Side = parent !== 0 && this.#child(parent, 'right') === node ? 'right' : 'left';
    const isRed = this.#isRed(node);
    for (const each of ['left', 'right'] as const) {
      const child = this.#child(node, each);
      this.#setChild(by, each, child);
      if (child !== 0) this.#setParent(child, by, this.#isRed(child));
    }
    this.#hang(tree, parent, side, by);
    this.#setParent(by, parent, isRed);
  }

  /** Paths through `side` of a node are one black node short. */
  #balanceRemoval(tree: KernelAddress, start: KernelAddress, startSide: Side): void {
    let [parent, side] = [start, startSide];
    for (let steps = 0; steps < mostSteps; steps++) {
      const far = other[side];
      let sibling = this.#childOf(parent, far);
      if (this.#isRed(sibling)) {
        this.#colour(sibling, false);
        this.#colour(parent, true);
        this.#rotate(tree, parent, side);
        sibling = this.#childOf(parent, far);
      }
      const [near, outer] = [this.#child(sibling, side), this.#child(sibling, far)];
      const [nearIsRed, outerIsRed] = [near, outer].map((each) => each !== 0 && this.#isRed(each));
      if (!nearIsRed && !outerIsRed) {
        this.#colour(sibling, true);
        if (this.#isRed(parent) || this.#parent(parent) === 0) {
          this.#colour(parent, false);
          return;
        }
        const above = this.#parent(parent);
        side = this.#sideOf(above, parent);
        parent = above;
        continue;
      }
      if (!outerIsRed) {
        this.#colour(near, false);
        this.#colour(sibling, true);
        this.#rotate(tree, sibling, far);
        sibling = near;
      }
      this.#colour(sibling, this.#isRed(parent));
      this.#colour(parent, false);
      this.#colour(this.#childOf(sibling, far), false);
      this.#rotate(tree, parent, side);
      return;
    }
    throw this.#corrupt(start);
  }

  /** The child on the other side takes the place of a node, which becomes its child on this side. */
  #rotate(tree: KernelAddress, node: KernelAddress, side: Side): void {
    const rising = this.#childOf(node, other[side]);
    const inner = this.#child(rising, side);
    const parent = this.#parent(node);
    const own: Side = parent !== 0 && this.#child(parent, 'right') === node ? 'right' : 'left';
    this.#setChild(node, other[side], inner);
    if (inner !== 0) this.#setParent(inner, node, this.#isRed(inner));
    this.#setChild(rising, side, node);
    const [nodeIsRed, risingIsRed] = [this.#isRed(node), this.#isRed(rising)];
    this.#setParent(node, rising, nodeIsRed);
    if (parent === 0) this.#memory.writePointer(tree, rising);
    else this.#setChild(parent, own, rising);
    this.#setParent(rising, parent, risingIsRed);
  }

  #hang(tree: KernelAddress, parent: KernelAddress, side: Side, child: KernelAddress): void {
    if (parent === 0) this.#memory.writePointer(tree, child);
    else this.#setChild(parent, side, child);
    if (child !== 0) this.#setParent(child, parent, this.#isRed(child));
  }

  /** Do a node's neighbours know it? */
  #check(tree: KernelAddress, node: KernelAddress): void {
    for (const side of ['left', 'right'] as const) {
      const child = this.#child(node, side);
      this.#trace.next = child;
      if (child !== 0 && this.#parent(child) !== node) throw this.#corrupt(node, child);
    }
    const parent = this.#parent(node);
    this.#trace.previous = parent;
    if (parent === 0) {
      if (this.root(tree) !== node) throw this.#corrupt(node);
      return;
    }
    if (this.#child(parent, 'left') !== node && this.#child(parent, 'right') !== node)
      throw this.#corrupt(node);
  }

  /** A child that has to be there, and to know its parent. */
  #childOf(node: KernelAddress, side: Side): KernelAddress {
    const child = this.#child(node, side);
    if (child === 0 || this.#parent(child) !== node) throw this.#corrupt(node, child);
    return child;
  }

  #sideOf(parent: KernelAddress, child: KernelAddress): Side {
    if (this.#child(parent, 'left') === child) return 'left';
    if (this.#child(parent, 'right') === child) return 'right';
    throw this.#corrupt(child);
  }

  #outermost(from: KernelAddress, side: Side): KernelAddress {
    let node = from;
    for (let steps = 0; steps < mostSteps; steps++) {
      const child = this.#child(node, side);
      if (child === 0) return node;
      node = child;
    }
    throw this.#corrupt(from);
  }

  #child(node: KernelAddress, side: Side): KernelAddress {
    this.#trace.at('heap-tree', node, places[side]);
    return this.#memory.readPointer(node + places[side]);
  }

  #setChild(node: KernelAddress, side: Side, child: KernelAddress): void {
    this.#memory.writePointer(node + places[side], child);
  }

  #parent(node: KernelAddress): KernelAddress {
    this.#trace.at('heap-tree', node, places.parent);
    const value = this.#memory.readPointer(node + places.parent);
    return value - (value & 3);
  }

  #isRed(node: KernelAddress): boolean {
    this.#trace.at('heap-tree', node, places.parent);
    return (this.#memory.readU8(node + places.parent) & 1) !== 0;
  }

  #setParent(node: KernelAddress, parent: KernelAddress, isRed: boolean): void {
    this.#trace.at('heap-tree', node, places.parent);
    this.#memory.writePointer(node + places.parent, parent + (isRed ? 1 : 0));
  }

  #colour(node: KernelAddress, isRed: boolean): void {
    this.#setParent(node, this.#parent(node), isRed);
  }

  /** What the check has in hand goes into the trace: the child, and what it takes for its parent. */
  #corrupt(node: KernelAddress, child = 0): PoolBugCheck {
    this.#trace.node = node;
    if (child !== 0) {
      this.#trace.next = child;
      this.#trace.entry = this.#parent(child);
    }
    return new PoolBugCheck(0x139, [invalidTree, 0n, 0n, 0n]);
  }
}
