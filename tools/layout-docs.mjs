/**
 * Tables of structures in docs/formats, and their comparison with the layouts that the engine reads by.
 * A table stands under `### STRUCT_NAME (0xSIZE bytes)`; its columns are offset, size, type, field, meaning.
 */

/**
 * @typedef {object} Row
 * @property {number} line
 * @property {number} offset
 * @property {number} size
 * @property {string} type
 * @property {string} field
 * @property {string} meaning
 */

/**
 * @typedef {object} Table
 * @property {string} name
 * @property {number} size
 * @property {string} page
 * @property {number} line
 * @property {Row[]} rows
 * @property {string[]} problems met while reading it
 */

/**
 * @typedef {object} Layout
 * @property {string} name
 * @property {number} size
 * @property {Readonly<Record<string, { offset: number, kind: string, count: number }>>} fields
 */

const columns = 'offset, size, type, field, meaning';
const elementSizes = /** @type {Record<string, number>} */ ({ u8: 1, u16: 2, u32: 4, u64: 8, bytes: 1 });

/**
 * Tables of a page.
 * @param {string} page its name, for messages
 * @param {string} text
 * @returns {Table[]}
 */
export function readTables(page, text) {
  /** @type {Table[]} */
  const tables = [];
  /** @type {Table | undefined} */
  let table;
  text.split(/\r?\n/).forEach((line, index) => {
    const heading = /^### (\w+) \((0x[0-9a-fA-F]+) bytes\)$/.exec(line);
    if (heading?.[1] !== undefined && heading[2] !== undefined) {
      table = { name: heading[1], size: Number(heading[2]), page, line: index + 1, rows: [], problems: [] };
      tables.push(table);
    } else if (line.startsWith('#')) {
      table = undefined;
    } else if (table !== undefined && line.startsWith('|')) {
      readRow(table, line, index + 1);
    }
  });
  return tables;
}

/**
 * @param {Table} table
 * @param {string} text
 * @param {number} line
 */
function readRow(table, text, line) {
  const cells = text
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim().replace(/^`(.*)`$/, '$1'));
  if (cells.every((cell) => /^:?-+:?$/.test(cell))) return;
  const [offset = '', size = '', type = '', field = '', meaning = ''] = cells;
  if (offset === 'offset') {
    if (cells.slice(0, 5).join(', ') !== columns)
      table.problems.push(`line ${line}: the columns are not ${columns}`);
  } else if (!isNumber(offset) || !isNumber(size) || field === '' || meaning === '') {
    table.problems.push(`line ${line}: a row needs offset, size, type, field and meaning`);
  } else {
    table.rows.push({ line, offset: Number(offset), size: Number(size), type, field, meaning });
  }
}

/** @param {string} text */
const isNumber = (text) => /^(0x[0-9a-fA-F]+|[0-9]+)$/.test(text);

/**
 * What is wrong between the layouts and the pages, one line each.
 * @param {readonly Layout[]} layouts
 * @param {readonly Table[]} tables
 */
export function compare(layouts, tables) {
  const problems = tables.flatMap((table) => [...table.problems, ...geometry(table)].map(placed(table)));
  for (const layout of layouts) {
    const [table, second] = tables.filter(({ name }) => name === layout.name);
    if (table === undefined) problems.push(`${layout.name}: no page of docs/formats has its table`);
    else problems.push(...compareFields(layout, table).map(placed(table)));
    if (second !== undefined) problems.push(placed(second)('a second table of this structure'));
  }
  return problems;
}

/** @param {Table} table */
const placed = (table) => /** @param {string} problem */ (problem) =>
  `${table.page}: ${table.name}: ${problem}`;

/**
 * @param {Layout} layout
 * @param {Table} table
 */
function compareFields(layout, table) {
  /** @type {string[]} */
  const problems = [];
  if (layout.size !== table.size) problems.push(`size ${hex(table.size)}, in the layout ${hex(layout.size)}`);
  for (const [name, field] of Object.entries(layout.fields)) {
    const row = table.rows.find((candidate) => candidate.field === name);
    const wanted = describe(field);
    if (row === undefined) problems.push(`no row for ${name} (${wanted})`);
    else if (describeRow(row) !== wanted)
      problems.push(`line ${row.line}: ${name} is ${describeRow(row)}, in the layout ${wanted}`);
  }
  return problems;
}

/** @param {{ offset: number, kind: string, count: number }} field */
const describe = ({ offset, kind, count }) => {
  const type = kind === 'bytes' || count === 1 ? kind : `${kind}[${count}]`;
  return `${type} at ${hex(offset)}, ${sizeOf(kind, count)} bytes`;
};

/** @param {Row} row */
const describeRow = (row) => `${row.type} at ${hex(row.offset)}, ${row.size} bytes`;

/**
 * @param {string} kind
 * @param {number} count
 */
const sizeOf = (kind, count) => (elementSizes[kind] ?? 0) * count;

/** @param {number} value */
const hex = (value) => `0x${value.toString(16)}`;

/**
 * Rows stand in ascending order inside the structure. Two rows may cover the same bytes only
 * where one contains the other: a union, or a part of a bigger field.
 * @param {Table} table
 */
function geometry(table) {
  /** @type {string[]} */
  const problems = [];
  const names = new Set();
  let last = 0;
  for (const row of table.rows) {
    if (row.offset < last) problems.push(`line ${row.line}: ${row.field} is out of order`);
    last = row.offset;
    if (row.offset + row.size > table.size)
      problems.push(`line ${row.line}: ${row.field} ends outside the structure`);
    if (names.has(row.field)) problems.push(`line ${row.line}: a second ${row.field}`);
    names.add(row.field);
    for (const other of table.rows) {
      if (other.line < row.line && cross(other, row))
        problems.push(`line ${row.line}: ${row.field} overlaps ${other.field}`);
    }
  }
  return problems;
}

/**
 * Do two ranges overlap without one containing the other?
 * @param {Row} a
 * @param {Row} b
 */
function cross(a, b) {
  const [endA, endB] = [a.offset + a.size, b.offset + b.size];
  if (a.offset >= endB || b.offset >= endA) return false;
  return !((a.offset <= b.offset && endA >= endB) || (b.offset <= a.offset && endB >= endA));
}

/**
 * Draft of a table: everything but the meanings.
 * @param {Layout} layout
 */
export function draft(layout) {
  const rows = Object.entries(layout.fields).map(([name, { offset, kind, count }]) => {
    const type = kind === 'bytes' || count === 1 ? kind : `${kind}[${count}]`;
    const width = layout.size > 0x1000 ? 4 : layout.size > 0x100 ? 3 : 2;
    return `| 0x${offset.toString(16).padStart(width, '0')} | ${sizeOf(kind, count)} | ${type} | ${name} |  |`;
  });
  return [
    `### ${layout.name} (${hex(layout.size)} bytes)`,
    '',
    '| offset | size | type | field | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/**
 * Numbers of the invariants of a page: lines that start with `Invariant X-n:`.
 * @param {string} text
 */
export const readInvariants = (text) =>
  [...text.matchAll(/^Invariant ([A-Z]+-[0-9]+):/gm)].map((match) => match[1] ?? '');
