import type { Va } from '../base/index.ts';
import type { OperandText } from './instruction.ts';
import { addressText, armNumber } from './number-text.ts';

/**
 * From the library's text to that of the debugger, which is the text of Microsoft's arm64 tools: `bne` for `b.ne`,
 * no spaces after commas, `fp`, `lr`, `xip0`, `xip1` and `xpr` for x29, x30, x16, x17 and x18, numbers above 9 in
 * upper-case hex, and no comma before the shift of an index (`[x9,w8 uxtw #2]`).
 */

/** Splits the operands at the commas outside brackets and braces. A shift or extension stays with its register. */
export function splitOperands(text: string): string[] {
  const operands: string[] = [];
  for (const piece of text.split(/, (?![^[{]*[\]}])/)) {
    if (piece === '') continue;
    if (modifier.test(piece) && operands.length > 0) operands[operands.length - 1] += `, ${piece}`;
    else operands.push(piece);
  }
  return operands;
}

const modifier = /^(?:lsl|lsr|asr|ror|msl|[us]xt[bhwx])(?: #|$)/;

export const debuggerMnemonic = (mnemonic: string): string => mnemonic.replace(/^b\./, 'b');

/** Operands as printed. The last one gives way to `address` where the instruction is pc-relative. */
export function debuggerOperands(operands: readonly string[], address: Va | undefined): OperandText[] {
  const texts: OperandText[] = operands.map(debuggerOperand);
  if (address !== undefined) {
    texts[texts.length - 1] = { address, before: '', after: '', plain: addressText('arm64', address) };
  }
  return texts;
}

const debuggerOperand = (operand: string): string =>
  operand
    .replace(/, (?=(?:lsl|[us]xt[wx])[^[]*\])/, ' ')
    .replace(/, /g, ',')
    .replace(/\bx(16|17|18|29|30)\b/g, (name) => shownNames[name]!)
    .replace(/#(-?)(0x[0-9a-f]+|\d+(?:\.\d+)?)/g, (_, sign: string, digits: string) =>
      numberText(sign, digits),
    );

const shownNames: Readonly<Record<string, string>> = {
  x16: 'xip0',
  x17: 'xip1',
  x18: 'xpr',
  x29: 'fp',
  x30: 'lr',
};

/** 64-bit numbers with the top bit set are shown as negative: `and x5,x5,#-0x10`. */
function numberText(sign: string, digits: string): string {
  if (digits.includes('.')) return `#${sign}${Number(digits)}`;
  const value = BigInt.asIntN(64, BigInt(digits));
  return armNumber(sign === '-' ? -value : value);
}
