import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasProgram } from '../../../../test/outside-programs.ts';
import { hasShared, sharedPath } from '../../../../test/shared-files.ts';
import { BufferSource } from '../io/index.ts';
import { walkFields } from './field-list.ts';
import type { FrameData } from './frame-data.ts';
import { SectionContributions } from './modules.ts';
import { PdbFile } from './pdb-file.ts';
import type { Place } from './section-map.ts';
import { undecorate } from './undecorate.ts';

/** Another reader of the same files, where it is installed: Debian's package llvm. */
const canRun = hasShared && hasProgram('llvm-pdbutil');
const canUndecorate = hasShared && hasProgram('llvm-undname');

const files = hasShared
  ? (readdirSync(sharedPath('pdbs'), { recursive: true }) as string[]).filter((name) =>
      /(systeminformer|xcpt4|xframe_eh_exe|override|exceptions-test|minimal|bug)\.pdb$/.test(name),
    )
  : [];

const open = (name: string) => new PdbFile(new BufferSource(readFileSync(sharedPath(`pdbs/${name}`))));

const dump = (name: string, what: string): string =>
  execFileSync('llvm-pdbutil', ['dump', what, sharedPath(`pdbs/${name}`)], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });

interface Placed {
  readonly name: string;
  readonly section: number;
  readonly offset: number;
}

function placedIn(text: string, pattern: RegExp): Placed[] {
  return Array.from(text.matchAll(pattern), ([, name = '', section, offset]) => ({
    name,
    section: Number(section),
    offset: Number(offset),
  }));
}

const inOrder = (list: readonly Placed[]): string[] =>
  list.map(({ name, section, offset }) => `${section}:${offset} ${name}`).sort();

describe.skipIf(!canRun)('llvm-pdbutil agrees', () => {
  it.each(files)('%s: on every public symbol', (name) => {
    const theirs = placedIn(
      dump(name, '-publics'),
      /S_PUB32 \[size = \d+\] `(.*)`\n\s+flags = .*, addr = (\d+):(\d+)/g,
    );
    const { publics } = open(name);
    const ours = Array.from({ length: publics.count }, (_, index) => publics.at(index)!);
    expect(inOrder(ours)).toEqual(inOrder(theirs));
  });

  it.each(files)('%s: on every procedure and its extent', (name) => {
    const text = dump(name, '-symbols');
    const pattern = /S_[GL]PROC32(?:_ID)? \[size = \d+\] `(.*)`\n.* addr = (\d+):(\d+), code size = (\d+)/g;
    const theirs = Array.from(
      text.matchAll(pattern),
      ([, own, section, offset, size]) => `${Number(section)}:${Number(offset)}+${Number(size)} ${own}`,
    ).filter((line) => !line.startsWith('0:'));
    const ours = [...open(name).privates.procedures()]
      .filter(({ kind }) => kind === 'procedure')
      .map((each) => `${each.section}:${each.offset}+${each.length} ${each.name}`);
    expect(ours.sort()).toEqual(theirs.sort());
  });

  it.each(files)('%s: on the lines of every place', (name) => {
    const pdb = open(name);
    const owners = new SectionContributions(pdb.dbi);
    let checked = 0;
    let left = 0;
    for (const { module, place, lines } of readLines(dump(name, '-l'))) {
      const line = pdb.privates.lineAt(place)?.line;
      // Functions that were folded into others keep lines in their own modules: the code is that of the other.
      if (owners.moduleAt(place) !== module || line === undefined) left++;
      else expect(lines).toContain(line);
      checked++;
    }
    expect(checked).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(checked * 0.1);
  });

  it.each(files)('%s: on the members of every structure, their offsets and types', (name) => {
    const { types, structures } = open(name);
    const theirs = readTypes(dump(name, '-types'));
    expect(theirs.structures.size).toBeGreaterThan(0);
    for (const [index, { own, size, fields }] of theirs.structures) {
      const record = structures.structureAt(index)!;
      expect([record.name, record.size]).toEqual([own, size]);
      const members = [...walkFields(types, record.fields)].flatMap((field) =>
        field.kind === 'member' ? [`${field.name} ${field.type} ${field.offset}`] : [],
      );
      expect(members).toEqual(fields === 0 ? [] : theirs.membersOf(fields));
    }
  });
});

interface TheirLines {
  readonly module: number;
  readonly place: Place;
  readonly lines: number[];
}

/** `54 000008E0` behind `0001:000008D0-000008FE`, behind `Mod 0002`: lines at each place of each module. */
function readLines(text: string): Iterable<TheirLines> {
  const found = new Map<string, TheirLines>();
  let [module, section] = [0, 0];
  for (const line of text.split('\n')) {
    const owner = /^Mod (\d+) /.exec(line)?.[1];
    const head = /^ {2}([0-9A-F]{4}):[0-9A-F]{8}-[0-9A-F]{8}/.exec(line)?.[1];
    if (owner !== undefined) module = Number(owner);
    else if (head !== undefined) section = Number.parseInt(head, 16);
    else
      for (const [, number, digits] of line.matchAll(/(\d+) [!]?\s*([0-9A-F]{8})\b/g)) {
        const offset = Number.parseInt(digits!, 16);
        const key = `${module} ${section} ${offset}`;
        const known = found.get(key) ?? { module, place: { section, offset }, lines: [] };
        found.set(key, known);
        known.lines.push(Number(number));
      }
  }
  return found.values();
}

interface TheirStructure {
  readonly own: string;
  readonly size: number;
  readonly fields: number;
}

function readTypes(text: string) {
  const structures = new Map<number, TheirStructure>();
  const lists = new Map<number, { members: string[]; more: number | undefined }>();
  for (const block of text.split(/\n(?= *0x[0-9A-F]+ \|)/)) {
    const head = /^ *0x([0-9A-F]+) \| (LF_\w+) \[size = \d+\](?: `(.*)`)?/.exec(block);
    if (head === null) continue;
    const index = Number.parseInt(head[1]!, 16);
    if (/LF_(STRUCTURE|CLASS|UNION)/.test(head[2]!)) {
      const fields = /field list: 0x([0-9A-F]+)/.exec(block)?.[1];
      const size = Number(/sizeof (\d+)/.exec(block)?.[1]);
      structures.set(index, { own: head[3]!, size, fields: Number.parseInt(fields ?? '0', 16) });
    } else if (head[2] === 'LF_FIELDLIST') lists.set(index, readList(block));
  }
  const membersOf = (first: number): string[] => {
    const { members, more } = lists.get(first) ?? { members: [], more: undefined };
    return more === undefined ? members : [...members, ...membersOf(more)];
  };
  return { structures, membersOf };
}

function readList(block: string) {
  const pattern = /LF_MEMBER \[name = `(.*)`, Type = (?:0x([0-9A-F]+)|<no type>).*, offset = (\d+)/g;
  const members = Array.from(
    block.matchAll(pattern),
    ([, own, type, offset]) => `${own} ${Number.parseInt(type ?? '0', 16)} ${offset}`,
  );
  const more = /LF_INDEX.*0x([0-9A-F]+)/.exec(block)?.[1];
  return { members, more: more === undefined ? undefined : Number.parseInt(more, 16) };
}

/** Rows of a table of frames, cut into their columns. */
const rowsOf = (text: string): string[][] =>
  Array.from(text.matchAll(/^([0-9A-F]{8} \|.*)$/gm), ([, row = '']) =>
    row.split('|').map((cell) => cell.trim()),
  );

const describedFrame = ([
  rva = '',
  code,
  locals,
  parameters,
  ,
  prolog,
  saved,
  seh,
  ,
  ,
  program,
]: string[]) => ({
  start: Number.parseInt(rva, 16),
  length: Number(code),
  localBytes: Number(locals),
  parameterBytes: Number(parameters),
  prologBytes: Number(prolog),
  savedRegisterBytes: Number(saved),
  hasSeh: seh === 'true',
  usesEbp: undefined,
  frameType: undefined,
  program: expect.stringContaining(program ?? ''),
});

describe.skipIf(!canRun)('llvm-pdbutil agrees on frames of x86', () => {
  it.each(files.filter((name) => name.includes('x86')))('PDB-12: %s', (name) => {
    const pdb = open(name);
    const [old = '', described = ''] = dump(name, '-fpo').split('New FPO Data');
    const theirs = rowsOf(described);
    expect(theirs.length).toBeGreaterThan(10);
    const found = theirs.map(([rva = '']) => pdb.fpoAt(Number.parseInt(rva, 16)));
    const expected = theirs.map(describedFrame);
    // Functions that were folded into one have a description each, all with its address.
    for (const frame of found) expect(expected).toContainEqual(whatLlvmTells(frame!));
    for (const frame of expected) expect(found.map((each) => each?.start)).toContain(frame.start);
    for (const [rva = '', code, locals, parameters, prolog, saved, ebp, seh] of rowsOf(old)) {
      const frame = pdb.fpoAt(Number.parseInt(rva, 16));
      if (frame?.frameType === undefined) continue;
      expect(frame).toMatchObject({
        length: Number(code),
        localBytes: Number(locals) * 4,
        parameterBytes: Number(parameters) * 4,
        prologBytes: Number(prolog),
        savedRegisterBytes: Number(saved) * 4,
        usesEbp: ebp === 'true',
        hasSeh: seh === 'true',
      });
    }
  });
});

/** The dump leaves out which description begins a function. */
function whatLlvmTells(frame: FrameData): Partial<FrameData> {
  const { beginsFunction: _begins, isBehindPart: _behind, ...told } = frame;
  return told;
}

/** Without the words and spaces that the debugger does not show, or shows elsewhere. */
const plain = (text: string): string =>
  text
    .replace(/deleting dtor/g, 'deleting destructor')
    .replace(/^const |\b(class|struct|union|enum) | /g, '');

describe.skipIf(!canUndecorate)('llvm-undname agrees', () => {
  it.each(files)('%s: on every name of C++', (name) => {
    const { publics } = open(name);
    const names = Array.from({ length: publics.count }, (_, index) => publics.at(index)!.name).filter(
      // It leaves the result out of types of functions, the class out of type descriptors, the hash out of strings, and
      // shows the types of functions that variables stand in.
      (own) => own.startsWith('?') && !/\$\$A6|^\?\?_R0|^\?\?_C|^\?[^@]*@\?/.test(own),
    );
    const flags = ['access-specifier', 'calling-convention', 'member-type', 'return-type', 'variable-type'];
    const text = execFileSync(
      'llvm-undname',
      flags.map((flag) => `--no-${flag}`),
      { input: names.map((own) => `${own}\n`).join(''), encoding: 'utf8', maxBuffer: 1 << 28 },
    );
    const theirs = new Map(text.split('\n\n').map((block) => block.trim().split('\n') as [string, string]));
    for (const own of names) {
      const [mine, other] = [plain(undecorate(own)), plain(theirs.get(own) ?? '')];
      // Behind the name follow the arguments, or what an object is called for.
      expect([own, other.slice(0, mine.length)]).toEqual([own, mine]);
      expect(other.slice(mine.length)).toMatch(/^($|\(|\{|const)/);
    }
  });
});
