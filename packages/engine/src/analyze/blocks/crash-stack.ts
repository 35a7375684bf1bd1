import type { Va } from '../../base/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { Frame } from '../../unwind/index.ts';

/** The stack of the report, and the console's commands that show it. */
export interface CrashStack {
  readonly frames: readonly Frame[];
  readonly command: string;
}

/** Longer stacks are cut, and the command shows the rest. */
const maxFrames = 256;

/**
 * As in the debugger: from the context record of the exception where the bug check names one, else from where the bug
 * check was raised. A trap frame that the bug check names is the start only if the stack does not lead to it.
 */
export function crashStack(system: CrashedSystem): CrashStack | undefined {
  const { registers } = system.records;
  const context = system.processorContext?.value;
  const from = (kind: '.cxr' | '.trap', address: Va) => `${kind} 0x${system.shortText(address)} ; kb`;
  if (registers?.kind === 'context')
    return {
      frames: system.stackFrom(registers.values, maxFrames),
      command: from('.cxr', registers.address),
    };
  const frames = context === undefined ? [] : system.stackFrom(context, maxFrames);
  const leadsTo = (ip: Va | undefined) => frames.some((frame) => frame.ip === ip && frame.trust === 'trap');
  if (registers !== undefined && !leadsTo(registers.values.ip))
    return {
      frames: system.stackFrom(registers.values, maxFrames),
      command: from('.trap', registers.address),
    };
  return frames.length === 0 ? undefined : { frames, command: '.cxr; kb' };
}
