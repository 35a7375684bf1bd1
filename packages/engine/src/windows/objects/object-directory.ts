import type { Va } from '../../base/index.ts';
import { walkChain } from '../../types/index.ts';
import { readObjectHeader } from './object-header.ts';
import type { ObjectKernel } from './object-kernel.ts';

/** An object in a directory. */
export interface DirectoryEntry {
  readonly bucket: number;
  readonly object: Va;
}

/** How the walk of a directory ended. */
export interface DirectoryEnd {
  readonly count: number;
  /** Buckets whose chain could not be followed to its end, and why, as half sentences. */
  readonly problems: readonly { readonly bucket: number; readonly why: string }[];
}

/** The structures that it is read from. */
export const directoryStructures = ['_OBJECT_DIRECTORY', '_OBJECT_DIRECTORY_ENTRY'] as const;

/** Most entries of a directory that are listed. */
const maxEntries = 0x4000;

/** Objects of a directory in the order of its buckets. Throws TYPES_UNKNOWN. */
export function* walkDirectory(kernel: ObjectKernel, directory: Va): Generator<DirectoryEntry, DirectoryEnd> {
  const { structures, target } = kernel;
  const buckets = structures.find('_OBJECT_DIRECTORY')?.member('HashBuckets');
  if (buckets === undefined) throw structures.unknown('_OBJECT_DIRECTORY', 'HashBuckets');
  const link = structures.offset('_OBJECT_DIRECTORY_ENTRY', 'ChainLink');
  const object = structures.offset('_OBJECT_DIRECTORY_ENTRY', 'Object');
  if (link === undefined || object === undefined)
    throw structures.unknown('_OBJECT_DIRECTORY_ENTRY', 'Object');
  const { memory, pointerSize } = target;
  const problems: { bucket: number; why: string }[] = [];
  let count = 0;
  for (let bucket = 0; bucket < buckets.count; bucket++) {
    const at = directory + BigInt(buckets.offset + bucket * pointerSize);
    const first = target.readPointer(at);
    if (first === undefined) {
      problems.push({ bucket, why: target.whyUnreadable(at) ?? 'its bytes are not in this dump' });
      continue;
    }
    const limit = maxEntries - count;
    const chain = walkChain(memory, first, { pointerSize, linkOffset: link, limit });
    let step = chain.next();
    for (; step.done !== true; step = chain.next()) {
      const entry = target.readPointer(step.value.at + BigInt(object));
      if (entry === undefined) continue;
      count++;
      yield { bucket, object: entry };
    }
    const why = chainProblem(step.value.kind);
    if (why !== undefined) problems.push({ bucket, why });
  }
  return { count, problems };
}

function chainProblem(kind: string): string | undefined {
  if (kind === 'complete') return undefined;
  if (kind === 'cycle') return 'its chain runs in a circle';
  return kind === 'limit' ? 'there are more entries than are listed' : 'its chain leads into missing memory';
}

/** An object of a directory as it is listed. */
export interface ListedObject extends DirectoryEntry {
  readonly name: string | undefined;
  /** Name of its type. */
  readonly type: string | undefined;
}

export interface DirectoryListing extends DirectoryEnd {
  readonly entries: readonly ListedObject[];
}

/** The directory `\`, by the debugger data block or a symbol; undefined where neither leads to it. */
export function rootDirectory({ data, target, symbols }: ObjectKernel): Va | undefined {
  const variable =
    data?.value.address('ObpRootDirectoryObject') ?? symbols.findAddress('nt!ObpRootDirectoryObject');
  const root = variable === undefined ? undefined : target.readPointer(variable);
  return root === 0n ? undefined : root;
}

/** An object of a directory by its name, in any case of letters; whether all of the directory could be looked at. */
export function findInDirectory(
  kernel: ObjectKernel,
  directory: Va,
  name: string,
): { readonly object: Va | undefined; readonly isWhole: boolean } {
  const wanted = name.toLowerCase();
  const walk = walkDirectory(kernel, directory);
  let unread = false;
  for (let step = walk.next(); ; step = walk.next()) {
    if (step.done === true)
      return { object: undefined, isWhole: !unread && step.value.problems.length === 0 };
    const { name: found } = readObjectHeader(kernel, step.value.object);
    if (found?.toLowerCase() === wanted) return { object: step.value.object, isWhole: true };
    unread ||= found === undefined;
  }
}
