import type { Knowable, ScenarioTruth } from '@poolscope/lab';
import { UsageError } from '../usage-error.ts';

/** An answer as it was given: only what was said. `undefined` as a value: there is none. */
export interface Answer {
  readonly kind?: string;
  readonly module?: string | undefined;
  readonly block?: bigint | undefined;
}

export const kindsOfFault = [
  'pool-overrun',
  'pool-underrun',
  'double-free',
  'use-after-free',
  'invalid-free',
  'single-bit-error',
  'stray-write',
  'pool-header-corruption',
  'pool-misuse',
  'not-pool',
] as const satisfies ScenarioTruth['kind'][];

const remedy =
  'An answer is "kind=KIND module=FILE.sys block=ADDRESS", or a part of it; none where there is none.';

/** `kind=pool-overrun module=myfault.sys block=fffffa80...`, in any order. */
export function parseAnswer(text: string): Answer {
  const words = text.split(/[\s,]+/).filter((each) => each !== '');
  if (words.length === 0) throw new UsageError('the answer is empty', remedy);
  return Object.assign({}, ...words.map(partOfWord)) as Answer;
}

function partOfWord(word: string): Answer {
  const [name = '', value = ''] = word.split('=', 2);
  if (value === '') throw new UsageError(`'${word}' is no part of an answer`, remedy);
  return partOf(name.toLowerCase(), value);
}

export function partOf(name: string, value: string): Answer {
  const isNone = value.toLowerCase() === 'none';
  if (name === 'kind') return { kind: kindOf(value) };
  if (name === 'module') return { module: isNone ? undefined : moduleOf(value) };
  if (name === 'block') return { block: isNone ? undefined : addressOf(value) };
  throw new UsageError(`an answer has kind, module and block, not '${name}'`, remedy);
}

function kindOf(text: string): string {
  const kind = kindsOfFault.find((each) => each === text.toLowerCase());
  if (kind === undefined)
    throw new UsageError(`there is no kind '${text}'`, `The kinds are ${kindsOfFault.join(', ')}.`);
  return kind;
}

const moduleOf = (text: string): string => (text.includes('.') ? text : `${text}.sys`).toLowerCase();

function addressOf(text: string): bigint {
  const digits = text.replaceAll('`', '').replace(/^0x/i, '');
  if (!/^[0-9a-f]{1,16}$/i.test(digits)) throw new UsageError(`'${text}' is no address`, remedy);
  return BigInt(`0x${digits}`);
}

/** What becomes of a part of an answer: `open` is one that the dump cannot tell, right or not. */
export interface Judged {
  readonly name: 'kind' | 'module' | 'block';
  readonly mark: 'right' | 'wrong' | 'open' | 'not answered';
  readonly truth: string;
}

/** Compares an answer with what happened. */
export function judgeAnswer(answer: Answer, truth: ScenarioTruth, knowable: Knowable): Judged[] {
  const parts = [
    { name: 'kind', truth: truth.kind, given: answer.kind, canTell: knowable.kind },
    { name: 'module', truth: truth.culprit, given: answer.module, canTell: knowable.suspects },
    { name: 'block', truth: truth.block?.address, given: answer.block, canTell: knowable.block },
  ] as const;
  return parts.map(({ name, truth: real, given, canTell }): Judged => {
    // To name nothing where there is nothing is right too.
    const mark = given === real ? 'right' : !canTell ? 'open' : name in answer ? 'wrong' : 'not answered';
    return { name, mark, truth: wordsOf(real) };
  });
}

const wordsOf = (value: string | bigint | undefined): string =>
  value === undefined ? 'none' : typeof value === 'bigint' ? value.toString(16) : value;
