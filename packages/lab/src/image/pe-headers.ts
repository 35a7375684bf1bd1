import type { Va } from '@poolscope/engine/base';
import { alignUp, asciiBytes, writeU16, writeU32, writeU64 } from '../bytes/integers.ts';
import type { Architecture } from './image-spec.ts';
import type { Section } from './section.ts';

/** Numbers of the data directories used here. */
export const directory = { export: 0, import: 1, exception: 3, debug: 6, importAddresses: 12 } as const;

export interface DirectoryEntry {
  readonly rva: number;
  readonly size: number;
}

export interface PeHeaderFacts {
  readonly architecture: Architecture;
  readonly base: Va;
  readonly timeDateStamp: number;
  readonly entryPoint: number;
  readonly sizeOfImage: number;
  readonly sections: readonly Section[];
  readonly directories: ReadonlyMap<number, DirectoryEntry>;
}

export const machineTypes: Record<Architecture, number> = { x64: 0x8664, x86: 0x14c, arm64: 0xaa64 };

export const fileAlignment = 0x200;
const sectionAlignment = 0x1000;
export const headersSize = 0x400;

/** Where the PE signature is, after the DOS header and its stub. */
const peOffset = 0x80;
const coffOffset = peOffset + 4;
const optionalOffset = coffOffset + 20;
/** Optional header up to the data directories, and with its 16 directories. */
const optionalSizes = { wide: { fixed: 112, whole: 240 }, narrow: { fixed: 96, whole: 224 } } as const;
const sectionEntrySize = 40;

/** Offset of CheckSum; the same in PE32 and PE32+. */
export const checkSumOffset = optionalOffset + 64;

/** Print "This program cannot be run in DOS mode." and exit. */
const dosStub = [0x0e, 0x1f, 0xba, 0x0e, 0x00, 0xb4, 0x09, 0xcd, 0x21, 0xb8, 0x01, 0x4c, 0xcd, 0x21];

/** DOS header to section table, as they are in the file and in memory. */
export function peHeaders(facts: PeHeaderFacts): Uint8Array {
  const bytes = new Uint8Array(headersSize);
  writeDosHeader(bytes);
  bytes.set(asciiBytes('PE\0\0'), peOffset);
  const wide = facts.architecture !== 'x86';
  writeCoffHeader(bytes, facts, wide);
  writeOptionalHeader(bytes, facts, wide);
  writeSectionTable(bytes, facts.sections, optionalOffset + optionalSizes[wide ? 'wide' : 'narrow'].whole);
  return bytes;
}

function writeDosHeader(bytes: Uint8Array): void {
  bytes.set(asciiBytes('MZ'), 0);
  writeU16(bytes, 0x02, 0x90);
  writeU16(bytes, 0x04, 3);
  writeU16(bytes, 0x08, 4);
  writeU16(bytes, 0x0c, 0xffff);
  writeU16(bytes, 0x10, 0xb8);
  writeU16(bytes, 0x18, 0x40);
  writeU32(bytes, 0x3c, peOffset);
  bytes.set(dosStub, 0x40);
  bytes.set(asciiBytes('This program cannot be run in DOS mode.\r\r\n$'), 0x40 + dosStub.length);
}

function writeCoffHeader(bytes: Uint8Array, facts: PeHeaderFacts, wide: boolean): void {
  const executable = 0x0002;
  const largeAddress = 0x0020;
  const machine32 = 0x0100;
  writeU16(bytes, coffOffset, machineTypes[facts.architecture]);
  writeU16(bytes, coffOffset + 2, facts.sections.length);
  writeU32(bytes, coffOffset + 4, facts.timeDateStamp);
  writeU16(bytes, coffOffset + 16, optionalSizes[wide ? 'wide' : 'narrow'].whole);
  writeU16(bytes, coffOffset + 18, executable | (wide ? largeAddress : machine32));
}

function writeOptionalHeader(bytes: Uint8Array, facts: PeHeaderFacts, wide: boolean): void {
  const at = optionalOffset;
  const text = facts.sections[0]!;
  writeU16(bytes, at, wide ? 0x20b : 0x10b);
  writeU16(bytes, at + 2, 14);
  writeU32(bytes, at + 4, alignUp(text.size, fileAlignment));
  writeU32(bytes, at + 16, facts.entryPoint);
  writeU32(bytes, at + 20, text.rva);
  if (wide) writeU64(bytes, at + 24, facts.base);
  else writeU32(bytes, at + 28, Number(facts.base & 0xffff_ffffn));
  writeU32(bytes, at + 32, sectionAlignment);
  writeU32(bytes, at + 36, fileAlignment);
  for (const versionAt of [40, 44, 48]) writeU16(bytes, at + versionAt, 10);
  writeU32(bytes, at + 56, facts.sizeOfImage);
  writeU32(bytes, at + 60, headersSize);
  const native = 1;
  writeU16(bytes, at + 68, native);
  writeU16(bytes, at + 70, 0x4160);
  const { fixed } = optionalSizes[wide ? 'wide' : 'narrow'];
  writeU32(bytes, at + fixed - 4, 16);
  for (const [index, { rva, size }] of facts.directories) {
    writeU32(bytes, at + fixed + index * 8, rva);
    writeU32(bytes, at + fixed + index * 8 + 4, size);
  }
}

function writeSectionTable(bytes: Uint8Array, sections: readonly Section[], at: number): void {
  let raw = headersSize;
  for (const [index, section] of sections.entries()) {
    const entry = at + index * sectionEntrySize;
    const rawSize = alignUp(section.size, fileAlignment);
    bytes.set(asciiBytes(section.name), entry);
    writeU32(bytes, entry + 8, section.size);
    writeU32(bytes, entry + 12, section.rva);
    writeU32(bytes, entry + 16, rawSize);
    writeU32(bytes, entry + 20, raw);
    writeU32(bytes, entry + 36, section.flags);
    raw += rawSize;
  }
}
