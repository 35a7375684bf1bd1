import { DebuggerError } from '../base/index.ts';
import type { Processor } from '../windows/index.ts';
import { findProcessor } from './choose-processor.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';

/** The processor that `~Ns` chose, else the one that crashed. */
export const chosenProcessor = ({ system, processor }: Console): Processor | undefined =>
  system.processors.find(({ number }) => number !== undefined && number.value === processor) ??
  system.crashedProcessor;

/** The processor with the number of an argument; without one, the current one, or the only one that there is. */
export function processorArgument(console: Console, args: string): Processor {
  const { system } = console;
  if (args !== '') return findProcessor(system, evaluateIn(console, args));
  const only = system.processors.length === 1 ? system.processors[0] : undefined;
  const found = chosenProcessor(console) ?? only;
  if (found !== undefined) return found;
  if (system.processors.length === 0) throw noProcessor();
  throw new DebuggerError('COMMAND_USAGE', 'it is not known which processor crashed: give its number');
}

export const noProcessor = (): DebuggerError =>
  new DebuggerError('MEMORY_UNREADABLE', 'this dump tells of no processor');

/** JavaScript that gives a processor. */
export const processorCall = ({ system }: Console, processor: Processor): string =>
  `session.system.processors[${system.processors.indexOf(processor)}]`;
