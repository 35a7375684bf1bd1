import { DebuggerError } from '../base/index.ts';
import { RegisterSet } from '../cpu/index.ts';
import type { Frame, FrameRegisters } from '../unwind/index.ts';
import { type Command, usageError } from './command.ts';
import type { Console, Scope } from './console.ts';
import { currentInstructionLines } from './current-instruction.ts';
import { evaluateIn } from './evaluate-in.ts';
import { framesUpTo } from './frame-scope.ts';
import { type CommandResult, type Line, plain, span } from './output.ts';
import { registerLines, requireScope } from './registers.ts';
import { stackLine } from './stack-lines.ts';

const maxFrame = 0xffffn;

export const frameCommand: Command = {
  names: ['.frame', '.f+', '.f-'],
  usage: '[/r] [/c] [N]',
  summary: 'choose a frame of the stack; /r shows its registers, /c works with them',
  group: 'stack',
  joins: /^\//,
  examples: ['.frame 9', '.frame /r 9', '.frame /c 4'],
  details: [
    'N is hexadecimal, as in kn; without it the frame that was chosen last. .f+ goes to the caller, .f-',
    'to the callee. A call keeps only the nonvolatile registers: the others are shown as they were where',
    "the code below was interrupted, and a line says which they are. /c takes only the frame's own, and",
    '.cxr goes back.',
  ],
  run(console, args, name) {
    const { registers, context, number } = parseArguments(args);
    const { kind } = requireScope(console);
    const index = frameIndex(console, name, number);
    const frames = framesUpTo(console, index);
    const frame = frames[index];
    if (frame === undefined) throw noFrame(index, frames.length);
    console.frame = index;
    if (!registers && !context) return plainFrame(console, frames, index);
    const result = withRegisters(console, frames, index, kind);
    if (!context) return result;
    console.useScope({ registers: frame.registers, kind: index === 0 ? kind : 'context' });
    // The call would begin with the registers that were just left.
    const { data, lines } = result;
    return Object.keys(data.carried).length === 0 ? { data, lines } : { data, lines: [...lines, leftOut] };
  },
};

const leftOut: Line = [span('They are unknown in the scope that this frame is from now on.', 'dim')];

interface Arguments {
  readonly registers: boolean;
  readonly context: boolean;
  readonly number: string;
}

function parseArguments(args: string): Arguments {
  const options = /^(?:\/\w+\s*)*/.exec(args)![0];
  const letters = options.replaceAll(/[/\s]/g, '').toLowerCase();
  if (/[^rc]/.test(letters))
    throw usageError(frameCommand, `there is no option '/${letters.replaceAll(/[rc]/g, '')[0]}'`);
  return {
    registers: letters.includes('r'),
    context: letters.includes('c'),
    number: args.slice(options.length).trim(),
  };
}

function frameIndex(console: Console, name: string, number: string): number {
  const step = name === '.f+' ? 1 : name === '.f-' ? -1 : 0;
  if (number === '') {
    if (console.frame + step < 0) throw new DebuggerError('COMMAND_USAGE', 'frame 0 has no callee');
    return console.frame + step;
  }
  if (step !== 0) throw usageError(frameCommand, `${name} takes no frame number`);
  const value = evaluateIn(console, number);
  if (value > maxFrame) throw usageError(frameCommand, 'the frame number is out of range');
  return Number(value);
}

const noFrame = (index: number, count: number): DebuggerError =>
  new DebuggerError(
    'COMMAND_USAGE',
    count === 0
      ? 'no stack can be walked from these registers'
      : `there is no frame ${index.toString(16)}: the last one is ${(count - 1).toString(16)}`,
  );

const framesCall = (index: number): string =>
  `session.system.stackFrom(session.console.scope.registers, ${index + 1})`;

const frameLine = (console: Console, frames: readonly Frame[], index: number): Line =>
  stackLine(console.system, frames, index, { numbered: true, sources: console.sourceLines });

const plainFrame = (console: Console, frames: readonly Frame[], index: number): CommandResult => ({
  data: frames[index],
  lines: [frameLine(console, frames, index)],
  call: `${framesCall(index)}[${index}]`,
});

function withRegisters(
  console: Console,
  frames: readonly Frame[],
  index: number,
  kind: Scope['kind'],
): CommandResult<FrameRegisters> {
  const data = console.system.registersOfFrame(frames, index)!;
  const { registers } = data.frame;
  const scopeKind = index === 0 ? kind : 'context';
  const shown = new RegisterSet(registers.machine, Object.entries(data.registers));
  return {
    data,
    lines: [
      frameLine(console, frames, index),
      ...plain(...registerLines({ registers: shown, kind: scopeKind })),
      // An operand is computed from the frame's own registers only.
      ...currentInstructionLines(console, { registers, kind: scopeKind }),
      ...carriedNote(data),
    ],
    call: `session.system.registersOfFrame(${framesCall(index)}, ${index})`,
  };
}

function carriedNote({ carried }: FrameRegisters): Line[] {
  const sources = [...new Set(Object.values(carried))].map((from) => {
    const names = Object.keys(carried).filter((name) => carried[name] === from);
    return `${listed(names)} ${names.length === 1 ? 'is' : 'are'} as in frame ${from.toString(16).padStart(2, '0')}`;
  });
  return sources.length === 0 ? [] : [[span(`Not this frame's own: ${sources.join('; ')}.`, 'dim')]];
}

/** `rax, rcx, r8-r11 and efl`: neighbours of one family in one piece. */
function listed(names: readonly string[]): string {
  const parts: string[] = [];
  for (let at = 0; at < names.length; ) {
    let end = at;
    while (end + 1 < names.length && isNext(names[end]!, names[end + 1]!)) end++;
    if (end - at >= 2) parts.push(`${names[at]}-${names[end]}`);
    else parts.push(...names.slice(at, end + 1));
    at = end + 1;
  }
  return parts.length === 1 ? parts[0]! : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

function isNext(name: string, next: string): boolean {
  const [, family, number] = /^([a-z]+)(\d+)$/.exec(name) ?? [];
  return family !== undefined && next === `${family}${Number(number) + 1}`;
}
