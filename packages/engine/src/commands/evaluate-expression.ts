import { type Command, usageError } from './command.ts';
import { evaluateIn } from './evaluate-in.ts';
import { plain } from './output.ts';

export const evaluateExpression: Command = {
  names: ['?'],
  usage: 'EXPRESSION',
  summary: 'evaluate an expression',
  group: 'expressions',
  joins: /^[^?]/,
  details: [
    'Numbers are hexadecimal; 0n, 0t and 0y stand before decimal, octal and binary ones. poi(ADDR) reads a pointer.',
  ],
  run(console, args) {
    if (args === '') throw usageError(evaluateExpression, 'an expression is missing');
    const value = evaluateIn(console, args);
    const signed = BigInt.asIntN(64, value);
    return {
      data: value,
      lines: plain(`Evaluate expression: ${signed} = ${console.system.valueText(value)}`),
    };
  },
};
