import { DebuggerError, type Va } from '../base/index.ts';
import { type CrashedSystem, registersOfProcessor, registersOfThread } from '../system/index.ts';
import { isThread, readThread } from '../windows/index.ts';
import { useProcess } from './choose-process.ts';
import { chosenProcessor } from './chosen-processor.ts';
import { type Command, usageError } from './command.ts';
import type { Console, Scope } from './console.ts';
import { takeContextOptions } from './context-options.ts';
import { checkObject, takeObject } from './object-arguments.ts';
import { type CommandResult, plain, span } from './output.ts';

export const threadCommand: Command = {
  names: ['.thread'],
  usage: '[/p] [/r] [/P] [ADDR]',
  summary: 'work with the registers of a thread; without ADDR, those of the current processor again',
  group: 'objects',
  joins: /^\//,
  details: [
    'ADDR is an ETHREAD, as !process shows it. Of a thread that waits only a few registers are known: those that it saved',
    'when it was switched away from. k shows its stack. /p takes the memory of its process too, as .process does.',
  ],
  examples: ['.thread ffffd60c1da86080; k', '.thread'],
  run(console, args) {
    const { letters, rest: text } = takeContextOptions(threadCommand, args, 'pPr', {
      w: 'is for 32-bit code of user mode, which is not read',
    });
    const asked = text === '' ? { value: 0n, rest: '' } : takeObject(console, text);
    if (asked.rest !== '') throw usageError(threadCommand, `'${asked.rest}' is too much`);
    return asked.value === 0n ? resetThread(console) : useThread(console, asked.value, letters);
  },
};

function useThread(console: Console, thread: Va, letters: string): CommandResult {
  const { system } = console;
  checkObject(console, 'thread', thread, isThread(system, thread));
  const scope = registersOfThread(system, thread);
  if (scope === undefined) throw noRegisters(system, thread);
  if (/p/i.test(letters)) useProcess(console, processOf(system, thread));
  return implicit(console, thread, thread, scope);
}

function processOf({ data, target, addressText }: CrashedSystem, thread: Va): Va {
  const process = data === undefined ? undefined : readThread(target, data.value, thread).process;
  if (process !== undefined) return process;
  throw new DebuggerError(
    'MEMORY_UNREADABLE',
    `the process of the thread at ${addressText(thread)} is not known`,
  );
}

function noRegisters(system: CrashedSystem, thread: Va): DebuggerError {
  const where = system.addressText(thread);
  if (system.machine === 'arm64')
    return new DebuggerError(
      'TYPES_UNKNOWN',
      `where a thread of arm64 that waits keeps its registers is not known (thread at ${where})`,
    );
  return new DebuggerError(
    'MEMORY_UNREADABLE',
    `the registers of the thread at ${where} are not in this dump, or its stack is damaged`,
  );
}

/** Goes back to the thread that the chosen processor ran. */
function resetThread(console: Console): CommandResult {
  const { system } = console;
  const processor = chosenProcessor(console);
  const thread = processor?.currentThread ?? system.thread?.address;
  const scope = processor === undefined ? system.defaultScope : registersOfProcessor(system, processor);
  if (thread === undefined || scope === undefined)
    throw new DebuggerError('MEMORY_UNREADABLE', 'this dump does not tell the current thread');
  return implicit(console, thread, thread === system.thread?.address ? undefined : thread, scope);
}

function implicit(console: Console, thread: Va, chosen: Va | undefined, scope: Scope): CommandResult {
  console.thread = chosen;
  console.defaultScope = scope;
  console.useScope(scope);
  const note =
    scope.kind === 'switch'
      ? [[span('It waits: of its registers only those are known that the switch has saved.', 'dim')]]
      : [];
  return {
    data: { thread },
    lines: [...plain(`Implicit thread is now ${console.system.addressText(thread)}`), ...note],
  };
}
