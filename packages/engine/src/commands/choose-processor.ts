import { DebuggerError } from '../base/index.ts';
import { type CrashedSystem, memoryOfProcess, registersOfProcessor } from '../system/index.ts';
import { type Processor, readThread } from '../windows/index.ts';
import type { Console } from './console.ts';

/** The processor with this number. Throws when the machine, or the dump, has none. */
export function findProcessor({ processors, target }: CrashedSystem, wanted: bigint): Processor {
  const found = processors.find(({ number }) => number !== undefined && BigInt(number.value) === wanted);
  if (found !== undefined) return found;
  const count = target.dump.header.processors;
  if (count !== undefined && wanted >= BigInt(count))
    throw new DebuggerError(
      'COMMAND_USAGE',
      `there is no processor ${wanted}: the machine had ${count}, from 0 on`,
    );
  const message = `processor ${wanted} is not in this dump`;
  throw target.dump.triage === undefined
    ? new DebuggerError('MEMORY_UNREADABLE', message)
    : new DebuggerError('NOT_IN_TRIAGE_DUMP', message);
}

/** Works with a processor's registers, thread, process and memory from now on. Throws when its registers are not there. */
export function chooseProcessor(console: Console, processor: Processor): void {
  const { system } = console;
  const scope = registersOfProcessor(system, processor);
  if (scope === undefined) throw noRegisters(processor);
  const { target, data } = system;
  const isCrashed = processor === system.crashedProcessor;
  const thread = isCrashed ? undefined : processor.currentThread;
  const process =
    thread === undefined || data === undefined ? undefined : readThread(target, data.value, thread).process;
  console.processor = processor.number?.value;
  console.thread = thread;
  console.process = process;
  console.memory = (process === undefined ? undefined : memoryOfProcess(system, process)) ?? system.memory;
  console.defaultScope = scope;
  console.useScope(scope);
}

const noRegisters = ({ number }: Processor): DebuggerError =>
  new DebuggerError(
    'MEMORY_UNREADABLE',
    `the registers of processor ${number?.value ?? '??'} are not in this dump`,
  );

/** What a console works with, to be put back. */
export function saveChoice(console: Console): () => void {
  const { processor, thread, process, memory, defaultScope, scope, frame } = console;
  return () => {
    Object.assign(console, { processor, thread, process, memory, defaultScope, scope, frame });
  };
}
