import { describeBugCheck, explainBugCheck } from '../windows/index.ts';
import { bugCheckEntryLines, bugCheckLines } from './analyze-bug-check.ts';
import { bigHex } from './call-text.ts';
import { usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';
import type { CommandResult } from './output.ts';

const command = { names: ['!analyze'], usage: '-show CODE [P1 P2 P3 P4]' };

/** Explains a bug check: with parameters what they say, without them what they can. */
export function showBugCheck(console: Console, words: readonly string[]): CommandResult {
  const [code, ...parameters] = words.map((word) => evaluateIn(console, word));
  if (code === undefined) throw usageError(command, 'the code of a bug check is missing');
  if (parameters.length > 4) throw usageError(command, 'a bug check has four parameters');
  if (![0n, 0xffff_ffffn].includes(code >> 32n))
    throw usageError(command, 'the code of a bug check has 32 bits');
  const number = Number(BigInt.asUintN(32, code));
  const hexCode = `0x${number.toString(16)}`;
  const entry = explainBugCheck(number);
  const needed = entry.subcodes?.parameter ?? 1;
  if (parameters.length < needed)
    return { data: entry, lines: bugCheckEntryLines(entry), call: `engine.explainBugCheck(${hexCode})` };
  const [a = 0n, b = 0n, c = 0n, d = 0n] = parameters;
  const data = describeBugCheck(
    { ...console.system.bugCheckFacts, code: number, parameters: [a, b, c, d] },
    parameters.length,
  );
  const typed = [a, b, c, d].map(bigHex).join(', ');
  return {
    data,
    lines: bugCheckLines(console.system, data, parameters),
    call: `engine.describeBugCheck({ ...session.system.bugCheckFacts, code: ${hexCode}, parameters: [${typed}] }, ${parameters.length})`,
  };
}
