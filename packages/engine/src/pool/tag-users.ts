import { Fault, latin1, type Va } from '../base/index.ts';
import { type Disassembler, operandText } from '../disasm/index.ts';
import { ImageProblem, type ImageReader, readImageHeaders } from '../pe/index.ts';
import type { Symbols } from '../symbols/index.ts';
import { tagValue } from './header.ts';

/** Code that names a tag. */
export interface TagUser {
  /** Of the instruction. */
  readonly address: Va;
  /** Name of the module. */
  readonly module: string;
  /** Instruction as text. */
  readonly text: string;
  /** The call or jump that follows, where one does soon. */
  readonly call:
    | { readonly address: Va; readonly target: Va | undefined; readonly name: string | undefined }
    | undefined;
}

/** What is looked through, and what has been found in it. */
export interface TagSearchStep {
  readonly module: string;
  /** Bytes of code that were read so far. */
  readonly done: number;
  readonly users: readonly TagUser[];
}

/** What the search works on: the crashed system as a whole is one. */
export interface TaggedCode {
  readonly symbols: Symbols;
  readonly disassembler: Disassembler | undefined;
}

const windowBytes = 0x1_0000;
/** Longest instruction of x86. */
const maxInstruction = 15;
/** Instructions behind the tag in which a call is looked for. */
const mostInstructions = 12;
const mostUsers = 4096;

/**
 * Looks in the code of all loaded images for instructions whose immediate value is the tag; an allocation's tag is
 * loaded before the call. Needs the disassembler; code that is not in the dump, nor in an image file, is not seen. A tag that
 * is computed, or kept in a variable, is not found.
 */
export function* findTagUsers(code: TaggedCode, tag: string): Generator<TagSearchStep, readonly TagUser[]> {
  const pattern = tagValue(tag);
  const all: TagUser[] = [];
  let done = 0;
  for (const each of code.symbols.modules) {
    const { module, image } = each;
    for (const { start, end } of executableParts(image)) {
      for (let rva = start; rva < end && all.length < mostUsers; rva += windowBytes) {
        const users = usersIn(code, module, image, pattern, rva, Math.min(rva + windowBytes, end));
        done += Math.min(windowBytes, end - rva);
        all.push(...users);
        yield { module: module.name, done, users };
      }
    }
  }
  return all;
}

interface Part {
  readonly start: number;
  readonly end: number;
}

function executableParts(image: ImageReader): Part[] {
  const headers = readImageHeaders(image);
  if (headers instanceof ImageProblem) return [];
  return headers.sections
    .filter(({ executable }) => executable)
    .map(({ rva, size }) => ({ start: rva, end: rva + size }));
}

function usersIn(
  { symbols, disassembler }: TaggedCode,
  module: { readonly name: string; readonly base: Va },
  image: ImageReader,
  pattern: number,
  start: number,
  end: number,
): TagUser[] {
  if (disassembler === undefined) return [];
  // Room in front for the beginning of an instruction, and behind for what follows it.
  const from = Math.max(0, start - maxInstruction);
  const bytes = readSome(image, from, end - from + 0x100);
  const needle = latin1(Uint8Array.of(pattern, pattern >>> 8, pattern >>> 16, pattern >>> 24));
  const users: TagUser[] = [];
  for (
    let at = find(bytes, needle, start - from);
    at >= 0 && from + at < end;
    at = find(bytes, needle, at + 1)
  ) {
    const user = userAt(symbols, disassembler, module, bytes, from, at);
    if (user !== undefined) users.push(user);
  }
  return users;
}

function find(bytes: Uint8Array, needle: string, from: number): number {
  const first = needle.charCodeAt(0);
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (at + 4 > bytes.length) return -1;
    if (
      bytes[at + 1] === needle.charCodeAt(1) &&
      bytes[at + 2] === needle.charCodeAt(2) &&
      bytes[at + 3] === needle.charCodeAt(3)
    )
      return at;
  }
  return -1;
}

/** The shortest instruction that ends with the four bytes: mov of a register has one byte in front, two with a prefix. */
function userAt(
  symbols: Symbols,
  disassembler: Disassembler,
  module: { readonly name: string; readonly base: Va },
  bytes: Uint8Array,
  from: number,
  at: number,
): TagUser | undefined {
  const vaOf = (index: number): Va => module.base + BigInt(from + index);
  for (let begin = at - 1; begin >= Math.max(0, at - maxInstruction + 4); begin--) {
    const found = disassembler.decode(bytes.subarray(begin, begin + maxInstruction), vaOf(begin));
    if (found === undefined || begin + found.length !== at + 4 || !loadsValue(found.mnemonic)) continue;
    const text = `${found.mnemonic} ${operandText(found, () => undefined)}`.trimEnd();
    return {
      address: vaOf(begin),
      module: module.name,
      text,
      call: callAfter(symbols, disassembler, bytes, at + 4, vaOf),
    };
  }
  return undefined;
}

/** An instruction that hands a value on, or compares with one. */
const loadsValue = (mnemonic: string): boolean => /^(?:mov|push|cmp)$/.test(mnemonic);

function callAfter(
  symbols: Symbols,
  disassembler: Disassembler,
  bytes: Uint8Array,
  start: number,
  vaOf: (index: number) => Va,
): TagUser['call'] {
  let at = start;
  for (let count = 0; count < mostInstructions && at < bytes.length; count++) {
    const next = disassembler.decode(bytes.subarray(at, at + maxInstruction), vaOf(at));
    if (next === undefined) return undefined;
    if (next.flow === 'call' || next.flow === 'indirect-call' || next.flow === 'branch') {
      const target = next.target;
      return { address: vaOf(at), target, name: target === undefined ? undefined : symbols.nameOf(target) };
    }
    if (next.flow === 'return') return undefined;
    at += next.length;
  }
  return undefined;
}

/** What is missing stays zero. */
function readSome(image: ImageReader, rva: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const read = image.tryReadRva(rva + at, length - at);
    const got = read instanceof Fault ? read.got : read;
    bytes.set(got, at);
    if (!(read instanceof Fault)) break;
    const next = image.nextReadable?.(rva + at + got.length);
    if (next === undefined || next <= rva + at + got.length) break;
    at = next - rva;
  }
  return bytes;
}
