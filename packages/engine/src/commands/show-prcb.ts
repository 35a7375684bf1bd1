import { padHex, type Va } from '../base/index.ts';
import { type ProcessorBlock, processorStructures, readProcessorBlock } from '../windows/index.ts';
import { processorArgument, processorCall } from './chosen-processor.ts';
import type { Command } from './command.ts';
import type { Console } from './console.ts';
import { layoutNote } from './layout-note.ts';
import { plain } from './output.ts';

export const showPrcb: Command = {
  names: ['!prcb'],
  usage: '[PROCESSOR]',
  summary: 'show the control block of a processor: threads, interrupts, times',
  group: 'registers',
  details: ['Times are clock ticks. Without PROCESSOR (hexadecimal) the current one.'],
  run(console, args) {
    const { system } = console;
    const processor = processorArgument(console, args);
    if (system.structures.find('_KPRCB') === undefined) throw system.structures.unknown('_KPRCB');
    const block = readProcessorBlock(system, processor);
    return {
      data: block,
      lines: [...plain(...blockLines(console, block)), ...layoutNote(console, ...processorStructures)],
      call: `engine.readProcessorBlock(session.system, ${processorCall(console, processor)})`,
    };
  },
};

function blockLines({ system }: Console, block: ProcessorBlock): string[] {
  const { processor, address, irql, currentThread, nextThread, idleThread } = block;
  const pointer = (value: Va | undefined) =>
    value === undefined ? '?'.repeat(system.target.pointerSize * 2) : system.plainText(value);
  const next = nextThread === undefined ? '' : ` Next ${pointer(nextThread)}`;
  return [
    `PRCB for Processor ${processor ?? '????'} at ${system.plainText(address)}:`,
    ...(irql === undefined ? [] : [`Current IRQL -- ${irql}`]),
    `Threads--  Current ${pointer(currentThread)}${next} Idle ${pointer(idleThread)}`,
    ...placeLine(block),
    ...countLines(block),
    ...queueLines(block),
  ];
}

function placeLine({ processor, group, groupIndex, groupSetMember }: ProcessorBlock): string[] {
  if (group === undefined || groupIndex === undefined) return [];
  const member = groupSetMember === undefined ? '' : ` GroupSetMember ${groupSetMember.toString(16)}`;
  return [`Processor Index ${processor ?? '????'} Number (${group}, ${groupIndex})${member}`];
}

function countLines({
  interruptCount,
  dpcTime,
  interruptTime,
  kernelTime,
  userTime,
}: ProcessorBlock): string[] {
  const word = (value: number | undefined) => (value === undefined ? '????????' : padHex(value >>> 0, 8));
  const lines: string[] = [];
  if (interruptCount !== undefined) lines.push(`Interrupt Count -- ${word(interruptCount)}`);
  if (dpcTime !== undefined) lines.push(`Times -- Dpc    ${word(dpcTime)} Interrupt ${word(interruptTime)}`);
  if (kernelTime !== undefined) lines.push(`         Kernel ${word(kernelTime)} User      ${word(userTime)}`);
  return lines;
}

/** Our own: what waits in the queues of deferred procedure calls. */
function queueLines({ dpcQueues, dpcRoutineActive }: ProcessorBlock): string[] {
  const queues = dpcQueues.map(
    ({ depth, count }, index) =>
      `${index === 0 ? 'DPC queue' : 'Threaded DPC queue'}: ${depth} waiting, ${count} so far`,
  );
  const active =
    dpcRoutineActive === undefined ? [] : [`DPC routine active: ${dpcRoutineActive ? 'yes' : 'no'}`];
  return [...queues, ...active];
}
