import { bigHex } from './call-text.ts';
import { type Command, type CommandRun, usageError } from './command.ts';
import type { Console } from './console.ts';
import { displayPointers } from './display-pointers.ts';
import { type CommandResult, type Line, span } from './output.ts';
import { type FrameWithArguments, stackLines } from './stack-lines.ts';
import { parseStackStart, type StackOptions, type StackStart, stackOptions } from './stack-options.ts';

/** Source: the debugger's documentation of .kframes. */
const defaultFrames = 0x100;
/** Words that `kd` shows. Source: the debugger's documentation. */
const defaultWords = 0x14;

export const stackCommand: Command = {
  names: ['k', 'kb', 'kc', 'kd', 'kD', 'kf', 'kL', 'kM', 'kn', 'kp', 'kP', 'kv'],
  usage: '[COUNT] | = RSP [RIP] [COUNT]',
  summary: 'show the stack of the current context',
  group: 'stack',
  joins: /^[\d@=]/,
  letters: /^[bcdfnpvDLMP]+/,
  examples: ['kv 20', 'kn L10', 'kb = @rsp @rip'],
  details: [
    'Letters combine, as in kbn or kvL. n numbers the frames, b adds the words where arguments may be,',
    'v those and trap frames, f the distance between frames, c shows call sites alone, d the words of the',
    'stack with the names they point at. L hides source lines, which private symbols tell: the line of the',
    'call where a frame waits for one. M, p and P change little. On x86, v shows what symbols say of a frame:',
    '(FPO: [ARGUMENTS,LOCALS,REGISTERS]), each in words, or [Non-Fpo] where ebp is its frame pointer.',
    'COUNT is hexadecimal, 100 when absent. = starts elsewhere: RSP and RIP on x64, EBP ESP EIP on x86,',
    'SP and PC on arm64. The last column says how a frame was found: context (registers), trap (an',
    'interrupted context on the stack), unwind (unwind tables, on x86 frame data of symbols),',
    'frame-pointer, or scan (a word on the stack that points into code: it may be left over from an',
    'earlier call; "follows a call" when the code before it is in the dump and is one).',
  ],
  run(console, args, name) {
    const options = stackOptions(name.slice(1));
    const start = parseStackStart(stackCommand, console, args);
    return options.raw ? rawStack(console, start) : showStack(console, start, options);
  },
};

function showStack(console: Console, start: StackStart, options: StackOptions): CommandResult {
  const { system, thread, sourceLines } = console;
  const columns = { ...options, sources: options.sources && sourceLines };
  const frames = system.stackFrom(start.registers, start.count ?? defaultFrames, thread);
  const call = stackCall(console, start);
  if (options.arguments !== true)
    return {
      data: frames,
      lines: [...stackLines(system, frames, columns), ...notes(console, options)],
      call,
    };
  const withArguments = frames.map(
    (frame): FrameWithArguments => ({ ...frame, arguments: system.argumentsOf(frame) }),
  );
  return {
    data: withArguments,
    lines: [...stackLines(system, withArguments, columns), ...notes(console, options)],
    call: `${call}.map((frame) => ({ ...frame, arguments: session.system.argumentsOf(frame) }))`,
  };
}

function stackCall({ thread }: Console, { registersCall, count }: StackStart): string {
  const more = thread === undefined ? '' : `, ${bigHex(thread)}`;
  return `session.system.stackFrom(${registersCall}, ${count ?? defaultFrames}${more})`;
}

function notes({ system }: Console, options: StackOptions): Line[] {
  const texts = [
    ...(options.parameters ? ['Parameters need private symbols; without them this is k.'] : []),
    ...(options.arguments === true && system.machine === 'arm64'
      ? ['arm64 passes arguments in registers and keeps them nowhere.']
      : []),
  ];
  return texts.map((text) => [span(text, 'dim')]);
}

function rawStack(console: Console, { registers, count }: StackStart): CommandResult | CommandRun {
  const { sp } = registers;
  if (sp === undefined) throw usageError(stackCommand, 'the stack pointer is not known here');
  const range = `0x${sp.toString(16)} L0x${(count ?? defaultWords).toString(16)}`;
  return displayPointers.run(console, range, 'dps');
}
