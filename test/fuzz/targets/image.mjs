import { Fault } from '../../../packages/engine/dist/base/index.js';
import { BufferSource } from '../../../packages/engine/dist/io/index.js';
import {
  ExceptionDirectory,
  ExportTable,
  FileImage,
  readDebugDirectory,
  readExceptionDirectory,
  readExports,
  readImageHeaders,
  readVersionInfo,
} from '../../../packages/engine/dist/pe/index.js';
import { buildMachine } from '../../../packages/lab/dist/index.js';

/** @typedef {import('../../../packages/engine/dist/pe/index.js').ImageReader} ImageReader */

/** Executable images, as files and as they lie in memory: headers, exports, debug, exception and version data. */
export const name = 'image';
export const iterations = 1500;

export const seeds = () =>
  /** @type {const} */ (['x64', 'x86', 'arm64']).map((architecture) => {
    const { space, truth } = buildMachine({ architecture, memoryPages: 4096 });
    const smallest = truth.modules.toSorted((a, b) => a.size - b.size)[0];
    if (smallest === undefined) throw new Error('a machine without modules');
    return space.read(smallest.base, smallest.size);
  });

/** @param {Uint8Array} bytes */
export function run(bytes) {
  readAll(new FileImage(new BufferSource(bytes)));
  readAll({ layout: 'mapped', tryReadRva: (rva, length) => readMapped(bytes, rva, length) });
}

/**
 * @param {Uint8Array} bytes
 * @param {number} rva
 * @param {number} length
 */
function readMapped(bytes, rva, length) {
  const got = bytes.slice(rva, rva + length);
  return got.length === length ? got : new Fault('not-present', BigInt(rva + got.length), { got });
}

/** @param {ImageReader} image */
function readAll(image) {
  readImageHeaders(image);
  readDebugDirectory(image);
  readVersionInfo(image);
  const table = readExports(image);
  if (table instanceof ExportTable) readNames(table);
  const functions = readExceptionDirectory(image);
  if (functions instanceof ExceptionDirectory) {
    for (const rva of [0, 0x1000, 0x1010, 0x2000, 0xffff_ffff]) functions.findRuntimeFunction(rva);
    functions.functionAt(functions.count - 1);
  }
}

/** @param {ExportTable} table */
function readNames(table) {
  const first = table.symbols[0];
  table.findName('KeBugCheckEx');
  if (first !== undefined && table.imageName !== undefined) table.findName(table.imageName);
}
