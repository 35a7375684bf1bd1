import { DebuggerError, readU32 } from '../base/index.ts';
import type { Machine } from '../cpu/index.ts';
import type { ByteSource } from '../io/index.ts';
import { readIsfIdentity } from '../isf/index.ts';
import { FileImage, ImageProblem, readDebugDirectory, readImageHeaders } from '../pe/index.ts';
import { IsfTable } from './isf-table.ts';
import { PackedTable, readPackedIdentity } from './packed-profile.ts';
import { PdbTable } from './pdb-table.ts';
import type { SymbolFileIdentity } from './symbol-source.ts';
import type { SymbolTable } from './symbol-table.ts';

const machines: Readonly<Record<number, Machine>> = { 0x8664: 'x64', 0x14c: 'x86', 0xaa64: 'arm64' };

/** Opens a file with symbols of any kind. Throws SYMBOLS_UNREADABLE or PDB_UNREADABLE. */
export function openSymbolFile(source: ByteSource, location: string): SymbolTable {
  const kind = guessKind(source);
  if (kind === 'pdb') return new PdbTable(source, location);
  if (kind === 'profile') return new PackedTable(source, location);
  if (kind === 'isf') return new IsfTable(source, location);
  throw new DebuggerError('SYMBOLS_UNREADABLE', 'the file is neither PDB, ISF nor packed profile');
}

/**
 * What a file is and which image it belongs to, by its content and not by its name; undefined when it is none that can
 * serve. Reads little of PDBs and images, and of ISF files the beginning. `name` is the file's own, for PDBs.
 */
export function identifySymbolFile(source: ByteSource, name: string): SymbolFileIdentity | undefined {
  try {
    const kind = guessKind(source);
    if (kind === 'pdb') return new PdbTable(source, name).identity;
    if (kind === 'profile') return readPackedIdentity(source);
    if (kind === 'image') return identifyImage(source);
    const isf = kind === 'isf' ? readIsfIdentity(source) : undefined;
    return isf === undefined ? undefined : { kind: 'isf', timestamp: undefined, size: undefined, ...isf };
  } catch (error) {
    if (error instanceof DebuggerError) return undefined;
    throw error;
  }
}

const headSize = 64;

/** By the first bytes: JSON and packed files may be ISF. */
function guessKind(source: ByteSource): SymbolFileIdentity['kind'] | undefined {
  const bytes = new Uint8Array(headSize);
  const head = bytes.subarray(0, source.readInto(0, bytes));
  const text = String.fromCharCode(...head);
  if (text.startsWith('Microsoft C/C++ ')) return 'pdb';
  if (text.startsWith('MZ')) return 'image';
  if (/^\s*\{"format":"poolscope\./.test(text)) return 'profile';
  const isPacked = text.startsWith('\xfd7zXZ') || text.startsWith('\x1f\x8b');
  return isPacked || /^(\xef\xbb\xbf)?\s*\{/.test(text) ? 'isf' : undefined;
}

function identifyImage(source: ByteSource): SymbolFileIdentity | undefined {
  const image = new FileImage(source);
  const headers = readImageHeaders(image);
  if (headers instanceof ImageProblem) return undefined;
  const debug = readDebugDirectory(image);
  const record = debug instanceof ImageProblem ? undefined : debug.codeView;
  const hasPdb = record !== undefined && record.format === 'RSDS';
  return {
    kind: 'image',
    pdb: hasPdb ? { name: record.pdbName, guid: record.guid, age: record.age } : undefined,
    timestamp: headers.timeDateStamp,
    size: headers.sizeOfImage,
    machine: machines[headers.machine],
  };
}

/** Is `size` bytes all that an MSF file says it has? A download that was cut off is shorter. */
export function isWholePdb(source: ByteSource): boolean {
  const head = new Uint8Array(56);
  if (source.readInto(0, head) < head.length) return false;
  return readU32(head, 32) * readU32(head, 40) <= source.size;
}
