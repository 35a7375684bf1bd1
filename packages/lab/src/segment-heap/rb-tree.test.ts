import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressSpace } from '../memory/address-space.ts';
import { PageTables } from '../memory/page-tables.ts';
import { x64Paging } from '../memory/paging-format.ts';
import { PhysicalMemory } from '../memory/physical-memory.ts';
import { type KernelAddress, toKernelAddress } from '../pool/kernel-address.ts';
import { PoolBugCheck } from '../pool/pool-fault.ts';
import { SpacePoolMemory } from '../pool/pool-memory.ts';
import { PoolTrace } from '../pool/pool-trace.ts';
import { RbTree } from './rb-tree.ts';

const base = 0xffff_8a00_0000_0000n;
const tree = toKernelAddress(base);
/** Nodes are 20h bytes apart; the number of one is its key. */
const nodeOf = (key: number): KernelAddress => tree + 0x100 + 0x20 * key;
const keyOf = (node: KernelAddress): number => (node - tree - 0x100) / 0x20;
const keys = fc.uniqueArray(fc.nat(255), { minLength: 1, maxLength: 120 });

function emptyTree(): { memory: SpacePoolMemory; trees: RbTree } {
  const physical = new PhysicalMemory([{ basePage: 1, pageCount: 0x40 }]);
  const space = new AddressSpace(physical, new PageTables(physical, x64Paging));
  space.allocate(base, 0x3000, { writable: true });
  const memory = new SpacePoolMemory(space, 8);
  return { memory, trees: new RbTree(memory, new PoolTrace()) };
}

const insert = (trees: RbTree, key: number): void =>
  trees.insert(tree, nodeOf(key), (each) => key < keyOf(each));

/** Keys in order, where all links, colours and the least node are right. */
function walk(memory: SpacePoolMemory): number[] {
  const found: number[] = [];
  const visit = (node: KernelAddress, parent: KernelAddress, isParentRed: boolean): number => {
    if (node === 0) return 1;
    const value = memory.readPointer(node + 0x10);
    const isRed = (value & 1) === 1;
    expect([value - (value & 3), isRed && isParentRed]).toEqual([parent, false]);
    const left = visit(memory.readPointer(node), node, isRed);
    found.push(keyOf(node));
    expect(visit(memory.readPointer(node + 8), node, isRed)).toBe(left);
    return left + (isRed ? 0 : 1);
  };
  visit(memory.readPointer(tree), 0, false);
  expect(memory.readPointer(tree + 8)).toBe(found.length === 0 ? 0 : nodeOf(found[0]!));
  return found;
}

const ascending = (a: number, b: number): number => a - b;

describe('RbTree', () => {
  it('stays red and black, and in order, whatever goes in and out', () => {
    fc.assert(
      fc.property(keys, fc.array(fc.nat()), (all, removals) => {
        const { memory, trees } = emptyTree();
        const inside = new Set<number>();
        for (const key of all) {
          insert(trees, key);
          inside.add(key);
        }
        expect(walk(memory)).toEqual([...inside].sort(ascending));
        for (const which of removals) {
          const key = [...inside][which % Math.max(1, inside.size)];
          if (key === undefined) break;
          trees.remove(tree, nodeOf(key));
          inside.delete(key);
          expect(walk(memory)).toEqual([...inside].sort(ascending));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('finds the first that is enough, and all behind it', () => {
    fc.assert(
      fc.property(keys, fc.nat(256), (all, least) => {
        const { trees } = emptyTree();
        for (const key of all) insert(trees, key);
        const found: number[] = [];
        let node = trees.find(tree, (each) => keyOf(each) >= least);
        for (; node !== 0; node = trees.next(node)) found.push(keyOf(node));
        expect(found).toEqual(all.filter((key) => key >= least).sort(ascending));
      }),
    );
  });

  it('stops the machine when neighbours of what is taken out do not know it', () => {
    fc.assert(
      fc.property(keys, fc.nat(), (all, which) => {
        const { memory, trees } = emptyTree();
        for (const key of all) insert(trees, key);
        const node = nodeOf(all[which % all.length]!);
        const [left, right, up] = [0, 8, 0x10].map((offset) => memory.readPointer(node + offset));
        const parent = up! - (up! & 3);
        // Whoever leads to the node leads elsewhere; so does a child's way back.
        if (left !== 0 || right !== 0) memory.writePointer((left === 0 ? right! : left!) + 0x10, tree + 0x40);
        else if (parent === 0) memory.writePointer(tree, tree + 0x40);
        else memory.writePointer(parent + (memory.readPointer(parent) === node ? 0 : 8), tree + 0x40);
        let error: unknown;
        try {
          trees.remove(tree, node);
        } catch (thrown) {
          error = thrown;
        }
        expect(error).toBeInstanceOf(PoolBugCheck);
        expect((error as PoolBugCheck).code).toBe(0x139);
        expect((error as PoolBugCheck).parameters[0]).toBe(0x1dn);
      }),
    );
  });
});
