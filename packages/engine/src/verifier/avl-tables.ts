import type { Va } from '../base/index.ts';
import type { ObjectKernel } from '../windows/index.ts';

/** More tables than nt makes for a tree of drivers, and more elements than a machine has drivers. */
const maxTables = 256;
const maxElements = 0x4000;

/** Elements of a tree, and what was wrong with it. */
export interface AvlElements {
  readonly elements: readonly Va[];
  readonly notes: readonly string[];
}

/**
 * Elements of a VF_AVL_TREE: an array of tables, each an RTL_AVL_TABLE whose tree hangs on the right child of its root.
 * What a node holds stands behind its links. Damaged links end a branch, not the walk. Throws TYPES_UNKNOWN.
 */
export function walkAvlTables(kernel: ObjectKernel, tree: Va): AvlElements {
  const { structures } = kernel;
  const head = structures.at('_VF_AVL_TREE', tree);
  const table = structures.find('_VF_AVL_TABLE');
  if (table === undefined) throw structures.unknown('_VF_AVL_TABLE');
  const tables = head.pointer('Tables');
  const count = head.number('TablesNo');
  if (tables === undefined || count === undefined)
    return {
      elements: [],
      notes: [`The tree of drivers cannot be read: ${head.why('Tables') ?? head.why('TablesNo')}.`],
    };
  if (tables === 0n) return { elements: [], notes: [] };
  const notes =
    count > maxTables ? [`The tree of drivers has ${count} tables by its count: it is damaged.`] : [];
  const walk: Walk = { kernel, elements: [], notes, seen: new Set() };
  for (let index = 0; index < Math.min(count, maxTables); index++)
    walkTable(walk, tables + BigInt(index * table.size));
  return { elements: walk.elements, notes: walk.notes };
}

interface Walk {
  readonly kernel: ObjectKernel;
  readonly elements: Va[];
  readonly notes: string[];
  readonly seen: Set<Va>;
}

/**
 * RTL_BALANCED_LINKS: parent, left child, right child, and a byte for the balance; an RTL_AVL_TABLE begins with one. Source:
 * ntddk.h; in pointers, so that x86 needs no profile for it.
 */
const links = { left: 1, right: 2, size: 4 } as const;

function walkTable(walk: Walk, table: Va): void {
  const { target } = walk.kernel;
  const child = (node: Va, index: number): Va | undefined =>
    target.readPointer(node + BigInt(index * target.pointerSize));
  const open: (Va | undefined)[] = [child(table, links.right)];
  while (open.length > 0 && walk.elements.length < maxElements) {
    const node = open.pop();
    if (node === 0n) continue;
    if (node === undefined) note(walk, 'A node of the tree of drivers cannot be read.');
    else if (walk.seen.has(node)) note(walk, 'The tree of drivers has a cycle.');
    else {
      walk.seen.add(node);
      const [right, left] = [child(node, links.right), child(node, links.left)];
      if (left !== undefined || right !== undefined)
        walk.elements.push(node + BigInt(links.size * target.pointerSize));
      open.push(right, left);
    }
  }
}

function note({ notes }: Walk, text: string): void {
  if (!notes.includes(text)) notes.push(text);
}
