import { type Va, wrap64 } from '../base/index.ts';
import type { Disassembler, Instruction, Outline } from './instruction.ts';

/** Bytes looked at before the address, however many instructions are asked for. */
const maximumWindow = 4096;
/** Longest x86 instruction: how far ahead of the wanted run candidates begin. */
const longest = 15;
/** Room for wrong starts to fall into step with the true instructions. */
const settling = 64;

export interface BackwardRun {
  /** In order of address; the last one ends exactly at the address. May be fewer than asked for. */
  readonly instructions: Instruction[];
  /** Every boundary is known: decoded from a function start, or the machine has instructions of one size. */
  readonly certain: boolean;
}

/**
 * Up to `count` instructions before `address`. `bytes` begin at `start` and reach at least to `address`.
 * With an `anchor` (a known function start) all is decoded from there. Without one, on x86 and x64, every offset
 * is tried as a start: runs that end at `address` vote for the boundaries they pass, and the way back follows the votes.
 */
export function disassembleBackwards(
  disassembler: Disassembler,
  bytes: Uint8Array,
  start: Va,
  address: Va,
  count: number,
  anchor?: Va,
): BackwardRun {
  const length = Number(address - start);
  if (!(length > 0 && length <= bytes.length && count > 0)) return { instructions: [], certain: false };
  const code: Code = { disassembler, bytes: bytes.subarray(0, length), start };
  if (disassembler.machine === 'arm64') return wordsBackwards(code, count);
  return (anchor === undefined ? undefined : anchored(code, anchor, count)) ?? voted(code, count);
}

interface Code {
  readonly disassembler: Disassembler;
  /** Ends at the address. */
  readonly bytes: Uint8Array;
  readonly start: Va;
}

const decodeAt = ({ disassembler, bytes, start }: Code, at: number): Instruction | undefined =>
  disassembler.decode(bytes.subarray(at), wrap64(start + BigInt(at)));

/** What votes are counted by; of most candidates no more is ever wanted. */
const outlineAt = (code: Code, at: number): Outline | undefined =>
  code.disassembler.outline === undefined
    ? decodeAt(code, at)
    : code.disassembler.outline(code.bytes.subarray(at), wrap64(code.start + BigInt(at)));

/** Words before the address, back to the first that is no instruction. */
function wordsBackwards(code: Code, count: number): BackwardRun {
  const instructions: Instruction[] = [];
  for (let at = code.bytes.length - 4; at >= 0 && instructions.length < count; at -= 4) {
    const instruction = decodeAt(code, at);
    if (instruction === undefined) break;
    instructions.unshift(instruction);
  }
  const isAligned = (code.start + BigInt(code.bytes.length)) % 4n === 0n;
  return { instructions, certain: isAligned };
}

/** From the anchor on; undefined when that run does not end exactly at the address. */
function anchored(code: Code, anchor: Va, count: number): BackwardRun | undefined {
  let at = Number(anchor - code.start);
  if (!(at >= 0 && at < code.bytes.length)) return undefined;
  const instructions: Instruction[] = [];
  while (at < code.bytes.length) {
    const instruction = decodeAt(code, at);
    if (instruction === undefined) return undefined;
    instructions.push(instruction);
    if (instructions.length > count) instructions.shift();
    at += instruction.length;
  }
  return { instructions, certain: true };
}

function voted(code: Code, count: number): BackwardRun {
  const end = code.bytes.length;
  const first = Math.max(0, end - Math.min(maximumWindow, count * longest + settling));
  const candidates = candidatesFrom(code, first);
  const instructions: Instruction[] = [];
  for (let at = end; instructions.length < count; ) {
    const best = bestBefore(candidates, at);
    if (best === undefined) break;
    instructions.unshift(decodeAt(code, best.at)!);
    at = best.at;
  }
  return { instructions, certain: false };
}

interface Candidate {
  readonly at: number;
  readonly outline: Outline;
  /** Two zero bytes decode as add byte ptr [rax],al. */
  readonly isZero: boolean;
  /** Does decoding on from here arrive exactly at the address? */
  readonly arrives: boolean;
  /** Sum of the weights of all starts whose run passes here. */
  votes: number;
}

/** Every offset from `first` on at which an instruction decodes that lies before the address. */
function candidatesFrom(code: Code, first: number): Map<number, Candidate> {
  const end = code.bytes.length;
  const candidates = new Map<number, Candidate>();
  for (let at = end - 1; at >= first; at--) {
    const outline = outlineAt(code, at);
    if (outline === undefined) continue;
    const next = at + outline.length;
    const arrives = next === end || candidates.get(next)?.arrives === true;
    const isZero = code.bytes[at] === 0 && code.bytes[at + 1] === 0;
    candidates.set(at, { at, outline, isZero, arrives, votes: 0 });
  }
  countVotes(candidates, first, end);
  return candidates;
}

/** Forwards: a start gives its own weight and passes on what came to it, less what its unlikelihood takes away. */
function countVotes(candidates: Map<number, Candidate>, first: number, end: number): void {
  for (let at = first; at < end; at++) {
    const candidate = candidates.get(at);
    if (candidate === undefined || !candidate.arrives) continue;
    candidate.votes = (candidate.votes + 1) * plausibility(candidate);
    const next = candidates.get(at + candidate.outline.length);
    if (next !== undefined) next.votes += candidate.votes;
  }
}

/** Instructions that compilers do not emit in kernel code: most often data or the middle of another instruction. */
const unlikely =
  /^(?:in|out|ins|outs|rep ins|rep outs|hlt|lahf|sahf|xlatb?|enter|retf|iretd?|aa[adms]|da[as]|arpl|bound|into|salc|les|lds|loop\w*|jcxz|jecxz|cmc|stc|std|f\w+)$/;

function plausibility({ outline, isZero }: Candidate): number {
  if (isZero) return 0.05;
  return unlikely.test(outline.mnemonic) ? 0.1 : 1;
}

/** The candidate that ends at `at` with the most votes; the longer one of equals. */
function bestBefore(candidates: Map<number, Candidate>, at: number): Candidate | undefined {
  let best: Candidate | undefined;
  for (let length = 1; length <= longest; length++) {
    const candidate = candidates.get(at - length);
    if (candidate === undefined || candidate.outline.length !== length) continue;
    if (best === undefined || candidate.votes >= best.votes) best = candidate;
  }
  return best;
}
