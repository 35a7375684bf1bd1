import type { Machine } from '../cpu/index.ts';
import type { Instruction } from '../disasm/index.ts';
import { type TagTaker, type TagUse, tagTakers } from './tables/tag-takers.ts';
import type { TagCall } from './tag-call.ts';

/** What a piece of code does with a tag, and how far that is to be believed. */
export interface TagJudgement {
  /** `compares`: it only looks at one; `unknown`: nothing tells. */
  readonly use: TagUse | 'compares' | 'unknown';
  /**
   * - `strong`: the tag is put where a function that takes one expects it, and that function is called next
   * - `likely`: such a function is called next, or the tag is put where one is expected and the target is not known
   * - `weak`: the number is there, and no more is known
   */
  readonly trust: 'strong' | 'likely' | 'weak';
  /** Half a sentence for people. */
  readonly reason: string;
}

const argumentRegisters: Readonly<Record<Machine, readonly string[]>> = {
  x64: ['rcx', 'rdx', 'r8', 'r9'],
  arm64: ['x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7'],
  x86: [],
};

/** Judges an instruction that has the tag, by the call behind it. */
export function judgeTagUse(
  { machine, mnemonic }: Pick<Instruction, 'machine' | 'mnemonic'>,
  call: TagCall | undefined,
): TagJudgement {
  if (mnemonic === 'cmp') return { use: 'compares', trust: 'weak', reason: 'and hands it to nobody' };
  if (call === undefined) return weak('no call follows soon');
  const bare = bareName(call.name);
  const taker = bare === undefined ? undefined : takerOf(bare);
  if (taker === undefined) return withoutTaker(machine, call, bare);
  const fits = call.holders.has(argumentPlace(machine, taker.argument));
  const reason = `it is ${fits ? '' : 'not seen in '}argument ${taker.argument}`;
  return { use: taker.use, trust: fits ? 'strong' : 'likely', reason };
}

const weak = (reason: string): TagJudgement => ({ use: 'unknown', trust: 'weak', reason });

/** A call whose target has no name, with the tag where most functions that take one expect it. */
function withoutTaker(machine: Machine, { holders }: TagCall, name: string | undefined): TagJudgement {
  if (name !== undefined) return weak('that function is not known to take a tag');
  return holders.has(argumentPlace(machine, 3)) || holders.has(argumentPlace(machine, 2))
    ? { use: 'unknown', trust: 'likely', reason: 'it is an argument of a function without a name' }
    : weak('the function that is called next has no name');
}

/** The name without module; undefined when it is only a distance from something. */
function bareName(name: string | undefined): string | undefined {
  const bare = name?.slice(name.indexOf('!') + 1);
  return bare === undefined || name?.includes('!') !== true || bare.includes('+') ? undefined : bare;
}

const takerOf = (name: string): TagTaker | undefined => tagTakers.find((taker) => taker.name.test(name));

/** Where an argument is when a function is called. */
const argumentPlace = (machine: Machine, argument: number): string =>
  argumentRegisters[machine][argument - 1] ?? 'stack';
