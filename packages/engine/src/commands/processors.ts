import { type CrashedSystem, registersOfProcessor } from '../system/index.ts';
import type { Processor } from '../windows/index.ts';
import { chooseProcessor, findProcessor, saveChoice } from './choose-processor.ts';
import { type Command, type CommandRun, linesStep, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';
import { type CommandResult, type Line, span } from './output.ts';

export const processorsCommand: Command = {
  names: ['~'],
  usage: '[N | [EXPRESSION] | . | # | *] [s | COMMAND]',
  summary: 'list processors; ~Ns works with processor N, ~N COMMAND and ~* COMMAND run a command there',
  group: 'registers',
  joins: /^[\d*.#[]/,
  takesCommands: true,
  examples: ['~', '~1s', '~*k', '~0 r rip'],
  details: [
    'N is decimal, as in the prompt; [EXPRESSION] gives any other. In the list and as N, a dot is the',
    'current processor and # the one that crashed. 1k and 1r are short for ~1 k and ~1 r. The registers',
    'are those that the dump saved.',
  ],
  run(console, args) {
    const { which, command } = parseTarget(args);
    if (which === '') return list(console, console.system.processors);
    const processors = chosen(console, which);
    if (command === '') return list(console, processors);
    if (command !== 's') return runOn(console, processors, command, which === '*');
    if (which === '*') throw usageError(processorsCommand, 'only one processor can be chosen');
    chooseProcessor(console, processors[0]!);
    return { data: null, lines: [] };
  },
};

/** `0s`, `1k`, `* r rip`, `[0xb]s`. */
function parseTarget(args: string): { readonly which: string; readonly command: string } {
  if (args === '') return { which: '', command: '' };
  const [, which, command] = /^(\d+|[*.#]|\[[^\]]*\])\s*(.*)$/s.exec(args) ?? [];
  if (which === undefined || command === undefined)
    throw usageError(processorsCommand, `'${args}' names no processor`);
  return { which, command: command.toLowerCase() === 's' ? 's' : command };
}

function chosen(console: Console, which: string): readonly Processor[] {
  const { system, processor } = console;
  if (which === '*') return system.processors;
  if (which === '#') {
    if (system.crashedProcessor === undefined)
      throw usageError(processorsCommand, 'it is not known which processor crashed');
    return [system.crashedProcessor];
  }
  if (which.startsWith('[')) return [findProcessor(system, evaluateIn(console, which.slice(1, -1)))];
  if (which !== '.') return [findProcessor(system, BigInt(which))];
  if (processor === undefined) throw usageError(processorsCommand, 'no processor is chosen');
  return [findProcessor(system, BigInt(processor))];
}

function list(console: Console, processors: readonly Processor[]): CommandResult {
  const { system } = console;
  const total = system.target.dump.header.processors;
  const whole = processors === system.processors;
  const absent = whole && total !== undefined ? total - processors.length : 0;
  const numbers = processors.map((processor) => system.processors.indexOf(processor));
  return {
    data: processors,
    lines: [
      ...processors.map((processor) => processorLine(console, processor)),
      ...absentNote(absent, processors.length),
    ],
    call: whole
      ? 'session.system.processors'
      : `[${numbers.map((index) => `session.system.processors[${index}]`).join(', ')}]`,
  };
}

const absentNote = (absent: number, listed: number): Line[] =>
  absent <= 0 && listed > 0
    ? []
    : [
        [
          span(
            absent <= 0
              ? 'This dump tells of no processor.'
              : `${absent} more ${absent === 1 ? 'is' : 'are'} not in this dump.`,
            'dim',
          ),
        ],
      ];

/** Marks, number, control block, thread and instruction pointer. */
function processorLine(console: Console, processor: Processor): Line {
  const { system } = console;
  const mark =
    processor.number !== undefined && processor.number.value === console.processor
      ? '.'
      : processor === system.crashedProcessor
        ? '#'
        : ' ';
  const number = processor.number?.value.toString() ?? '??';
  const link = processor.number === undefined ? undefined : `~${number}s`;
  const thread =
    processor.currentThread === undefined ? 'unknown' : system.addressText(processor.currentThread);
  return [
    `${mark} `,
    span(number.padStart(2), 'address', link),
    `  Prcb ${system.addressText(processor.prcb)}  Thread ${thread}  `,
    span(placeText(system, processor), 'symbol'),
  ];
}

function placeText(system: CrashedSystem, processor: Processor): string {
  const ip = registersOfProcessor(system, processor)?.registers.ip;
  if (ip === undefined) return 'registers not in this dump';
  return system.symbols.nameOf(ip) ?? `0x${system.addressText(ip)}`;
}

/** Runs a command on one or all processors and comes back. */
function* runOn(
  console: Console,
  processors: readonly Processor[],
  command: string,
  headed: boolean,
): CommandRun {
  const goBack = saveChoice(console);
  const data: unknown[] = [];
  try {
    for (const processor of processors) {
      if (headed) yield linesStep([processorLine(console, processor)]);
      chooseProcessor(console, processor);
      data.push(...(yield* console.runText(command)).map((result) => result.data));
      goBack();
    }
  } finally {
    goBack();
  }
  return { data, lines: [] };
}
