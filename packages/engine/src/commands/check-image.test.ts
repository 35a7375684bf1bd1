import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as lab from '@poolscope/lab';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadImage, machineWithModules } from '../../../../test/more-modules.mjs';
import { memoryHost, type TestFiles } from '../../../../test/transcripts/memory-host.ts';
import type { FileComparison } from '../index.ts';
import * as engine from '../index.ts';
import { FileImage } from '../pe/index.ts';

const { BufferSource, lineText, openSession } = engine;

const open = async (machine: lab.Machine, files: TestFiles): Promise<engine.Session> =>
  openSession(new BufferSource(lab.dumpBytes(machine, { type: 'full' })), { host: memoryHost(files) });

/** Addresses of all bytes that are said to differ. */
const changedBytes = ({ data }: engine.CommandResult): number[] =>
  (data as FileComparison).differences.flatMap(({ rva, length }) =>
    Array.from({ length }, (_, index) => rva + index),
  );

describe('!chkimg', () => {
  it('finds planted changes of code, all and only those', async () => {
    const clean = lab.buildMachine();
    const { image } = clean.images.list.find(({ image: { spec } }) => spec.module === 'nt')!;
    const text = image.sections.find(({ name }) => name === '.text')!;
    const files = { 'nt.exe': image.fileBytes() };
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(fc.nat(text.size - 1), fc.integer({ min: 1, max: 255 })), {
          selector: ([at]) => at,
          maxLength: 20,
        }),
        async (changes) => {
          const planted = lab.buildMachine({
            prepare({ space }) {
              for (const [at, change] of changes) {
                const va = image.spec.base + BigInt(text.rva + at);
                space.write(va, Uint8Array.of(space.read(va, 1)[0]! ^ change));
              }
            },
          });
          const session = await open(planted, files);
          const result = session.execute('!chkimg nt -noplock -i nt.exe');
          const wanted = changes.map(([at]) => text.rva + at).sort((a, b) => a - b);
          expect(changedBytes(result)).toEqual(wanted);
          expect(result.lines.map(lineText)).toEqual([`Number of different bytes for nt: ${wanted.length}`]);
        },
      ),
      { numRuns: 6 },
    );
  });

  it('compares with the image that the symbol path gave, where none is named', async () => {
    const machine = lab.buildMachine();
    const { image } = machine.images.list.find(({ image: { spec } }) => spec.module === 'nt')!;
    const session = await open(machine, { 'found/nt.exe': image.fileBytes() });
    expect(() => session.execute('!chkimg nt')).toThrow('name it with -i FILE');
    const own = session.system.symbols.moduleAt(image.spec.base)!;
    own.useImage(new FileImage(new BufferSource(image.fileBytes())), {
      location: 'found/nt.exe',
      match: { by: 'time stamp and size', why: 'both are those of the dump' },
    });
    expect(session.execute('!chkimg nt').lines.map(lineText)).toEqual([
      'Number of different bytes for nt: 0',
    ]);
  });

  it('closes the file, also when it is refused', async () => {
    let closed = 0;
    const machine = lab.buildMachine();
    const { image } = machine.images.list[0]!;
    const session = await openSession(new BufferSource(lab.dumpBytes(machine, { type: 'full' })), {
      host: {
        ...engine.bareHost,
        openFile: (path) => ({
          ...memoryHost({ 'nt.exe': image.fileBytes(), bad: 'bad' }).openFile(path),
          close: () => closed++,
        }),
      },
    });
    session.execute('!chkimg nt -i nt.exe');
    expect(() => session.execute('!chkimg nt -i bad')).toThrow('the file is no image');
    expect(() => session.execute('!chkimg hal -i nt.exe')).toThrow('the file is not hal as it was loaded');
    expect(closed).toBe(3);
  });
});

const shared = (path: string) =>
  fileURLToPath(new URL(`../../../../../shared/pdbs/${path}`, import.meta.url));
const driver = shared('systeminformer/amd64/systeminformer.sys');

describe.skipIf(!existsSync(driver))('!chkimg of real images (needs ../shared)', () => {
  const base = 0xfffff804_77000000n;

  /** A session with this image loaded at a base that it was not linked for. */
  async function loadAt(
    path: string,
    at: bigint,
    architecture: lab.Architecture,
    change: (bytes: Uint8Array) => void = () => undefined,
  ) {
    const file = new Uint8Array(readFileSync(path));
    const bytes = loadImage(file, at);
    change(bytes);
    const name = path.slice(path.lastIndexOf('/') + 1);
    return open(machineWithModules(lab, { architecture }, [{ name, base: at, bytes }]), { file });
  }
  const load = (change?: (bytes: Uint8Array) => void) => loadAt(driver, base, 'x64', change);

  it.each([
    ['x64', driver, base],
    ['arm64', shared('systeminformer/arm64/systeminformer.sys'), base],
    ['x86', shared('seh-tests/x86/xcpt4.exe'), 0xffffffff_8c700000n],
  ] as const)('%s: finds nothing in one that was only moved', async (architecture, path, at) => {
    const session = await loadAt(path, at, architecture);
    for (const options of ['', '-as', '-ss .rdata']) {
      const { data } = session.execute(`!chkimg ${options} 0x${at.toString(16)} -i file`);
      expect(data, options).toMatchObject({
        differentBytes: 0,
        rewrittenBytes: 0,
        missingBytes: 0,
        matchedBy: 'PDB',
        notes: [],
      });
    }
    const { data } = session.execute(`!chkimg -as -nar 0x${at.toString(16)} -i file`);
    expect((data as FileComparison).differentBytes).toBeGreaterThan(200);
  });

  it('tells a hook from a call that the loader rewrote', async () => {
    const call = 0x1000;
    let rewritten = 0;
    const session = await load((bytes) => {
      // The first call through an import, with room behind it, becomes mov r10,[import]; call stub.
      const at = bytes.findIndex(
        (byte, index) =>
          index >= call && byte === 0x48 && bytes[index + 1] === 0xff && bytes[index + 2] === 0x15,
      );
      bytes.set([0x4c, 0x8b, 0x15], at);
      bytes.set([0xe8, 1, 2, 3, 4], at + 7);
      rewritten = at;
      bytes.set([0xe9, 1, 2, 3, 4], 0x1700);
    });
    const { data, lines } = session.execute('!chkimg -d systeminformer -i file');
    const comparison = data as FileComparison;
    expect(comparison.differences.every(({ rva }) => rva >= 0x1700 && rva < 0x1705)).toBe(true);
    expect(comparison.differentBytes).toBeGreaterThan(2);
    expect(comparison.rewritten[0]!.rva).toBe(rewritten);
    expect(lines.map(lineText).at(-1)).toMatch(
      'more bytes differ where the file lets the loader rewrite code',
    );
  });

  it('shows its headers as they are in the file', async () => {
    const session = await load();
    const lmi = session.execute('!lmi systeminformer').lines.map(lineText);
    expect(lmi).toContain('   Base Address: fffff80477000000');
    expect(lmi.some((line) => line.endsWith('Reproducible build'))).toBe(true);
    const dh = session.execute('!dh systeminformer').lines.map(lineText);
    expect(dh).toContain('    8664 machine (X64)');
    expect(dh).toContain('       1 subsystem (Native)');
    const text = session.execute('lmvm systeminformer').lines.map(lineText);
    expect(text).toContain('    File version:     4.0.1.0');
    expect(text).toContain('    File flags:       0 (Mask 3F)');
    expect(text).toContain('    File OS:          40004 NT Win32');
    expect(text).toContain('    File type:        3.7 Driver');
    expect(text).toContain('    File date:        00000000.00000000');
    expect(text).toContain('    Translations:     0409.04e4');
    expect(text.some((line) => /^ {8}OriginalFilename: \S/.test(line))).toBe(true);
    expect(text.some((line) => /^ {4}Timestamp: {8}[0-9A-F]{8} \(a hash/.test(line))).toBe(true);
  });
});
