import { DebuggerError, type Va } from '../base/index.ts';
import { memoryOfProcess } from '../system/index.ts';
import { isProcess, readThread } from '../windows/index.ts';
import { chosenProcessor } from './chosen-processor.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { takeContextOptions } from './context-options.ts';
import { checkObject, takeObject } from './object-arguments.ts';
import { type CommandResult, plain, span } from './output.ts';

export const processCommand: Command = {
  names: ['.process'],
  usage: '[/p] [/r] [/P] [ADDR]',
  summary: 'choose the process whose memory user addresses mean; without ADDR, that of the crash again',
  group: 'objects',
  joins: /^\//,
  details: [
    'ADDR is an EPROCESS, as in !process 0 0. Kernel addresses mean the same in every process, except those of sessions.',
    '/p and /P change nothing: pages in transition are read anyway. /r would load symbols of user mode.',
  ],
  examples: ['.process /p ffffd60c1e7ec080', '.process'],
  run(console, args) {
    const { letters, rest: text } = takeContextOptions(processCommand, args, 'pPr', {
      i: 'lets the machine run until the process is there, and a dump does not run',
    });
    const asked = text === '' ? { value: 0n, rest: '' } : takeObject(console, text);
    if (asked.rest !== '') throw usageError(processCommand, `'${asked.rest}' is too much`);
    const process = asked.value === 0n ? resetProcess(console) : useProcess(console, asked.value);
    return chosen(console, process, letters);
  },
};

function chosen({ system }: Console, process: Va, letters: string): CommandResult {
  const note = letters.includes('r') ? [[span('Modules of user mode are not read here.', 'dim')]] : [];
  return {
    data: { process },
    lines: [...plain(`Implicit process is now ${system.addressText(process)}`), ...note],
  };
}

/** Reads user addresses as this process does from now on. Throws when its page tables are not in the dump. */
export function useProcess(console: Console, process: Va): Va {
  const { system } = console;
  checkObject(console, 'process', process, isProcess(system, process));
  const memory = memoryOfProcess(system, process);
  if (memory === undefined) throw noMemory(console, process);
  console.process = process;
  console.memory = memory;
  return process;
}

function noMemory({ system }: Console, process: Va): DebuggerError {
  const where = system.addressText(process);
  return system.memory.kind === 'blocks'
    ? new DebuggerError(
        'NOT_IN_TRIAGE_DUMP',
        `user addresses of the process at ${where} cannot be looked up: this dump has no page tables`,
      )
    : new DebuggerError(
        'MEMORY_UNREADABLE',
        `the page tables of the process at ${where} are not in this dump`,
      );
}

/** Goes back to the process that the chosen processor was in. */
function resetProcess(console: Console): Va {
  const { system } = console;
  const processor = chosenProcessor(console);
  const isCrashed = processor === undefined || processor === system.crashedProcessor;
  const thread = isCrashed ? undefined : processor.currentThread;
  const { data, target } = system;
  const running =
    thread === undefined || data === undefined ? undefined : readThread(target, data.value, thread).process;
  const process = running ?? system.process?.address;
  if (process === undefined)
    throw new DebuggerError('MEMORY_UNREADABLE', 'this dump does not tell the current process');
  console.process = running;
  console.memory = memoryOfProcess(system, process) ?? system.memory;
  return process;
}
