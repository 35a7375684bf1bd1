import { DebuggerError, Fault, pageSize, type Va } from '../base/index.ts';
import type { EvaluationContext } from './evaluation-context.ts';
import { matchesWildcard } from './wildcard.ts';

type Argument = string | bigint;

/** The functions of MASM expressions; `$fnsucc` needs the types of symbols and is only named. */
const functions: Readonly<
  Record<string, (parts: readonly Argument[], context: EvaluationContext) => bigint | undefined>
> = {
  $scmp: ([left, right, ...more]) => compareTexts(left, right, more, (text) => text),
  $sicmp: ([left, right, ...more]) => compareTexts(left, right, more, (text) => text.toLowerCase()),
  $spat: matchText,
  $vvalid: ([address, length, ...more], context) =>
    typeof address === 'bigint' && typeof length === 'bigint' && more.length === 0
      ? truth(isReadable(context, address, length))
      : undefined,
  $iment: ([base, ...more], context) =>
    typeof base === 'bigint' && more.length === 0 ? entryPoint(context, base) : undefined,
  $fnsucc: () => {
    throw new DebuggerError(
      'COMMAND_NOT_HERE',
      '$fnsucc needs the return types of functions, which are not read here',
    );
  },
};

export const functionNames: ReadonlySet<string> = new Set(Object.keys(functions));

/** Value of a function; undefined when the number or kind of its arguments is wrong. */
export const callFunction = (
  name: string,
  parts: readonly Argument[],
  context: EvaluationContext,
): bigint | undefined => functions[name]!(parts, context);

const truth = (holds: boolean): bigint => (holds ? 1n : 0n);

function compareTexts(
  left: Argument | undefined,
  right: Argument | undefined,
  more: readonly Argument[],
  fold: (text: string) => string,
): bigint | undefined {
  if (typeof left !== 'string' || typeof right !== 'string' || more.length > 0) return undefined;
  const [a, b] = [fold(left), fold(right)];
  return a === b ? 0n : a < b ? 0xffff_ffff_ffff_ffffn : 1n;
}

/** Longest text and pattern that are compared. */
const maxText = 0x1000;

function matchText(parts: readonly Argument[]): bigint | undefined {
  const [text, pattern, ...more] = parts;
  if (typeof text !== 'string' || typeof pattern !== 'string' || more.length > 0) return undefined;
  if (text.length > maxText || pattern.length > maxText)
    throw new DebuggerError('RANGE_TOO_LARGE', `$spat compares at most ${maxText} characters`);
  return truth(matchesWildcard(text, pattern));
}

/** Longest range that `$vvalid` looks through. */
const maxRange = 0x1000_0000n;

function isReadable({ memory }: EvaluationContext, start: Va, length: bigint): boolean {
  if (length > maxRange)
    throw new DebuggerError('RANGE_TOO_LARGE', '$vvalid looks through at most 0x10000000 bytes');
  const end = start + length;
  for (let at = start; at < end; ) {
    const border = (at & ~BigInt(pageSize - 1)) + BigInt(pageSize);
    const next = border < end ? border : end;
    if (at > 0xffff_ffff_ffff_ffffn || memory.tryRead(at, Number(next - at)) instanceof Fault) return false;
    at = next;
  }
  return true;
}

function entryPoint({ findEntryPoint }: EvaluationContext, base: Va): bigint {
  const entry = findEntryPoint?.(base);
  if (entry === undefined)
    throw new DebuggerError('MEMORY_UNREADABLE', `no image with headers was found at ${base.toString(16)}`);
  return entry;
}
