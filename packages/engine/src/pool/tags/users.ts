import { type Va, wrap64 } from '../../base/index.ts';
import type { Disassembler } from '../../disasm/index.ts';
import { ImageProblem, type ImageReader, readImageHeaders } from '../../pe/index.ts';
import type { ModuleSymbols, Symbols } from '../../symbols/index.ts';
import { tagValue } from '../header.ts';
import { findArm64Values, findSwappedArm64Values } from './arm64.ts';
import { maxInstruction, type ReadCode, type TagCall } from './call.ts';
import { TagCode } from './code.ts';
import type { FlowBudget } from './flow.ts';
import { findIntelValues, findSwappedValues } from './intel.ts';
import { judgeTagUse, type TagJudgement } from './judgement.ts';
import type { KeptTag } from './memory.ts';
import { dataSections, findWords } from './references.ts';
import { type FollowedTag, TagSearch, type TagSeed } from './search.ts';
import type { FlowUse, TagPassage } from './summary.ts';
import {
  type Part,
  partsOf,
  readSome,
  type SomeBytes,
  sizeOfParts,
  type Window,
  windowsOf,
} from './windows.ts';

/** A function that hands a tag on. */
export interface TagHandedOn {
  /** Of the call. */
  readonly address: Va;
  /** The function that is called. */
  readonly target: Va;
  readonly name: string | undefined;
}

/** Code that names a tag. */
export interface TagUser extends TagJudgement {
  /** Of the instruction, or of the data where no instruction takes it from there. */
  readonly address: Va;
  /** Name of the module. */
  readonly module: string;
  /** `storfilt!Create+0x1c`: the function, as far as there are names. */
  readonly name: string | undefined;
  /** Instruction as text. */
  readonly text: string;
  /** How the code comes by the tag where it is no number in the instruction. */
  readonly kept: KeptTag | undefined;
  /** The call or jump that gets the tag, as far as it can be followed. */
  readonly call: TagCall | undefined;
  /** Functions of the same image that hand it on to that call, the first one first. */
  readonly through: readonly TagHandedOn[];
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

/** Bytes behind a window that an instruction may reach into. */
const lookAhead = 0x20;
const mostUsers = 4096;
/** Instructions with the tag in one image that are followed. */
const mostSeeds = 256;
/** Instructions that are followed for one tag. */
const mostSteps = 60_000;
/** Drivers may mark a tag, so that only a free with the same tag is accepted (PROTECTED_POOL). */
const protection = 0x8000_0000;

/**
 * Looks in the code and data of all loaded images for the tag, follows it to the calls that get it, and judges each place by
 * that. Needs the disassembler; code that is not in the dump, nor in an image file, is not seen, and that is told. A tag that
 * is computed of several numbers is not found. `tag` as a number, as in a header.
 */
export function* searchTagUsers(
  { symbols, disassembler }: TaggedCode,
  tag: number,
): Generator<TagSearchStep, TagUsers> {
  const users: TagUser[] = [];
  const unseen: UnseenCode[] = [];
  const parts = symbols.modules.map((each) => ({ each, code: executableParts(each) }));
  const total = parts.reduce((sum, { code }) => sum + (code === undefined ? 0 : sizeOfParts(code)), 0);
  const budget: FlowBudget = { left: mostSteps };
  let modules = 0;
  let done = 0;
  for (const { each, code } of parts) {
    const module = each.module.name;
    if (code === undefined || disassembler === undefined) {
      unseen.push({ module, missing: undefined, size: undefined });
      continue;
    }
    const search = searchImage({ symbols, disassembler, each, parts: code, tag, budget });
    let step = search.next();
    for (; step.done !== true; step = search.next()) {
      done += step.value;
      yield { module, done, total, users: [] };
    }
    const { found, seen } = step.value;
    users.push(...found.slice(0, mostUsers - users.length));
    yield { module, done, total, users: found };
    const size = sizeOfParts(code);
    if (seen < size) unseen.push({ module, missing: size - seen, size });
    if (seen > 0) modules++;
  }
  return { users, modules, unseen, isCut: users.length >= mostUsers };
}

/** The same without what could not be seen; `tag` as text, `Leak`. */
export function* findTagUsers(code: TaggedCode, tag: string): Generator<TagSearchStep, readonly TagUser[]> {
  return (yield* searchTagUsers(code, tagValue(tag))).users;
}

function executableParts({ image, module }: ModuleSymbols): Part[] | undefined {
  const headers = readImageHeaders(image);
  if (headers instanceof ImageProblem || (headers.sections.length === 0 && headers.missingSections > 0))
    return undefined;
  return partsOf(
    headers.sections.filter(({ executable }) => executable),
    module.size,
  );
}

interface ImageJob {
  readonly symbols: Symbols;
  readonly disassembler: Disassembler;
  readonly each: ModuleSymbols;
  readonly parts: readonly Part[];
  readonly tag: number;
  readonly budget: FlowBudget;
}

/** Yields how many bytes of code were looked through since. */
function* searchImage({
  symbols,
  disassembler,
  each,
  parts,
  tag,
  budget,
}: ImageJob): Generator<number, { readonly found: readonly TagUser[]; readonly seen: number }> {
  const { module, image } = each;
  const values = new Set([tag >>> 0, (tag | protection) >>> 0]);
  const seeds: TagSeed[] = [];
  let seen = 0;
  for (const window of windowsOf(parts)) {
    const some = readAround(image, window);
    const inside = presentIn(some, window);
    seen += inside;
    if (inside > 0 && seeds.length < mostSeeds)
      seeds.push(...seedsIn({ disassembler, module, image }, some, window, tag, values));
    yield window.length;
  }
  const code = codeOf(symbols, disassembler, image, module.base);
  const places = seen === 0 ? [] : placesWith(code, image, module.size, values);
  if (seeds.length === 0 && places.length === 0) return { found: [], seen };
  const search = new TagSearch(
    code,
    values,
    function* () {
      for (const window of windowsOf(parts)) yield readAround(image, window);
    },
    budget,
  ).follow(seeds, places);
  let step = search.next();
  for (; step.done !== true; step = search.next()) yield 0;
  return { found: step.value.map((one) => userOf(symbols, code, module.name, one)), seen };
}

const known = new WeakMap<ImageReader, TagCode>();

/** What was found out about an image is kept as long as its reader lives. */
function codeOf(symbols: Symbols, disassembler: Disassembler, image: ImageReader, base: Va): TagCode {
  const kept = known.get(image);
  if (kept?.base === base && kept.disassembler === disassembler) return kept;
  const code = new TagCode(symbols, disassembler, image, base);
  known.set(image, code);
  return code;
}

/** Room in front for the beginning of an instruction, and behind for its end. */
function readAround(
  image: ImageReader,
  { start, length, first }: Window,
): SomeBytes & { readonly start: number } {
  const from = Math.max(first, start - maxInstruction);
  return { ...readSome(image, from, start - from + length + lookAhead), start: from };
}

const presentIn = (
  { present, start: from }: SomeBytes & { readonly start: number },
  { start, length }: Window,
): number =>
  present.reduce(
    (sum, [first, end]) =>
      sum + Math.max(0, Math.min(from + end, start + length) - Math.max(from + first, start)),
    0,
  );

function seedsIn(
  { disassembler, module, image }: Pick<ReadCode, 'disassembler' | 'module' | 'image'>,
  { bytes, start: from }: SomeBytes & { readonly start: number },
  { start, length }: Window,
  tag: number,
  values: ReadonlySet<number>,
): TagSeed[] {
  const isInside = (at: number): boolean => from + at >= start && from + at < start + length;
  const vaOf = (at: number): Va => wrap64(module.base + BigInt(from + at));
  const code: ReadCode = { disassembler, module, image, bytes, vaOf };
  const swapped =
    disassembler.machine === 'arm64'
      ? findSwappedArm64Values(code, tag >>> 0, isInside)
      : findSwappedValues(code, tag >>> 0, start - from, isInside);
  const plain = [...values].flatMap((value) => {
    const found =
      disassembler.machine === 'arm64'
        ? findArm64Values(code, value, isInside)
        : findIntelValues(code, value, start - from, isInside);
    return found.map((each) => ({ ...each, isProtected: value !== tag >>> 0 }));
  });
  return [...plain, ...swapped.map((each) => ({ ...each, isProtected: false }))];
}

/** RVAs of words of data with the tag. */
function placesWith(code: TagCode, image: ImageReader, size: number, values: ReadonlySet<number>): number[] {
  const found: number[] = [];
  for (const { start, length } of windowsOf(partsOf(dataSections(code.sections), size)))
    found.push(...findWords(readSome(image, start, length).bytes, start, values));
  return found.slice(0, mostPlaces);
}

const mostPlaces = 64;

function userOf(symbols: Symbols, code: TagCode, module: string, followed: FollowedTag): TagUser {
  const { at, text, isComparison, isProtected, kept, use } = followed;
  const vaOf = (rva: number): Va => wrap64(code.base + BigInt(rva));
  const passage = ({ at: from, target }: TagPassage): TagHandedOn => ({
    address: vaOf(from),
    target: vaOf(target),
    name: symbols.nameOf(vaOf(target)),
  });
  return {
    address: vaOf(at),
    module,
    name: symbols.nameOf(vaOf(at)),
    text,
    kept,
    call: use === undefined ? undefined : callOf(use, vaOf),
    through: use?.through.map(passage) ?? [],
    isProtected,
    ...judgeTagUse(isComparison, use, kept),
  };
}

const callOf = ({ at, destination, by }: FlowUse, vaOf: (rva: number) => Va): TagCall => ({
  address: vaOf(at),
  ...destination,
  by,
});
