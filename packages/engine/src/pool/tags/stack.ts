import type { TagCode } from './code.ts';
import { movedBy, numberIn } from './effects.ts';
import { pushedAt } from './effects-intel.ts';
import type { FlowState } from './value.ts';

/** Instructions behind a call in which its caller takes its arguments from the stack. */
const soon = 6;
const wordSize = 4;
/** Words that one call takes. */
const mostArguments = 16;

/**
 * x86: the stack pointer behind a call. `popped`: bytes that the callee takes, where its code was seen. How many an imported
 * function takes is not written anywhere: what was pushed for it, unless the code behind gives the stack back itself.
 */
export function dropArguments(
  code: TagCode,
  state: FlowState,
  next: number,
  popped: number | undefined,
): void {
  const top = state.get('esp');
  const pushed = pushedWords(state) * wordSize;
  const taken = popped ?? correctionBehind(code, next, pushed === 0) ?? pushed;
  state.set('esp', movedBy(top, taken));
}

/**
 * `add esp` behind a call: the callee takes nothing. `sub esp`: its caller keeps room for arguments, and the callee took so
 * much.
 */
function correctionBehind(code: TagCode, next: number, keepsRoom: boolean): number | undefined {
  let at = next;
  for (let count = 0; count < soon; count++) {
    const instruction = code.decode(at);
    if (instruction === undefined || instruction.flow !== 'next') return undefined;
    const [to, number] = instruction.operands;
    const isStack = to === 'esp' && typeof number === 'string';
    if (isStack && instruction.mnemonic === 'add') return 0;
    if (isStack && instruction.mnemonic === 'sub') return keepsRoom ? numberIn(number) : undefined;
    if (/^(?:push|pop|leave)$/.test(instruction.mnemonic)) return undefined;
    at += instruction.length;
  }
  return undefined;
}

/** Words on top of the stack that were pushed, and are not registers that the function keeps for its caller. */
function pushedWords(state: FlowState): number {
  const top = state.get('esp');
  if (top?.kind !== 'stack') return 0;
  for (let count = 0; count < mostArguments; count++) {
    const pushed = state.get(pushedAt(top.offset + count * wordSize));
    if (pushed?.kind !== 'other') return count;
  }
  return mostArguments;
}
