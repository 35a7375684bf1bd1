import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Fault } from '../base/index.ts';
import { BufferSource } from '../io/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';
import {
  type BaseRelocations,
  type DebugDirectory,
  ExceptionDirectory,
  ExportTable,
  FileImage,
  findSection,
  type ImageHeaders,
  ImageProblem,
  type ImageReader,
  MappedImage,
  RelocationKind,
  type RuntimeFunction,
  readBaseRelocations,
  readDebugDirectory,
  readDynamicRelocations,
  readExceptionDirectory,
  readExports,
  readImageHeaders,
  readVersionInfo,
} from './index.ts';

const shared = new URL('../../../../../shared/pdbs/', import.meta.url);
const machines = { x64: 0x8664, amd64: 0x8664, x86: 0x14c, ARM64: 0xaa64, arm64: 0xaa64, misc: 0 } as const;
const folders = [
  'seh-tests/x64',
  'seh-tests/x86',
  'seh-tests/ARM64',
  'systeminformer/amd64',
  'systeminformer/arm64',
  'misc',
];
const base = 0xfffff805_77000000n;

const paths = existsSync(fileURLToPath(shared))
  ? folders.flatMap((folder) =>
      readdirSync(new URL(`${folder}/`, shared))
        .filter((name) => /\.(exe|dll|sys)$/.test(name))
        .map((name) => `${folder}/${name}`),
    )
  : [];

const open = (path: string): FileImage =>
  new FileImage(new BufferSource(readFileSync(new URL(path, shared))));

/** The image as the loader maps it. */
function map(image: ImageReader): MappedImage {
  const { sizeOfImage, sizeOfHeaders, sections } = readImageHeaders(image) as ImageHeaders;
  const bytes = new Uint8Array(sizeOfImage);
  for (const { rva, size } of [{ rva: 0, size: sizeOfHeaders }, ...sections])
    bytes.set(image.tryReadRva(rva, size) as Uint8Array, rva);
  const memory: VirtualMemory = {
    kind: 'paged',
    tryRead(va, length) {
      const at = Number(va - base);
      const got = bytes.slice(at, at + length);
      return got.length === length ? got : new Fault('not-present', va + BigInt(got.length), { got });
    },
    tryReadU64: (va) => new Fault('not-present', va),
    tryReadU32: (va) => new Fault('not-present', va),
    nextCandidate: () => undefined,
  };
  return new MappedImage(memory, base, sizeOfImage);
}

function everything(image: ImageReader): unknown {
  const exports = readExports(image);
  const functions = readExceptionDirectory(image);
  return {
    headers: readImageHeaders(image),
    debug: readDebugDirectory(image),
    version: readVersionInfo(image),
    exports: exports instanceof ExportTable ? [exports.imageName, exports.symbols, exports.missing] : exports,
    functions:
      functions instanceof ExceptionDirectory
        ? Array.from({ length: functions.count }, (_, index) => functions.functionAt(index))
        : functions,
  };
}

describe.skipIf(paths.length === 0)('real images (needs ../shared)', () => {
  it('finds them', () => {
    expect(paths.length).toBe(19);
  });

  it.each(paths)('PE-3 %s reads the same as a file and as mapped memory', (path) => {
    const image = open(path);
    expect(everything(map(image))).toEqual(everything(image));
  });

  it.each(paths)('PE-1 PE-4 %s belongs to the PDB beside it', (path) => {
    const image = open(path);
    const headers = readImageHeaders(image) as ImageHeaders;
    const machine = machines[path.split('/').at(-2) as keyof typeof machines];
    expect(machine === 0 ? 0 : headers.machine).toBe(machine);
    const section = findSection(headers, headers.entryPoint);
    expect(section?.executable ?? headers.entryPoint === 0).toBe(true);
    const { codeView, partial } = readDebugDirectory(image) as DebugDirectory;
    expect(partial).toBe(false);
    const pdb = new URL(path.replace(/\.\w+$/, '.pdb'), shared);
    if (!existsSync(pdb)) return;
    const guid = Buffer.from(codeView!.guid, 'hex');
    const stored = Buffer.concat([
      guid.subarray(0, 4).reverse(),
      guid.subarray(4, 6).reverse(),
      guid.subarray(6, 8).reverse(),
      guid.subarray(8),
    ]);
    expect(readFileSync(pdb).includes(stored)).toBe(true);
  });

  it.each(paths.filter((path) => !/x86|basic32|override/.test(path)))(
    'PE-6 %s: every function is found by any of its bytes',
    (path) => {
      const directory = readExceptionDirectory(open(path)) as ExceptionDirectory;
      for (let index = 0; index < directory.count; index++) {
        const entry = directory.functionAt(index) as RuntimeFunction;
        for (const rva of [entry.begin, entry.end - 1])
          expect(directory.findRuntimeFunction(rva)).toEqual(entry);
      }
    },
  );

  it.each(paths)('PE-9 %s: every relocation holds an address inside of the image', (path) => {
    const image = open(path);
    const { imageBase, sizeOfImage } = readImageHeaders(image) as ImageHeaders;
    const relocations = readBaseRelocations(image, sizeOfImage) as BaseRelocations;
    expect(relocations).toMatchObject({ strange: 0, partial: false });
    expect(relocations.rvas.length).toBeGreaterThan(7);
    relocations.rvas.forEach((rva, index) => {
      const bytes = Buffer.from(image.tryReadRva(rva, 8) as Uint8Array);
      const wide = relocations.kinds[index] === RelocationKind.Dir64;
      const value = wide ? bytes.readBigUInt64LE() : BigInt(bytes.readUInt32LE());
      expect(value >= imageBase && value < imageBase + BigInt(sizeOfImage)).toBe(true);
    });
  });

  it('PE-11 finds branches at every place that the loader may rewrite', () => {
    const kinds = (path: string, digits: number) => {
      const image = open(path);
      const { places, unknownKinds, partial } = readDynamicRelocations(image);
      expect({ unknownKinds, partial }).toEqual({ unknownKinds: [], partial: false });
      const counts = new Map<string, number>();
      for (const { rva, length } of places) {
        const code = Buffer.from(image.tryReadRva(rva, length) as Uint8Array);
        const start = path.includes('arm64')
          ? code.readUInt32LE().toString(16).slice(0, digits)
          : code.toString('hex').slice(0, code[0] === 0x48 ? 6 : 4);
        const key = `${length} ${start}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      return Object.fromEntries(counts);
    };
    // call and jmp through memory, with and without room behind them; call rax and jmp rax.
    expect(kinds('systeminformer/amd64/systeminformer.sys', 4)).toEqual({
      '12 48ff15': 901,
      '12 48ff25': 27,
      '7 48ff25': 3,
      '6 ff15': 86,
      '11 ff25': 1,
      '5 ffd0': 8,
      '5 ffe0': 1,
    });
    // b, with a positive or negative distance.
    expect(kinds('systeminformer/arm64/systeminformer.sys', 2)).toEqual({ '4 14': 7, '4 17': 5 });
  });

  it('knows the driver', () => {
    const image = open('systeminformer/amd64/systeminformer.sys');
    expect(readDebugDirectory(image)).toMatchObject({
      codeView: { guid: '95435CEC4AB104C5E86BFBEA4416C4A3', age: 1, pdbName: 'SystemInformer.pdb' },
      timestampIsHash: true,
    });
    expect(readVersionInfo(image)).toMatchObject({ fileVersion: '4.0.1.0', fileType: 3 });
    expect(readExports(image)).toBeInstanceOf(ImageProblem);
    expect(
      (readExports(open('seh-tests/x64/xframe_eh_dll.dll')) as ExportTable).symbols.map(({ name }) => name),
    ).toContain('setup_data_dll');
  });
});
