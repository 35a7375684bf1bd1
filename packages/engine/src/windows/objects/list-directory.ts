import type { Va } from '../../base/index.ts';
import { type DirectoryListing, type ListedObject, walkDirectory } from './object-directory.ts';
import { readObjectHeader } from './object-header.ts';
import type { ObjectKernel } from './object-kernel.ts';
import { typeOf } from './object-types.ts';

/** Lists a directory; yields how many objects it has read. Throws TYPES_UNKNOWN. */
export function* listDirectory(kernel: ObjectKernel, directory: Va): Generator<number, DirectoryListing> {
  const entries: ListedObject[] = [];
  const walk = walkDirectory(kernel, directory);
  for (let step = walk.next(); ; step = walk.next()) {
    if (step.done === true) return { entries, ...step.value };
    const header = readObjectHeader(kernel, step.value.object);
    const type = typeOf(kernel, header);
    entries.push({
      ...step.value,
      name: header.name,
      type: type === undefined || type === 'none' ? undefined : type.name,
    });
    yield entries.length;
  }
}
