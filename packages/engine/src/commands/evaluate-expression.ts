import type { Command, CommandRun } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn, repeatable } from './evaluate-in.ts';
import { type CommandResult, plain } from './output.ts';

export const evaluateExpression: Command = {
  names: ['?'],
  usage: '[EXPRESSION]',
  summary: 'evaluate an expression; without one, this help',
  group: 'expressions',
  joins: /^[^?]/,
  details: [
    'Numbers are hexadecimal (n sets the base); 0x, 0n, 0t and 0y stand before hexadecimal, decimal, octal and binary ones.',
    'A constant of 32 bits with the top bit set is sign-extended unless it holds a grave accent: 0`fffffff0.',
    'Names: @rax a register, $ip and $t0 pseudo registers, nt!Name a symbol, nt a module, . the current instruction.',
    'A word of hexadecimal digits is a number; !fade is a symbol all the same.',
    'Operators, the strongest first: + - not hi low by wo dwo qwo poi and $pby to $ppoi (physical), then * / mod, + -,',
    '<< >> >>>, = < > <= >= !=, and (&), xor (^), or (|). $iment(BASE), $vvalid(ADDR,LENGTH), $scmp, $sicmp, $spat("A","B").',
  ],
  run: (console, args) => (args === '' ? showHelp(console) : evaluate(console, args)),
};

function* showHelp(console: Console): CommandRun {
  const [help] = yield* console.runText('.help');
  return { data: help?.data, lines: [] };
}

function evaluate(console: Console, args: string): CommandResult {
  const text = repeatable(console, args);
  const value = evaluateIn(console, text);
  console.variables.set('$exp', value);
  const signed = BigInt.asIntN(64, value);
  return {
    data: value,
    lines: plain(`Evaluate expression: ${signed} = ${console.system.valueText(value)}`),
    call: `session.evaluate(${JSON.stringify(text)})`,
  };
}
