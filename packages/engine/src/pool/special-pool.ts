import { pageOf, pageSize, type Va, wrap64 } from '../base/index.ts';
import type { ObjectKernel } from '../windows/index.ts';
import { type PageState, pageStateOf } from './special-guard.ts';
import { decodeSpecialHeaders, type SpecialAlignment, type SpecialHeader } from './special-header.ts';
import { specialRegions } from './special-regions.ts';
import { checkSlop, type Slop, type SlopArea } from './special-slop.ts';

/** The verifier's own record of a block (VI_POOL_ENTRY). */
export interface VerifierEntry {
  readonly address: Va;
  /** Does it name this block and its size? Undefined: it is not in the dump, or its layout is not known. */
  readonly agrees: boolean | undefined;
  /** Where the driver asked for the block. */
  readonly caller: Va | undefined;
}

/** A block in special pool: alone on its page, with a page behind or before it that nobody can touch. */
export interface SpecialBlock {
  /** The page, and the header on it. */
  readonly page: Va;
  readonly header: Va;
  /** What the caller got, and so many bytes. */
  readonly address: Va;
  readonly size: number;
  readonly tag: number;
  readonly alignment: SpecialAlignment;
  readonly paged: boolean;
  readonly byVerifier: boolean;
  readonly inSession: boolean;
  /** The byte that the page was filled with. */
  readonly pattern: number;
  readonly slop: readonly SlopArea[];
  /** Is every byte around the block what it was filled with? */
  readonly isIntact: boolean;
  readonly guard: PageState;
  readonly verifierEntry: VerifierEntry | undefined;
}

/**
 * What an address in special pool is of.
 * - `allocated`: on the page of a block
 * - `guard`: on the page that guards `block`
 * - `not-mapped`: on a page without memory: freed, or never used; `isFreed` where the dump says which
 * - `unreadable`: the page is mapped, or may be, but is not in the dump
 * - `unrecognised`: the page is there, and holds no header of a block
 */
export interface SpecialPool {
  readonly page: Va;
  readonly state: 'allocated' | 'guard' | 'not-mapped' | 'unreadable' | 'unrecognised';
  readonly isFreed: boolean | undefined;
  readonly block: SpecialBlock | undefined;
  readonly pageState: PageState;
  /** How it is known that this is special pool: by the dump's own word, or by what is on the pages. */
  readonly trust: 'proven' | 'likely';
  readonly reasons: readonly string[];
}

/** Special pool at an address; undefined where nothing says that it is such. */
export function readSpecialPool(kernel: ObjectKernel, va: Va): SpecialPool | undefined {
  if (va >> 63n === 0n) return undefined;
  const page = pageOf(va);
  const told = [...regionReasons(kernel, page), ...bugCheckReasons(kernel, page)];
  const { memory } = kernel.target;
  const pageState = pageStateOf(memory, page);
  const bytes = kernel.target.readBytes(page, pageSize);
  const base = { page, pageState };
  if (bytes !== undefined) {
    const block = blockOn(kernel, page, bytes, told.length > 0);
    if (block !== undefined)
      return { ...base, state: 'allocated', isFreed: false, block, ...trustOf(told, block) };
    return told.length === 0
      ? undefined
      : { ...base, state: 'unrecognised', isFreed: undefined, block, ...proven(told) };
  }
  const guarded = guardedBlock(kernel, page);
  if (guarded !== undefined)
    return { ...base, state: 'guard', isFreed: false, block: guarded, ...trustOf(told, guarded) };
  const isGone = pageState.state === 'not-valid';
  const near = told.length === 0 && isGone ? blockNear(kernel, page) : undefined;
  if (told.length === 0 && near === undefined) return undefined;
  const rest = {
    state: isGone ? ('not-mapped' as const) : ('unreadable' as const),
    isFreed: isGone && isFreedByBugCheck(kernel, page) ? true : undefined,
    block: undefined,
  };
  if (near === undefined) return { ...base, ...rest, ...proven(told) };
  const reasons = [`a block of ${near.size.toString(16)} bytes of it is on a page near this one`];
  return { ...base, ...rest, trust: 'likely', reasons };
}

const proven = (reasons: readonly string[]) => ({ trust: 'proven' as const, reasons });

function trustOf(told: readonly string[], block: SpecialBlock): Pick<SpecialPool, 'trust' | 'reasons'> {
  const entry = block.verifierEntry?.agrees === true ? ["the verifier's record of the block agrees"] : [];
  const seen = [
    `a header of ${block.size.toString(16)} bytes at the ${block.alignment === 'end' ? 'start' : 'end'} of the page`,
    ...(block.slop.length === 0
      ? []
      : [
          `what surrounds the block is ${block.isIntact ? '' : 'mostly '}filled with ${byteText(block.pattern)}`,
        ]),
    ...(block.guard.state === 'not-valid' ? ['the page that guards it is not valid'] : []),
  ];
  const strong = [...told, ...entry];
  return { trust: strong.length > 0 ? 'proven' : 'likely', reasons: [...strong, ...seen] };
}

const byteText = (value: number): string => value.toString(16).padStart(2, '0');

/** By the regions that the dump names. */
function regionReasons(kernel: ObjectKernel, page: Va): string[] {
  const region = specialRegions(kernel).find(({ start, end }) => page >= start && page < end);
  return region === undefined ? [] : [region.from];
}

/** Special pool found damage; page faults on freed special pool, and beyond the end of a block in it. */
const [corruption, freed, beyondEnd, driverFreed, driverBeyondEnd] = [0xc1, 0xcc, 0xcd, 0xd5, 0xd6];
const freedBugChecks = new Set([freed, driverFreed]);
const guardBugChecks = new Set([beyondEnd, driverBeyondEnd]);

const isFaultPage = ({ target }: ObjectKernel, page: Va): boolean => {
  const address = target.parameterAddress(0);
  return address !== undefined && pageOf(address) === page;
};

const isFreedByBugCheck = (kernel: ObjectKernel, page: Va): boolean =>
  freedBugChecks.has(kernel.target.dump.header.bugCheckCode) && isFaultPage(kernel, page);

/** The kernel itself says so where the bug check is one of special pool: of the page, or of the one before it. */
function bugCheckReasons(kernel: ObjectKernel, page: Va): string[] {
  const { bugCheckCode: code } = kernel.target.dump.header;
  const isHere = isFaultPage(kernel, page);
  const isBefore = guardBugChecks.has(code) && isFaultPage(kernel, wrap64(page + BigInt(pageSize)));
  const isNamed = code === corruption || freedBugChecks.has(code) || guardBugChecks.has(code);
  return isNamed && (isHere || isBefore) ? [`bug check ${code.toString(16).toUpperCase()} names it`] : [];
}

/** The block whose guard a page without memory is: it ends on the page before, or begins on the next. */
function guardedBlock(kernel: ObjectKernel, page: Va): SpecialBlock | undefined {
  if (pageStateOf(kernel.target.memory, page).state === 'in-use') return undefined;
  for (const [step, alignment] of [
    [-pageSize, 'end'],
    [pageSize, 'start'],
  ] as const) {
    const at = wrap64(page + BigInt(step));
    const bytes = kernel.target.readBytes(at, pageSize);
    const told = regionReasons(kernel, at).length + bugCheckReasons(kernel, at).length > 0;
    const block = bytes === undefined ? undefined : blockOn(kernel, at, bytes, told);
    if (block?.alignment === alignment) return block;
  }
  return undefined;
}

/** Pages to each side of one without memory that are looked at for blocks. */
const nearPages = 8;

/** A block near a page: special pool uses its addresses one after another. */
function blockNear(kernel: ObjectKernel, page: Va): SpecialBlock | undefined {
  for (let distance = 1; distance <= nearPages; distance++)
    for (const at of [page - BigInt(distance * pageSize), page + BigInt(distance * pageSize)]) {
      const bytes = at >> 63n === 1n ? kernel.target.readBytes(at, pageSize) : undefined;
      const block = bytes === undefined ? undefined : blockOn(kernel, at, bytes, false);
      if (block !== undefined) return block;
    }
  return undefined;
}

/** Bytes of pattern without which a page that nobody names is not taken for special pool. */
const minPattern = 16;

/** The reading of a page that its bytes support; where two do, the one with more of the pattern. */
function blockOn(
  kernel: ObjectKernel,
  page: Va,
  bytes: Uint8Array,
  isTold: boolean,
): SpecialBlock | undefined {
  const { pointerSize, memory } = kernel.target;
  const readings = decodeSpecialHeaders(bytes, pointerSize).map((header) => {
    const guardPage = wrap64(page + BigInt(header.alignment === 'end' ? pageSize : -pageSize));
    const slop = checkSlop(page, bytes, header, pointerSize);
    const guard = pageStateOf(memory, guardPage);
    const verifierEntry = entryOf(kernel, page, header, slop);
    return { header, slop, guard, verifierEntry };
  });
  const fitting = readings.filter(({ slop, guard, verifierEntry }) => {
    if (verifierEntry?.agrees === true) return true;
    const isFilled = slop.intact * 2 > slop.checked;
    return isTold
      ? isFilled || slop.checked < minPattern
      : isFilled && slop.intact >= minPattern && guard.state === 'not-valid';
  });
  const [best] = fitting.sort((a, b) => b.slop.intact - a.slop.intact);
  return best === undefined ? undefined : blockFrom(page, best);
}

function blockFrom(
  page: Va,
  reading: { header: SpecialHeader; slop: Slop; guard: PageState; verifierEntry: VerifierEntry | undefined },
): SpecialBlock {
  const { header, slop, guard, verifierEntry } = reading;
  const { size, tag, alignment, paged, byVerifier, inSession, pattern } = header;
  return {
    page,
    header: page + BigInt(header.at),
    address: page + BigInt(header.data),
    ...{ size, tag, alignment, paged, byVerifier, inSession, pattern },
    slop: slop.areas,
    isIntact: slop.intact === slop.checked,
    guard,
    verifierEntry,
  };
}

/** The verifier's record, checked against the header: both are written when the block is made. */
function entryOf(
  kernel: ObjectKernel,
  page: Va,
  { data, size }: SpecialHeader,
  { verifierEntry: address }: Slop,
): VerifierEntry | undefined {
  if (address === undefined) return undefined;
  const type = kernel.structures.find('_VI_POOL_ENTRY_INUSE');
  if (type === undefined) return { address, agrees: undefined, caller: undefined };
  const entry = kernel.structures.at('_VI_POOL_ENTRY_INUSE', address);
  const found = entry.pointer('VirtualAddress');
  const length = entry.number('NumberOfBytes');
  if (found === undefined || length === undefined) return { address, agrees: undefined, caller: undefined };
  const agrees = found === page + BigInt(data) && length === size;
  return { address, agrees, caller: agrees ? entry.pointer('CallingAddress') : undefined };
}
