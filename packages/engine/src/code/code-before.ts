import { Fault, pageSize, type Va, wrap64 } from '../base/index.ts';
import { disassembleBackwards } from '../disasm/index.ts';
import { findSection, ImageProblem, readExceptionDirectory, readImageHeaders } from '../pe/index.ts';
import type { ModuleSymbols } from '../symbols/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import { type CodeRow, disassemble, type ReadCode } from './code-rows.ts';

/** Instructions that end at an address. */
export interface CodeBefore {
  readonly rows: readonly CodeRow[];
  /**
   * Where decoding began: at the start of the same function by a table or an export, at that of code before it, or, with
   * instructions of one size, anywhere. Undefined when the boundaries are a guess.
   */
  readonly knownBy: 'function table' | 'export' | 'code before' | 'instruction size' | undefined;
}

/** Code is decoded from a known start at most this far away. */
const maxAnchored = 0x1_0000;
/** What guessing looks at for each instruction that is wanted. */
const bytesPerInstruction = 16;
const settling = 64;

/** Up to `count` instructions before `address`, in order of address; fewer where bytes are missing. */
export function disassembleBefore(
  system: CrashedSystem,
  address: Va,
  count: number,
  read: ReadCode = (va, length) => system.memory.tryRead(va, length),
): CodeBefore {
  const { disassembler } = system;
  if (disassembler === undefined || address === 0n) return { rows: [], knownBy: undefined };
  if (disassembler.machine === 'arm64') return wordsBefore(system, address, count, read);
  const { anchor, first } = findStart(system, wrap64(address - 1n));
  const anchored = anchor === undefined ? 0 : distance(anchor.va, address);
  const wanted = Math.max(count * bytesPerInstruction + settling, anchored);
  const length = Math.min(wanted, maxAnchored, distance(first, address));
  const bytes = readBefore(read, address, length);
  const start = wrap64(address - BigInt(bytes.length));
  const run = disassembleBackwards(disassembler, bytes, start, address, count, anchor?.va);
  const rows = run.instructions.map((instruction) => ({
    address: instruction.address,
    length: instruction.length,
    instruction,
    bytes: undefined,
    missing: undefined,
  }));
  return { rows, knownBy: run.certain ? anchor?.by : undefined };
}

/** arm64: words are counted back, be they instructions or not. */
function wordsBefore(system: CrashedSystem, address: Va, count: number, read: ReadCode): CodeBefore {
  const aligned = address - (address % 4n);
  const most = aligned < BigInt(count * 4) ? Number(aligned / 4n) : count;
  const bytes = readBefore(read, aligned, most * 4);
  const words = bytes.length >> 2;
  const rows = disassemble(system, aligned - BigInt(words * 4), { count: words, read });
  return { rows, knownBy: 'instruction size' };
}

const distance = (from: Va, to: Va): number => Number(to - from);

interface Anchor {
  readonly va: Va;
  readonly by: 'function table' | 'export' | 'code before';
}

/** Where decoding can begin for the code that holds `va`, and where the code begins at all. */
function findStart({ symbols }: CrashedSystem, va: Va): { anchor: Anchor | undefined; first: Va } {
  const module = symbols.moduleAt(va);
  if (module === undefined) return { anchor: undefined, first: 0n };
  const { base } = module.module;
  const rva = Number(va - base);
  const headers = readImageHeaders(module.image);
  const section = headers instanceof ImageProblem ? undefined : findSection(headers, rva);
  const first = section?.rva ?? 0;
  const found = anchorIn(module, rva);
  const isNear = found !== undefined && found.rva >= first && rva - found.rva < maxAnchored;
  return {
    anchor: isNear ? { va: base + BigInt(found.rva), by: found.by } : undefined,
    first: base + BigInt(first),
  };
}

function anchorIn(module: ModuleSymbols, rva: number): { rva: number; by: Anchor['by'] } | undefined {
  const table = readExceptionDirectory(module.image);
  const entry = table instanceof ImageProblem ? undefined : table.findBefore(rva);
  if (entry !== undefined && rva < entry.end) return { rva: entry.begin, by: 'function table' };
  const name = module.findName(rva);
  if (name !== undefined) return { rva: rva - name.offset, by: 'export' };
  const exported = module.findAround(rva).before[0];
  const starts = [entry?.begin, exported?.rva].filter((start) => start !== undefined);
  return starts.length === 0 ? undefined : { rva: Math.max(...starts), by: 'code before' };
}

/** What there is of the bytes right before `address`, page by page backwards. */
function readBefore(read: ReadCode, address: Va, length: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = address;
  let missing = length;
  while (missing > 0 && at > 0n) {
    const inPage = Number((at - 1n) % BigInt(pageSize)) + 1;
    const size = Math.min(inPage, missing);
    const part = lastOf(read, at - BigInt(size), size);
    parts.unshift(part);
    at -= BigInt(part.length);
    missing -= part.length;
    if (part.length < size) break;
  }
  return joined(parts);
}

/** The readable bytes at the end of a piece that lies within a page. */
function lastOf(read: ReadCode, start: Va, size: number): Uint8Array {
  const whole = read(start, size);
  if (!(whole instanceof Fault)) return whole;
  // Saved blocks of a triage dump may begin inside a page.
  let [low, high] = [0, size];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (read(start + BigInt(size - middle), middle) instanceof Fault) high = middle;
    else low = middle;
  }
  const rest = low === 0 ? undefined : read(start + BigInt(size - low), low);
  return rest === undefined || rest instanceof Fault ? new Uint8Array(0) : rest;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
