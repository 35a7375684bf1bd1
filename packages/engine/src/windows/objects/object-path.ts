import { DebuggerError, type Va } from '../../base/index.ts';
import { findInDirectory, rootDirectory } from './object-directory.ts';
import { readObjectHeader } from './object-header.ts';
import { addressTextOf, type ObjectKernel, unreadable } from './object-kernel.ts';
import { typeOf } from './object-types.ts';

/** Deepest directory that is believed. */
const deepest = 32;

/**
 * The object that a path of the object manager names: `\Driver\storfilt`. Links on the way are not followed. Throws
 * NO_SUCH_OBJECT, MEMORY_UNREADABLE or TYPES_UNKNOWN.
 */
export function findObject(kernel: ObjectKernel, path: string): Va {
  if (kernel.structures.find('_OBJECT_DIRECTORY') === undefined)
    throw kernel.structures.unknown('_OBJECT_DIRECTORY');
  const root = rootDirectory(kernel);
  if (root === undefined) throw rootUnknown(kernel);
  const names = path.split('\\').filter((name) => name !== '');
  let object = root;
  for (const [index, name] of names.entries()) {
    if (index > 0) requireDirectory(kernel, object, names.slice(0, index));
    const found = findInDirectory(kernel, object, name);
    if (found.object === undefined) throw notFound(names.slice(0, index), name, found.isWhole);
    object = found.object;
  }
  return object;
}

function rootUnknown(kernel: ObjectKernel): DebuggerError {
  const { data, target } = kernel;
  const variable = data?.value.address('ObpRootDirectoryObject');
  if (variable === undefined)
    return new DebuggerError(
      'MEMORY_UNREADABLE',
      'where the root of the object names is, is not known: this dump has no debugger data block',
    );
  const why = target.whyUnreadable(variable);
  const at = `nt!ObpRootDirectoryObject at ${addressTextOf(kernel, variable)}`;
  return why === undefined
    ? new DebuggerError('NO_SUCH_RECORD', `there is no root of the object names: ${at} is null`)
    : new DebuggerError('MEMORY_UNREADABLE', `the root of the object names is not known: ${at}: ${why}`);
}

/** A name of something that is known to be no directory holds no other names. */
function requireDirectory(kernel: ObjectKernel, object: Va, names: readonly string[]): void {
  const header = readObjectHeader(kernel, object);
  if (header.typeIndex === undefined)
    throw unreadable(kernel, `header of \\${names.join('\\')}`, header.address);
  const type = typeOf(kernel, header);
  if (type === undefined || type === 'none' || type.name === 'Directory') return;
  throw new DebuggerError('NO_SUCH_OBJECT', `\\${names.join('\\')} is a ${type.name}, no directory`);
}

function notFound(names: readonly string[], name: string, isWhole: boolean): DebuggerError {
  const doubt = isWhole ? '' : ', as far as that directory is in this dump';
  return new DebuggerError(
    'NO_SUCH_OBJECT',
    `there is no '${name.slice(0, 60)}' in \\${names.join('\\')}${doubt}`,
  );
}

/** The whole name of an object, from its own up to the root; undefined when a part of it cannot be read. */
export function objectPath(kernel: ObjectKernel, object: Va): string | undefined {
  const root = rootDirectory(kernel);
  const names: string[] = [];
  for (let at = object, depth = 0; depth < deepest; depth++) {
    if (at === root) return `\\${names.join('\\')}`;
    const { name, directory } = readObjectHeader(kernel, at);
    if (name === undefined || name === '' || directory === undefined || directory === 0n) return undefined;
    names.unshift(name);
    at = directory;
  }
  return undefined;
}
