import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { hasProgram } from '../../../../test/outside-programs.ts';
import { describedImage, reorderedImage } from '../../test/sample-images.ts';
import type { BuiltImage } from '../image/built-image.ts';
import { buildMachine } from '../machine/build-machine.ts';
import { StructureTable } from '../machine/structure-table.ts';
import { imagePdb } from './image-pdb.ts';
import { pdbFiles } from './machine-pdbs.ts';

const folder = mkdtempSync(join(tmpdir(), 'lab-pdb-'));
afterAll(() => rmSync(folder, { recursive: true }));

function store(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** The program's output; what it says against the file is an error. */
function pdbutil(...words: string[]): string {
  const { stdout, stderr, status } = spawnSync('llvm-pdbutil', words, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

const dumped = (path: string, what: string) => pdbutil('dump', `-${what}`, path);

/** `name section:offset` of each match of a pattern with these three groups. */
const placed = (text: string, pattern: RegExp): string[] =>
  Array.from(
    text.matchAll(pattern),
    ([, name, section, offset]) => `${name} ${Number(section)}:${Number(offset)}`,
  ).sort();

const publicPattern = /S_PUB32 \[size = \d+\] `(.*)`\n.* addr = (\d+):(\d+)/g;

const isThere = hasProgram('llvm-pdbutil');

describe.skipIf(!isThere).each(['x64', 'x86', 'arm64'] as const)(
  'llvm-pdbutil on program databases of %s',
  (architecture) => {
    const machine = buildMachine({ architecture });
    const files = pdbFiles(machine).map((file) => ({
      ...file,
      path: store(`${architecture}-${file.name}`, file.bytes),
    }));
    const kernel = files[0]!;

    it('reads all of them', () => {
      for (const { path, age, guid } of files) {
        const text = dumped(path, 'all');
        expect(text).toContain(`Age: ${age}\n`);
        expect(text.replaceAll('-', '')).toContain(`GUID: {${guid}}`);
      }
    });

    it('finds all public symbols', () => {
      const { image } = machine.images.list[0]!;
      const theirs = placed(dumped(kernel.path, 'publics'), publicPattern);
      const underscore = architecture === 'x86' ? '_' : '';
      const decorated = (name: string): string => {
        if (name.startsWith('__imp_')) return `__imp_${underscore}${name.slice(name.indexOf('!') + 1)}`;
        return name.startsWith('_') ? `_${name}` : `${underscore}${name}`;
      };
      const ours = Array.from(image.symbols, ([name, rva]) => {
        const section = image.sections.findLastIndex((each) => each.rva <= rva);
        return `${decorated(name)} ${section + 1}:${rva - image.sections[section]!.rva}`;
      });
      expect(theirs).toEqual(ours.sort());
    });

    it('finds all procedures', () => {
      const { image } = machine.images.list[0]!;
      const pattern = /S_[GL]PROC32 \[size = \d+\] `(.*)`\n.* addr = 0001:(\d+), code size = (\d+)/g;
      const theirs = Array.from(
        dumped(kernel.path, 'symbols').matchAll(pattern),
        ([, name, offset, size]) => `${name} ${Number(offset)}+${Number(size)}`,
      );
      const ours = Array.from(
        image.functions,
        ({ spec, rva, size }) => `${spec.name} ${rva - image.sections[0]!.rva}+${size}`,
      );
      expect(theirs.sort()).toEqual(ours.sort());
    });

    it('finds all structures with their sizes', () => {
      const tables = new StructureTable(machine.architecture, machine.profile.build);
      const pattern = /LF_(?:STRUCTURE|UNION) \[.*\] `(\w+)`\n(?:.*vtable.*\n)?[^|]*?sizeof (\d+)/g;
      const theirs = Array.from(dumped(kernel.path, 'types').matchAll(pattern), ([text, name, size]) =>
        text.includes('forward ref') ? '' : `${name} ${size}`,
      );
      const ours = tables.names().map((name) => `${name} ${tables.size(name)}`);
      expect(theirs.filter((line) => line !== '').sort()).toEqual(ours.sort());
    });
  },
);

describe.skipIf(!isThere)('llvm-pdbutil on what symbol files tell besides', () => {
  const described = isThere ? store('described.pdb', imagePdb(describedImage())) : '';

  it('agrees on the members of a structure', () => {
    const structures = {
      names: () => ['_PART'],
      structure: () => ({
        name: '_PART',
        size: 16,
        members: [
          { path: 'Low', type: 'u16:3:9', offset: 0 },
          { path: 'Links', type: '*_LIST_ENTRY', offset: 8 },
        ],
      }),
    };
    const text = dumped(store('part.pdb', imagePdb(describedImage(), { structures })), 'types');
    expect(text).toMatch(/type = 0x0021 \(unsigned short\), bit offset = 3, # bits = 9/);
    expect(text).toMatch(/name = `Low`, Type = 0x1\w{3}, offset = 0,/);
    expect(text).toMatch(/name = `Links`, Type = 0x1\w{3}, offset = 8,/);
    expect(text).toMatch(/LF_STRUCTURE .* `_LIST_ENTRY`\n.*\n.*forward ref/);
  });

  it('agrees on lines', () => {
    const text = dumped(described, 'l');
    expect(text).toMatch(
      /outer\.c.*\n.*0001:00000010-00000441, .*= 3\n +10 00000010 +12 00000020 +300 00000040/,
    );
    expect(text).toMatch(/other\.h.*\n.*= 1\n +4 00000048/);
    expect(text).toMatch(/probe\.c.*\n.*\n +70000 00000450/);
  });

  it('agrees on inlined functions, scopes and labels', () => {
    const text = dumped(described, 'symbols').replaceAll(/ +/g, ' ');
    expect(text).toMatch(
      /inlinee = 0x1000 \(Push\), parent = 64.*\n.*code 0x10 \(\+0x10\) code end 0x20.*\n.*line 3 .*\n.*code 0x20 .*code end 0x30.*\n.*line -1 .*\n.*code 0x400 .*code end 0x410/,
    );
    expect(text).toMatch(/inlinee = 0x1001 \(Link\), parent = 148.*\n.*code 0x18 .*code end 0x20/);
    expect(text).toMatch(/S_BLOCK32 .*\n parent = 64, end = \d+\n code size = 44, addr = 0001:0020/);
    expect(text).toContain('`own` (addr = 0001:0064)');
    expect(dumped(described, 'il')).toMatch(/0x1000 \| +30 \| d:\\probe\\list\.h.*\n +0x1001 \| +50 \|/);
  });

  it('agrees on places before an image was reordered', () => {
    const path = store('reordered.pdb', imagePdb(reorderedImage()));
    const text = dumped(path, 'publics');
    expect(placed(text, publicPattern)).toContain('First 1:32');
    expect(dumped(path, 'section-headers')).toMatch(
      /Original Section Headers[^]*\.text name\n +88 virtual size/,
    );
    const number = /Stream +(\d+) .*\[Omap From Source Data\]/.exec(dumped(path, 'streams'))![1]!;
    const out = join(folder, 'omap');
    pdbutil('export', `-stream=${number}`, `-out=${out}`, path);
    const image = reorderedImage();
    const [first, cold] = [image.function('First').rva, image.function('First$cold').rva];
    const words = [...new Uint32Array(new Uint8Array(readFileSync(out)).buffer)];
    const pairs = Array.from({ length: words.length / 2 }, (_, at) => [words[2 * at]!, words[2 * at + 1]!]);
    expect(pairs.slice(0, 8)).toEqual([
      [0x1000, image.function('Second').rva],
      [0x1012, 0],
      [0x1020, first],
      [0x1040, 0],
      [0x1048, first + 0x20],
      [0x1068, cold],
      [0x1078, 0],
      [0x1080, image.function('Entry').rva],
    ]);
  });

  it('agrees on frames of x86', () => {
    const machine = buildMachine({ architecture: 'x86' });
    const { image } = machine.images.list[0]!;
    const text = dumped(store('frames.pdb', imagePdb(image)), 'fpo');
    const theirs = Array.from(text.matchAll(/^ *([0-9A-F]{8}) \| +(\d+) /gm), ([, rva, size]) => [
      Number.parseInt(rva!, 16),
      Number(size),
    ]);
    expect(theirs).toEqual(Array.from(image.functions, ({ rva, size }) => [rva, size]));
  });
});

describe.skipIf(!hasProgram('llvm-symbolizer'))('llvm-symbolizer', () => {
  const symbolized = (image: BuiltImage, at: number): string[] => {
    store(image.spec.pdb.name, imagePdb(image));
    const program = store(image.spec.name, image.fileBytes());
    return execFileSync('llvm-symbolizer', ['--relative-address', `--obj=${program}`, `${at}`], {
      encoding: 'utf8',
    })
      .trim()
      .split('\n');
  };

  it('finds the program database by the image, names, lines and inlined functions', () => {
    const image = describedImage();
    const outer = image.function('Outer').rva;
    const own = 'd:\\probe\\outer.c';
    const list = 'd:\\probe\\list.h';
    expect(symbolized(image, outer)).toEqual(['Outer', `${own}:10:0`]);
    expect(symbolized(image, outer + 0x10)).toEqual(['Push', `${list}:30:0`, 'Outer', `${own}:12:0`]);
    expect(symbolized(image, outer + 0x18).slice(0, 3)).toEqual(['Link', `${list}:50:0`, 'Push']);
    expect(symbolized(image, outer + 0x20)[1]).toBe(`${list}:33:0`);
    expect(symbolized(image, outer + 0x30)).toEqual(['Outer', `${own}:300:0`]);
    expect(symbolized(image, image.function('Leaf').rva + 3)).toEqual(['Leaf', 'probe.c:70000:0']);
  });
});
