/**
 * Structure layouts out of ISF files and out of a table, in one form.
 *
 * Types of members are written as in docs/formats/structure-profiles.md: `u8` to `u64`, `i8` to `i64`, `f32`, `f64`,
 * `*NAME` for a pointer, `NAME` for a structure, `{8}` for a structure without a name (its bytes in hexadecimal), each
 * with `[n]` for an array, and `u32:3:1` for a bit field (of 1 bit from bit 3 on).
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ type: string, offset: number }} Member
 * @typedef {{ size: number, members: Map<string, Member> }} Structure
 * @typedef {object} Profile
 * @property {'x64' | 'x86'} machine
 * @property {number} build
 * @property {string} version
 * @property {Map<string, Structure>} structures
 * @property {Symbols} [symbols] of ISF files
 */
/** @typedef {{ pdb: { name: string, guid: string, age: number }, places: Map<string, number> }} Symbols */

const machines = /** @type {Record<number, 'x64' | 'x86'>} */ ({ 0x8664: 'x64', 0x14c: 'x86' });
const unnamed = /^_{1,2}(anonymous|unnamed)_|^<unnamed/;
/** Deepest structure without a name in another such. */
const maxDepth = 6;

const basic = /** @type {Record<string, string>} */ ({
  char: 'i8',
  wchar: 'u16',
  short: 'i16',
  int: 'i32',
  long: 'i32',
  'long long': 'i64',
  'unsigned char': 'u8',
  'unsigned short': 'u16',
  'unsigned int': 'u32',
  'unsigned long': 'u32',
  'unsigned long long': 'u64',
  HRESULT: 'i32',
  float: 'f32',
  f32: 'f32',
  double: 'f64',
  void: 'void',
});

/**
 * @param {string} folder
 * @returns {Profile[]}
 */
export function readIsfFolder(folder) {
  const rows = readFileSync(join(folder, 'INDEX.tsv'), 'utf8').trim().split('\n').slice(1);
  return rows.map((row) => {
    const [version = '', file = ''] = row.split('\t');
    const packed = join(folder, file);
    const text = execFileSync('xz', ['-dc', packed], { maxBuffer: 1 << 28 }).toString();
    return readIsf(version, JSON.parse(text));
  });
}

/**
 * @param {string} version
 * @param {any} isf
 * @returns {Profile}
 */
export function readIsf(version, isf) {
  const machine = machines[isf.metadata.windows.pdb.machine_type];
  const build = Number(version.split('.')[2]);
  if (machine === undefined) throw new Error(`${version}: unknown machine`);
  const structures = new Map();
  for (const [name, type] of Object.entries(isf.user_types)) {
    if (unnamed.test(name)) continue;
    structures.set(name, { size: type.size, members: new Map(isfMembers(isf, type, '', 0, 0)) });
  }
  return { machine, build: build === 18326 ? 18362 : build, version, structures, symbols: isfSymbols(isf) };
}

/**
 * @param {any} isf
 * @returns {Symbols}
 */
function isfSymbols({ metadata, symbols }) {
  const { database: name, GUID: guid, age } = metadata.windows.pdb;
  const places = Object.entries(symbols).map(([symbol, { address }]) => [symbol, address]);
  return { pdb: { name, guid: guid.toUpperCase(), age }, places: new Map(/** @type {any} */ (places)) };
}

/**
 * Members with those of structures without a name behind them.
 * @param {any} isf
 * @param {any} structure
 * @param {string} prefix
 * @param {number} base
 * @param {number} depth
 * @returns {Generator<[string, Member]>}
 */
function* isfMembers(isf, structure, prefix, base, depth) {
  for (const [name, { offset, type }] of Object.entries(structure.fields)) {
    const path = prefix + name;
    yield [path, { type: isfType(isf, type), offset: base + offset }];
    let element = type;
    while (element.kind === 'array') element = element.subtype;
    const inner = unnamed.test(element.name ?? '') ? isf.user_types[element.name] : undefined;
    if (inner !== undefined && depth < maxDepth)
      yield* isfMembers(isf, inner, `${path}.`, base + offset, depth + 1);
  }
}

/**
 * @param {any} isf
 * @param {any} type
 * @returns {string}
 */
function isfType(isf, type) {
  switch (type.kind) {
    case 'base':
      return basic[type.name] ?? fail(`basic type ${type.name}`);
    case 'enum':
      return `i${isf.enums[type.name].size * 8}`;
    case 'bitfield':
      return `${isfType(isf, type.type)}:${type.bit_position}:${type.bit_length}`;
    case 'pointer':
      return `*${target(isf, type.subtype)}`;
    case 'function':
      return 'void';
    case 'array': {
      const element = isfType(isf, type.subtype);
      // The outer dimension stands first.
      return element.replace(/^([^[]*)/, `$1[${type.count}]`);
    }
    default:
      return unnamed.test(type.name) ? `{${isf.user_types[type.name].size.toString(16)}}` : type.name;
  }
}

/**
 * What a pointer points to; `void` where it has no name.
 * @param {any} isf
 * @param {any} type
 */
function target(isf, type) {
  const text = isfType(isf, type);
  return /^[\w*]+$/.test(text) ? text : 'void';
}

/**
 * @param {string} what
 * @returns {never}
 */
function fail(what) {
  throw new Error(`unknown: ${what}`);
}

const versions = /** @type {Record<string, number>} */ ({
  xp_sp3: 2600,
  ws03_sp2: 3790,
  vista_sp2: 6002,
  win7_sp1: 7601,
  win8_sp0: 9200,
  win81u1: 9600,
});

/**
 * @param {string} file
 * @returns {Profile[]}
 */
export function readTsv(file) {
  /** @type {Map<string, Profile>} */
  const profiles = new Map();
  for (const row of readFileSync(file, 'utf8').trim().split('\n').slice(1)) {
    const [version = '', name = '', size = '', offset = '', field = '', type = ''] = row.split('\t');
    const profile = profiles.get(version) ?? newProfile(version);
    profiles.set(version, profile);
    const structure = profile.structures.get(name) ?? { size: Number(size), members: new Map() };
    profile.structures.set(name, structure);
    const known = tableType(type);
    if (known !== undefined) structure.members.set(field, { type: known, offset: Number(offset) });
  }
  return [...profiles.values()];
}

/**
 * @param {string} version
 * @returns {Profile}
 */
function newProfile(version) {
  const machine = version.endsWith('x86') ? 'x86' : 'x64';
  const short = version.slice(0, -4);
  const build = versions[short] ?? Number(short.replace('win10_', ''));
  return { machine, build, version, structures: new Map() };
}

/**
 * A type of the table; undefined for one without a name, whose size the table does not tell.
 * @param {string} text
 * @returns {string | undefined}
 */
function tableType(text) {
  const [, stars = '', name = '', arrays = '', bits = ''] =
    /^(\**)(.*?)((?:\[\d+\])*)(?::bits (.*))?$/.exec(text) ?? [];
  if (stars !== '') return `${stars}${unnamed.test(name) ? 'void' : plain(name)}${arrays}`;
  if (unnamed.test(name)) return undefined;
  if (bits === '' || bits === undefined) return `${plain(name)}${arrays}`;
  const [low = 0, high = 0] = bits.split('..').map(Number);
  return `${plain(name)}:${low}:${high - low + 1}`;
}

/** @param {string} name */
const plain = (name) => (name === 'enum' ? 'i32' : (basic[name] ?? (name === '' ? 'void' : name)));

/**
 * One profile a build out of several revisions of it: what all of them agree on, with the newest one's types.
 * @param {readonly Profile[]} profiles
 * @returns {Profile[]}
 */
export function sameBuild(profiles) {
  /** @type {Map<string, Profile[]>} */
  const builds = new Map();
  for (const profile of profiles) {
    const key = `${profile.machine} ${profile.build}`;
    builds.set(key, [...(builds.get(key) ?? []), profile]);
  }
  return [...builds.values()].map((revisions) => {
    const ordered = [...revisions].sort((a, b) => revision(a) - revision(b));
    return ordered.reduce((older, newer) => common(newer, older));
  });
}

/** @param {Profile} profile */
const revision = ({ version }) => Number(version.split('.')[3]);

/**
 * @param {Profile} newer
 * @param {Profile} older
 * @returns {Profile}
 */
function common(newer, older) {
  const structures = new Map();
  for (const [name, structure] of newer.structures) {
    const other = older.structures.get(name);
    if (other === undefined || other.size !== structure.size) continue;
    const members = [...structure.members].filter(([path, { offset, type }]) => {
      const member = other.members.get(path);
      return member?.offset === offset && member.type === type;
    });
    structures.set(name, { size: structure.size, members: new Map(members) });
  }
  return { ...newer, structures };
}

/**
 * The structures and members of the list of contents; structures that lie in these and are not listed keep their size.
 * @param {Profile} profile
 * @param {string} list
 * @returns {Profile}
 */
export function pick(profile, list) {
  const structures = new Map();
  for (const line of list.trim().split('\n').filter(Boolean)) {
    const [name = '', members] = line.split(':');
    const begin = name.replace(/\*$/, '');
    for (const [found, structure] of profile.structures) {
      if (name.endsWith('*') ? found.startsWith(begin) : found === name)
        structures.set(found, chosen(structure, members?.trim().split(' ')));
    }
  }
  for (const { members } of [...structures.values()]) {
    for (const { type } of members.values()) {
      const inner = type.split('[')[0] ?? '';
      const structure = profile.structures.get(inner);
      if (structure !== undefined && !structures.has(inner))
        structures.set(inner, { size: structure.size, members: new Map() });
    }
  }
  return { ...profile, structures };
}

/**
 * @param {Structure} structure
 * @param {readonly string[] | undefined} names
 * @returns {Structure}
 */
function chosen(structure, names) {
  if (names === undefined) return structure;
  const members = [...structure.members].filter(([path]) => names.includes(path.split('.')[0] ?? ''));
  return { size: structure.size, members: new Map(members) };
}
