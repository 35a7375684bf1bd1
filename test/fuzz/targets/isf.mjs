import { BufferSource } from '../../../packages/engine/dist/io/index.js';
import { IsfFile, readIsfIdentity } from '../../../packages/engine/dist/isf/index.js';
import { openSymbolFile, packProfile } from '../../../packages/engine/dist/symbols/index.js';

/** Symbols and types as JSON, plain and packed by xz: identity, names, structures, and profiles made of them. */
export const name = 'isf';
export const iterations = 4000;

const base = (/** @type {string} */ type) => ({ kind: 'base', name: type });

const file = {
  base_types: {
    'unsigned long': { endian: 'little', kind: 'int', signed: false, size: 4 },
    void: { endian: 'little', kind: 'void', signed: false, size: 0 },
  },
  enums: { _K: { base: 'unsigned long', size: 4, constants: { A: 1 } } },
  metadata: {
    format: '6.1.0',
    windows: {
      pdb: { GUID: '0123456789ABCDEF0123456789ABCDEF', age: 1, database: 'nt.pdb', machine_type: 34404 },
    },
  },
  symbols: {
    KeBugCheckEx: { address: 4096 },
    PoolTrackTable: { address: 8192 },
    '??_C@_01@X@Y@': { address: 1 },
  },
  user_types: {
    _POOL_HEADER: {
      kind: 'struct',
      size: 16,
      fields: {
        a: {
          offset: 0,
          type: { kind: 'bitfield', bit_position: 0, bit_length: 8, type: base('unsigned long') },
        },
        b: { offset: 4, type: { kind: 'array', count: 2, subtype: { kind: 'enum', name: '_K' } } },
        c: { offset: 8, type: { kind: 'pointer', subtype: { kind: 'struct', name: '_POOL_HEADER' } } },
        u: { offset: 8, type: { kind: 'union', name: '__unnamed_1' } },
      },
    },
    __unnamed_1: { kind: 'union', size: 8, fields: { x: { offset: 0, type: base('unsigned long') } } },
  },
};

/** The text of `seeds` packed by XZ Utils: `{"symbols":{"KeBugCheckEx":{"address":1}}}`. */
const packed =
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQApeyJzeW1ib2xzIjp7IktlQnVnQ2hlY2tFeCI6eyJhZGRyZXNzIjoxfX19AAAAfkzGM4tEUNEAAUIqelFyOR+2830BAAAAAARZWg==';

export const seeds = () => [
  Uint8Array.from(JSON.stringify(file), (c) => c.charCodeAt(0)),
  Uint8Array.from(Buffer.from(packed, 'base64')),
];

/** @param {Uint8Array} bytes */
export function run(bytes) {
  const source = new BufferSource(bytes);
  readIsfIdentity(source);
  const isf = new IsfFile(source);
  for (const type of isf.types.names()) isf.types.find(type);
  const table = openSymbolFile(source, 'x.json');
  for (const { name: symbol, rva } of table.names()) {
    if (table.rvaOf(symbol) !== rva) throw new Error(`${symbol} is lost`);
    table.nameAt(rva + 1);
    table.around(rva);
  }
  const again = openSymbolFile(new BufferSource(packProfile(table, { allNames: true })), 'x');
  for (const type of again.types?.names() ?? []) again.types?.structure(type);
}
