import { DebuggerError, padHex, pageSize } from '../base/index.ts';
import type { ByteSource } from '../io/index.ts';
import {
  type CompareOptions,
  compareImages,
  type DebugDirectory,
  FileImage,
  type ImageComparison,
  type ImageHeaders,
  ImageProblem,
  readDebugDirectory,
  readImageHeaders,
} from '../pe/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import type { Module } from '../windows/index.ts';

/** A file that can be read anywhere. */
export interface ImageFile {
  readonly size: number;
  /** At most `length` bytes from `offset`; fewer at the end of the file. */
  read(offset: number, length: number): Uint8Array;
}

/** An image in memory beside its file. */
export interface FileComparison extends ImageComparison {
  readonly module: string;
  /** By what the file is known to be the one that was loaded. */
  readonly matchedBy: 'PDB' | 'time stamp and size';
}

/**
 * Compares a module in the dump with an image file. Throws IMAGE_UNUSABLE when the file is no image, and IMAGE_MISMATCH
 * when it is not the one that was loaded or the dump cannot tell. Yields the bytes done now and then.
 */
export function* compareWithFile(
  system: CrashedSystem,
  module: Module,
  file: ImageFile,
  options: CompareOptions = {},
): Generator<number, FileComparison> {
  const image = new FileImage(sourceOf(file));
  const headers = readImageHeaders(image);
  if (headers instanceof ImageProblem)
    throw new DebuggerError('IMAGE_UNUSABLE', `the file is no image: ${headers.reason}`);
  if (headers.missingSections > 0)
    throw new DebuggerError('IMAGE_UNUSABLE', 'the file ends before its section headers do');
  const matchedBy = identify(system, module, headers, readDebugDirectory(image));
  const found = system.symbols.moduleAt(module.base)!.image;
  const comparison = yield* compareImages(image, headers, found, module.base, options);
  return { ...comparison, module: module.name, matchedBy };
}

const sourceOf = (file: ImageFile): ByteSource => ({
  size: file.size,
  readInto(offset, target) {
    const bytes = file.read(offset, target.length);
    target.set(bytes);
    return bytes.length;
  },
});

const machines: Readonly<Record<string, number>> = { x86: 0x14c, x64: 0x8664, arm64: 0xaa64 };

/** By what the file is the image that was loaded. Throws IMAGE_MISMATCH. */
function identify(
  system: CrashedSystem,
  module: Module,
  headers: ImageHeaders,
  fileDebug: DebugDirectory | ImageProblem,
): FileComparison['matchedBy'] {
  if (headers.machine !== machines[system.machine])
    throw mismatch(module, `it is for another processor (machine ${headers.machine.toString(16)})`);
  const debug = readDebugDirectory(system.symbols.moduleAt(module.base)!.image);
  const [loaded, given] = [keyOf(debug), keyOf(fileDebug)];
  if (loaded !== undefined && given !== undefined) {
    if (loaded === given) return 'PDB';
    throw mismatch(module, `its PDB is ${given}, that of the loaded image ${loaded}`);
  }
  return compareStamps(module, headers);
}

function compareStamps(module: Module, headers: ImageHeaders): FileComparison['matchedBy'] {
  const stamp = module.timeDateStamp;
  if (stamp === undefined)
    throw mismatch(module, 'the dump tells neither the PDB nor the time stamp of the loaded image');
  if (stamp !== headers.timeDateStamp)
    throw mismatch(
      module,
      `its time stamp is ${hex(headers.timeDateStamp)}, that of the loaded image ${hex(stamp)}`,
    );
  if (pages(module.size) !== pages(headers.sizeOfImage))
    throw mismatch(
      module,
      `its size is ${hex(headers.sizeOfImage)}, that of the loaded image ${hex(module.size)}`,
    );
  return 'time stamp and size';
}

const mismatch = (module: Module, why: string): DebuggerError =>
  new DebuggerError('IMAGE_MISMATCH', `the file is not ${module.name} as it was loaded: ${why}`);

const pages = (size: number): number => Math.ceil(size / pageSize);
const hex = (value: number): string => padHex(value, 8).toUpperCase();

function keyOf(debug: DebugDirectory | ImageProblem): string | undefined {
  const record = debug instanceof ImageProblem ? undefined : debug.codeView;
  return record === undefined ? undefined : `${record.guid}, age ${record.age}`;
}
