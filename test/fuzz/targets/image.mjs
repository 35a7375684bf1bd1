import { Fault } from '../../../packages/engine/dist/base/index.js';
import { BufferSource } from '../../../packages/engine/dist/io/index.js';
import {
  compareImages,
  ExceptionDirectory,
  ExportTable,
  FileImage,
  ImageProblem,
  RelocatedImage,
  readBaseRelocations,
  readDebugDirectory,
  readDynamicRelocations,
  readExceptionDirectory,
  readExports,
  readImageHeaders,
  readVersionInfo,
} from '../../../packages/engine/dist/pe/index.js';
import { buildMachine } from '../../../packages/lab/dist/index.js';

/** @typedef {import('../../../packages/engine/dist/pe/index.js').ImageReader} ImageReader */

/**
 * Executable images, as files and as they lie in memory: headers, exports, debug, exception and version data, relocations,
 * and one against the other.
 */
export const name = 'image';
export const iterations = 1500;

export const seeds = () =>
  /** @type {const} */ (['x64', 'x86', 'arm64']).map((architecture) => {
    const { space, truth } = buildMachine({ architecture, memoryPages: 4096 });
    const smallest = truth.modules.toSorted((a, b) => a.size - b.size)[0];
    if (smallest === undefined) throw new Error('a machine without modules');
    return withRelocations(space.read(smallest.base, smallest.size));
  });

/**
 * The lab's images are made for where they are loaded: a block of relocations, a load configuration and a table of places
 * that the loader rewrites go into the space behind the last section's bytes.
 * @param {Uint8Array} bytes
 */
function withRelocations(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = view.getUint16(0x98, true) === 0x20b;
  const directories = 0x98 + (wide ? 112 : 96);
  const [relocations, configuration, table] = [
    bytes.length - 0x400,
    bytes.length - 0x300,
    bytes.length - 0x180,
  ];
  const words = (/** @type {number} */ at, /** @type {number[]} */ ...values) =>
    values.forEach((value, index) => view.setUint32(at + index * 4, value, true));
  words(directories + 5 * 8, relocations, 12);
  words(relocations, 0x1000, 12, ((10 << 12) | 0x10) >>> 0);
  words(directories + 10 * 8, configuration, 0xe8);
  words(configuration, wide ? 0xe8 : 0x90);
  const sections = view.getUint16(0x86, true);
  const last = 0x98 + view.getUint16(0x94, true) + (sections - 1) * 40;
  words(last + 8, 0x1000);
  words(configuration + (wide ? 0xe0 : 0x88), table - view.getUint32(last + 12, true), sections);
  words(table, 1, wide ? 24 : 20, 3, ...(wide ? [0] : []), 12, 0x1000, 12, 0x20);
  return bytes;
}

/** @param {Uint8Array} bytes */
export function run(bytes) {
  const file = new FileImage(new BufferSource(bytes));
  /** @type {ImageReader} */
  const memory = { layout: 'mapped', tryReadRva: (rva, length) => readMapped(bytes, rva, length) };
  readAll(file);
  readAll(memory);
  compare(file, memory);
  compare(memory, memory);
}

/** Steps after which a comparison is given up: sections may claim four gigabytes each. */
const maxSteps = 64;

/**
 * @param {ImageReader} expected
 * @param {ImageReader} found
 */
function compare(expected, found) {
  const headers = readImageHeaders(expected);
  if (headers instanceof ImageProblem) return;
  const relocations = readBaseRelocations(expected, headers.sizeOfImage);
  if (!(relocations instanceof ImageProblem))
    new RelocatedImage(expected, relocations, 0x12345n).tryReadRva(0x1000, 0x2000);
  const comparison = compareImages(expected, headers, found, headers.imageBase + 0x10000n, {
    sections: 'all',
  });
  for (let steps = 0; steps < maxSteps; steps++) {
    const step = comparison.next();
    if (step.done !== true) continue;
    const { differentBytes, comparedBytes } = step.value;
    if (differentBytes > comparedBytes) throw new Error('more bytes differ than were compared');
    return;
  }
  comparison.return(/** @type {never} */ (undefined));
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
  readDynamicRelocations(image);
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
