import { execFileSync } from 'node:child_process';
import { profiles } from '@poolscope/engine/layouts';
import { describe, expect, test } from 'vitest';
import { hasShared, sharedPath, sharedText } from '../shared-files.ts';

/** A type of an ISF file, as far as it is looked at here. */
interface IsfType {
  readonly kind: string;
  readonly name?: string;
  readonly count?: number;
  readonly subtype?: IsfType;
  readonly type?: IsfType;
  readonly bit_position?: number;
  readonly bit_length?: number;
}

interface Isf {
  readonly base_types: Readonly<Record<string, { readonly size: number }>>;
  readonly enums: Readonly<Record<string, { readonly size: number }>>;
  readonly user_types: Readonly<
    Record<
      string,
      { readonly size: number; readonly fields: Readonly<Record<string, { offset: number; type: IsfType }>> }
    >
  >;
}

/** ISF files of JPCERT name the same kernel by two builds. */
const buildOf = (version: string): number => {
  const build = Number(version.split('.')[2]);
  return build === 18326 ? 18362 : build;
};

const rows = hasShared ? sharedText('symbols/isf/INDEX.tsv').trim().split('\n').slice(1) : [];

function readIsf(file: string): Isf {
  const packed = sharedPath(`symbols/isf/${file}`);
  return JSON.parse(execFileSync('xz', ['-dc', packed], { maxBuffer: 1 << 28 }).toString()) as Isf;
}

/** Offset, bytes and bits of a dotted member: `0x10 8 4:60`. */
function placeOf(isf: Isf, structure: string, path: string): string {
  let offset = 0;
  let at: IsfType = { kind: 'struct', name: structure };
  for (const name of path.split('.')) {
    while (at.kind === 'array') at = at.subtype!;
    const field = isf.user_types[at.name!]?.fields[name];
    if (field === undefined) return 'absent';
    offset += field.offset;
    at = field.type;
  }
  const bits = at.kind === 'bitfield' ? ` ${at.bit_position}:${at.bit_length}` : '';
  return `0x${offset.toString(16)} ${sizeOf(isf, at)}${bits}`;
}

function sizeOf(isf: Isf, type: IsfType): number {
  if (type.kind === 'array') return type.count! * sizeOf(isf, type.subtype!);
  if (type.kind === 'bitfield') return sizeOf(isf, type.type!);
  if (type.kind === 'pointer') return isf.base_types['pointer']!.size;
  if (type.kind === 'enum') return isf.enums[type.name!]!.size;
  return type.kind === 'base' ? isf.base_types[type.name!]!.size : isf.user_types[type.name!]!.size;
}

/** The same of a member's type in a profile, with sizes of structures by the ISF file. */
function placeIn(isf: Isf, type: string, offset: number): string {
  const [, name = '', arrays = '', bits = ''] = /^([^[:]+)((?:\[\d+\])*)(?::(.*))?$/.exec(type) ?? [];
  const integer = /^[uif](\d+)$/.exec(name)?.[1];
  const element = name.startsWith('*')
    ? 8
    : name.startsWith('{')
      ? Number.parseInt(name.slice(1), 16)
      : integer !== undefined
        ? Number(integer) / 8
        : (isf.user_types[name]?.size ?? -1);
  const count = [...arrays.matchAll(/\d+/g)].reduce((product, [digits]) => product * Number(digits), 1);
  return `0x${offset.toString(16)} ${element * count}${bits === '' || bits === undefined ? '' : ` ${bits}`}`;
}

describe.skipIf(!hasShared)('profiles and the files they were made of', () => {
  test.each(rows.map((row) => row.split('\t') as [string, string]))('SP-9: %s (%s)', (version, file) => {
    const isf = readIsf(file);
    const profile = profiles.find(({ isComplete, build }) => isComplete && build === buildOf(version))!;
    const wrong: string[] = [];
    let members = 0;
    for (const name of profile.names()) {
      const structure = profile.structure(name)!;
      if (isf.user_types[name]?.size !== structure.size) wrong.push(`size of ${name}`);
      for (const { path, type, offset } of structure.members) {
        members++;
        const [found, wanted] = [placeIn(isf, type, offset), placeOf(isf, name, path)];
        if (found !== wanted) wrong.push(`${name}.${path}: ${found}, in the file ${wanted}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(members).toBeGreaterThan(1500);
  });

  test('SP-9: the table of PDB types', () => {
    const names: Readonly<Record<string, string>> = {
      xp_sp3: '2600',
      ws03_sp2: '3790',
      vista_sp2: '6002',
      win7_sp1: '7601',
      win8_sp0: '9200',
      win81u1: '9600',
    };
    const wrong: string[] = [];
    let compared = 0;
    for (const row of sharedText('reference/struct-layouts.tsv').trim().split('\n').slice(1)) {
      const [version = '', name = '', size, offset, path = '', type = ''] = row.split('\t');
      const short = version.slice(0, -4);
      const build = names[short] ?? short.replace('win10_', '');
      const profile = profiles.find(
        (candidate) =>
          !candidate.isComplete && candidate.version === build && version.endsWith(candidate.machine),
      );
      const structure = profile?.structure(name);
      const member = structure?.members.find((candidate) => candidate.path === path);
      if (profile === undefined) wrong.push(`no profile of ${version}`);
      if (structure === undefined || member === undefined) continue;
      compared++;
      const bits = /:bits (\d+)\.\.(\d+)/.exec(type);
      const wanted = bits === null ? '' : `:${bits[1]}:${Number(bits[2]) - Number(bits[1]) + 1}`;
      if (
        structure.size !== Number(size) ||
        member.offset !== Number(offset) ||
        !member.type.endsWith(wanted)
      )
        wrong.push(row);
    }
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(8000);
  });
});
