import { type Command, usageError } from './command.ts';
import { evaluateIn, repeatable } from './evaluate-in.ts';
import { numberFormats } from './number-formats.ts';
import { plain } from './output.ts';

export const formatsCommand: Command = {
  names: ['.formats'],
  usage: 'EXPRESSION',
  summary: 'show a value as hexadecimal, decimal, octal, binary, text, time and floating point',
  group: 'expressions',
  details: ['Times are in UTC: a value of 32 bits is read as seconds since 1970, a wider one as a FILETIME.'],
  run(console, args) {
    if (args === '') throw usageError(formatsCommand, 'an expression is missing');
    const { pointerSize } = console.system.target;
    const text = repeatable(console, args);
    const value = evaluateIn(console, text);
    const forms = numberFormats(value, pointerSize);
    const invalid = value >> 32n === 0n || pointerSize === 4 ? '***** Invalid' : '***** Invalid FILETIME';
    return {
      data: forms,
      lines: plain(
        'Evaluate expression:',
        `  Hex:     ${forms.hex}`,
        `  Decimal: ${forms.decimal}`,
        `  Decimal (unsigned) : ${forms.unsigned}`,
        `  Octal:   ${forms.octal}`,
        `  Binary:  ${forms.binary}`,
        `  Chars:   ${forms.chars}`,
        `  Time:    ${forms.time ?? invalid}`,
        `  Float:   low ${forms.float.low} high ${forms.float.high}`,
        `  Double:  ${forms.double}`,
      ),
      call: `engine.numberFormats(session.evaluate(${JSON.stringify(text)}), ${pointerSize})`,
    };
  },
};
