import { Fault, type Va } from '../base/index.ts';
import type { Disassembler } from '../disasm/index.ts';
import { ImageProblem, type ImageReader, readImageHeaders } from '../pe/index.ts';
import type { ModuleSymbols, Symbols } from '../symbols/index.ts';
import { tagValue } from './header.ts';
import { findArm64Values } from './tag-arm64.ts';
import {
  callAfter,
  maxInstruction,
  type ReadCode,
  type TagCall,
  type TaggedInstruction,
} from './tag-call.ts';
import { findIntelValues } from './tag-intel.ts';
import { judgeTagUse, type TagJudgement } from './tag-judgement.ts';

/** Code that names a tag. */
export interface TagUser extends TagJudgement {
  /** Of the instruction. */
  readonly address: Va;
  /** Name of the module. */
  readonly module: string;
  /** `storfilt!Create+0x1c`: the function, as far as there are names. */
  readonly name: string | undefined;
  /** Instruction as text. */
  readonly text: string;
  /** The call or jump that follows, where one does soon. */
  readonly call: Omit<TagCall, 'holders'> | undefined;
  /** Is the tag marked as protected in the code? */
  readonly isProtected: boolean;
}

/** A module whose code was not seen as a whole. */
export interface UnseenCode {
  readonly module: string;
  /** Bytes of code that are not there, of so many; undefined: not even the section headers are. */
  readonly missing: number | undefined;
  readonly size: number | undefined;
}

/** All users of a tag, and where nobody could look. */
export interface TagUsers {
  readonly users: readonly TagUser[];
  /** Modules whose code was looked through, as far as it is there. */
  readonly modules: number;
  readonly unseen: readonly UnseenCode[];
  /** There are more than are listed. */
  readonly isCut: boolean;
}

/** What is looked through, and what has been found in it. */
export interface TagSearchStep {
  readonly module: string;
  /** Bytes of code that were looked through so far, of so many. */
  readonly done: number;
  readonly total: number;
  readonly users: readonly TagUser[];
}

/** What the search works on: the crashed system as a whole is one. */
export interface TaggedCode {
  readonly symbols: Symbols;
  readonly disassembler: Disassembler | undefined;
}

const windowBytes = 0x1_0000;
/** Bytes behind a window in which the call may follow. */
const lookAhead = 0x100;
const mostUsers = 4096;
/** Drivers may mark a tag, so that only a free with the same tag is accepted (PROTECTED_POOL). */
const protection = 0x8000_0000;

/**
 * Looks in the code of all loaded images for instructions whose immediate value is the tag, and judges each by the call
 * behind it. Needs the disassembler; code that is not in the dump, nor in an image file, is not seen, and that is told. A
 * tag that is computed, or kept in a variable, is not found. `tag` as a number, as in a header.
 */
export function* searchTagUsers(
  { symbols, disassembler }: TaggedCode,
  tag: number,
): Generator<TagSearchStep, TagUsers> {
  const users: TagUser[] = [];
  const unseen: UnseenCode[] = [];
  const parts = symbols.modules.map((each) => ({ each, sections: executableParts(each) }));
  const total = parts.reduce((sum, { sections }) => sum + (sections === undefined ? 0 : sizeOf(sections)), 0);
  let modules = 0;
  let done = 0;
  for (const { each, sections } of parts) {
    const module = each.module.name;
    if (sections === undefined || disassembler === undefined) {
      unseen.push({ module, missing: undefined, size: undefined });
      continue;
    }
    const size = sizeOf(sections);
    let seen = 0;
    for (const window of windowsOf(sections)) {
      const found = usersIn(symbols, disassembler, each, tag, window);
      seen += found.seen;
      done += window.length;
      users.push(...found.users.slice(0, mostUsers - users.length));
      yield { module, done, total, users: found.users };
    }
    if (seen < size) unseen.push({ module, missing: size - seen, size });
    if (seen > 0) modules++;
  }
  return { users, modules, unseen, isCut: users.length >= mostUsers };
}

interface Window {
  readonly start: number;
  readonly length: number;
}

function* windowsOf(sections: readonly Part[]): Generator<Window> {
  for (const { start, end } of sections)
    for (let at = start; at < end; at += windowBytes)
      yield { start: at, length: Math.min(windowBytes, end - at) };
}

/** The same without what could not be seen; `tag` as text, `Leak`. */
export function* findTagUsers(code: TaggedCode, tag: string): Generator<TagSearchStep, readonly TagUser[]> {
  return (yield* searchTagUsers(code, tagValue(tag))).users;
}

interface Part {
  readonly start: number;
  readonly end: number;
}

const sizeOf = (parts: readonly Part[]): number =>
  parts.reduce((sum, { start, end }) => sum + end - start, 0);

/** No section reaches behind the image, whatever its header says. */
function executableParts({ image, module }: ModuleSymbols): Part[] | undefined {
  const headers = readImageHeaders(image);
  if (headers instanceof ImageProblem || (headers.sections.length === 0 && headers.missingSections > 0))
    return undefined;
  return headers.sections
    .filter(({ executable, rva }) => executable && rva < module.size)
    .map(({ rva, size }) => ({ start: rva, end: Math.min(rva + size, module.size) }));
}

function usersIn(
  symbols: Symbols,
  disassembler: Disassembler,
  { module, image }: ModuleSymbols,
  tag: number,
  { start, length }: Window,
): { readonly users: TagUser[]; readonly seen: number } {
  // Room in front for the beginning of an instruction, and behind for what follows it.
  const from = Math.max(0, start - maxInstruction);
  const { bytes, present } = readSome(image, from, start - from + length + lookAhead);
  const isInside = (at: number): boolean => from + at >= start && from + at < start + length;
  const seen = present.reduce(
    (sum, [first, end]) =>
      sum + Math.max(0, Math.min(from + end, start + length) - Math.max(from + first, start)),
    0,
  );
  if (seen === 0) return { users: [], seen };
  const vaOf = (at: number): Va => module.base + BigInt(from + at);
  const code: ReadCode = { symbols, disassembler, module, image, bytes, vaOf };
  const values = new Set([tag >>> 0, (tag | protection) >>> 0]);
  const users = [...values].flatMap((value) => {
    const found =
      disassembler.machine === 'arm64'
        ? findArm64Values(code, value, isInside)
        : findIntelValues(code, value, start - from, isInside);
    return found.map((each) => userOf(code, each, value !== tag >>> 0));
  });
  return { users: users.sort((a, b) => (a.address < b.address ? -1 : 1)), seen };
}

function userOf(code: ReadCode, tagged: TaggedInstruction, isProtected: boolean): TagUser {
  const { instruction, text } = tagged;
  const call = callAfter(code, tagged);
  const { address } = instruction;
  const shown =
    call === undefined
      ? undefined
      : { address: call.address, target: call.target, name: call.name, by: call.by };
  const name = code.symbols.nameOf(address);
  const judgement = judgeTagUse(instruction, call);
  return { address, module: code.module.name, name, text, call: shown, isProtected, ...judgement };
}

/** What is missing stays zero; `present` are the runs of bytes that are there. */
function readSome(
  image: ImageReader,
  rva: number,
  length: number,
): { readonly bytes: Uint8Array; readonly present: readonly (readonly [start: number, end: number])[] } {
  const bytes = new Uint8Array(length);
  const present: (readonly [number, number])[] = [];
  for (let at = 0; at < length; ) {
    const read = image.tryReadRva(rva + at, length - at);
    const part = read instanceof Fault ? read.got : read;
    bytes.set(part, at);
    if (part.length > 0) present.push([at, at + part.length]);
    if (!(read instanceof Fault)) break;
    const next = image.nextReadable?.(rva + at + part.length);
    if (next === undefined || next <= rva + at + part.length) break;
    at = next - rva;
  }
  return { bytes, present };
}
