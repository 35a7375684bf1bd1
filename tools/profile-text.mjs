/** Profiles of a series of builds as one text, and their comparison. */

/**
 * @typedef {import('./profile-sources.mjs').Profile} Profile
 * @typedef {import('./profile-sources.mjs').Structure} Structure
 */

/**
 * A line a structure, with its size, and a line a member below it, with its type and offset; sizes and offsets are given
 * where they change from one build to the next.
 * @param {readonly Profile[]} profiles in ascending order of their builds
 */
export function seriesText(profiles) {
  const names = new Set(profiles.flatMap(({ structures }) => [...structures.keys()]));
  return [...names]
    .sort()
    .map((name) => {
      const versions = profiles.map(({ structures }) => structures.get(name));
      const sizes = history(
        profiles,
        versions.map((structure) => structure?.size),
      );
      return `${[`${name} ${sizes}`, ...memberLines(profiles, versions)].join('\n')}\n`;
    })
    .join('');
}

/**
 * @param {readonly Profile[]} profiles
 * @param {readonly (Structure | undefined)[]} versions
 */
function memberLines(profiles, versions) {
  /** @type {Map<string, (number | undefined)[]>} */
  const rows = new Map();
  versions.forEach((structure, at) => {
    for (const [path, { type, offset }] of structure?.members ?? []) {
      const key = `${path} ${type}`;
      const row = rows.get(key) ?? versions.map(() => undefined);
      row[at] = offset;
      rows.set(key, row);
    }
  });
  const ordered = [...rows].sort(([a, x], [b, y]) => newest(x) - newest(y) || (a < b ? -1 : 1));
  return ordered.map(([key, row]) => ` ${key} ${history(profiles, carried(row, versions))}`);
}

/** @param {readonly (number | undefined)[]} row */
const newest = (row) => row.findLast((offset) => offset !== undefined) ?? 0;

/**
 * Where the structure is not there, its own line says so: the offsets before it are carried on.
 * @param {readonly (number | undefined)[]} row
 * @param {readonly (Structure | undefined)[]} versions
 */
function carried(row, versions) {
  /** @type {number | undefined} */
  let before;
  return row.map((offset, at) => {
    if (versions[at] !== undefined) before = offset;
    return before;
  });
}

/**
 * Values where they change: `18 9600:20 14393:-`; the first stands for the first build of the series.
 * @param {readonly Profile[]} profiles
 * @param {readonly (number | undefined)[]} values
 */
function history(profiles, values) {
  const parts = [];
  let before;
  for (const [at, { build }] of profiles.entries()) {
    const value = values[at];
    if (value !== before)
      parts.push(`${at === 0 ? '' : `${build}:`}${value === undefined ? '-' : value.toString(16)}`);
    before = value;
  }
  return parts.join(' ');
}

/** @typedef {{ kernels: string[], places: string[], unknown: string[] }} SymbolText */

/**
 * Places of names, a line a name with a column for each kernel: `KeBugCheckEx 93ea0 - 3f5c80`.
 * @param {readonly Profile[]} profiles
 * @param {string} list
 * @returns {SymbolText}
 */
export function symbolLines(profiles, list) {
  const known = profiles
    .flatMap(({ symbols, ...rest }) => (symbols === undefined ? [] : [{ ...rest, ...symbols }]))
    .sort((a, b) => a.build - b.build || revisionOf(a.version) - revisionOf(b.version));
  const words = list.trim().split(/\s+/);
  const patterns = words.map((word) => new RegExp(`^${word.replaceAll('*', '\\w*')}$`));
  const all = new Set(known.flatMap(({ places }) => [...places.keys()]));
  const names = [...all].filter((name) => patterns.some((pattern) => pattern.test(name))).sort();
  return {
    kernels: known.map(
      ({ version, machine, pdb }) => `${version} ${machine} ${pdb.name} ${pdb.guid} ${pdb.age}`,
    ),
    places: names.map((name) =>
      [name, ...known.map(({ places }) => places.get(name)?.toString(16) ?? '-')].join(' '),
    ),
    unknown: words.filter((_, at) => !names.some((name) => patterns[at]?.test(name))),
  };
}

/** @param {string} version */
const revisionOf = (version) => Number(version.split('.')[3]);

/**
 * Members of which two profiles of one build say different things, one line each.
 * @param {readonly Profile[]} some
 * @param {readonly Profile[]} others
 */
export function compareProfiles(some, others) {
  return some.flatMap((profile) => {
    const other = others.find(({ machine, build }) => machine === profile.machine && build === profile.build);
    return other === undefined ? [] : [...differences(profile, other)];
  });
}

/**
 * @param {Profile} profile
 * @param {Profile} other
 */
function* differences(profile, other) {
  const at = `${profile.version} and ${other.version}`;
  for (const [name, structure] of profile.structures) {
    const second = other.structures.get(name);
    if (second === undefined) continue;
    if (second.size !== structure.size)
      yield `${at}: size of ${name} is 0x${structure.size.toString(16)} and 0x${second.size.toString(16)}`;
    for (const [path, { offset, type }] of structure.members) {
      const member = second.members.get(path);
      if (member === undefined || (member.offset === offset && alike(member.type, type))) continue;
      yield `${at}: ${name}.${path} is ${type} at 0x${offset.toString(16)} and ${member.type} at 0x${member.offset.toString(16)}`;
    }
  }
}

/**
 * Pointers compare by being pointers, integers by their width: the sources name some types differently.
 * @param {string} a
 * @param {string} b
 */
const alike = (a, b) => bare(a) === bare(b);

/** @param {string} type */
const bare = (type) => type.replace(/^\*[\w*]*/, '*').replace(/^i(?=\d)/, 'u');
