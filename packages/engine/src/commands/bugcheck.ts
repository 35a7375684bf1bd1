import { padHex, tickHex } from '../base/index.ts';
import { type HeapFailure, readHeapFailure } from '../pool/index.ts';
import type { Command } from './command.ts';
import type { Console } from './console.ts';
import { noteLines } from './note-lines.ts';
import { type Line, plain } from './output.ts';

export const bugCheckCommand: Command = {
  names: ['.bugcheck'],
  usage: '',
  summary: 'show the bug check code and its parameters',
  group: 'dump',
  details: [
    'Where a kernel heap stopped the machine (13A) it also says which heap that is, and where parameter 3 is only worked out.',
  ],
  run(console) {
    const { system } = console;
    const { bugCheckCode, bugCheckParameters } = system.target.dump.header;
    const wide = system.target.pointerSize === 8;
    const values = bugCheckParameters.map((value) =>
      wide ? tickHex(value) : padHex(value & 0xffff_ffffn, 8),
    );
    const heap = readHeapFailure(system, system.start?.registers.sp);
    const lines = plain(
      `Bugcheck code ${padHex(bugCheckCode, 8).toUpperCase()}`,
      `Arguments ${values.join(' ')}`,
    );
    if (heap === undefined)
      return { data: system.bugCheckFacts, call: 'session.system.bugCheckFacts', lines };
    return {
      data: { ...system.bugCheckFacts, heap },
      call: '({ ...session.system.bugCheckFacts, heap: engine.readHeapFailure(session.system, session.system.start?.registers.sp) })',
      lines: [...lines, ...failureLines(console, heap)],
    };
  },
};

/** Our own: what the parameters mean in terms of the heap. */
function failureLines({ system }: Console, { heap, isComputed, chunks }: HeapFailure): Line[] {
  const { plainText } = system;
  const notes = [
    heap === undefined
      ? 'No heap is where parameter 2 can mean one.'
      : `The heap is ${plainText(heap.value)}, by ${heap.from}.`,
    ...(isComputed
      ? [
          'Parameter 3 was worked out of the header of a chunk to find its subsegment. If that header is damaged it leads anywhere below the chunk: what is there is seldom the damage.',
        ]
      : []),
    ...chunks.map(
      ({ chunk, at }) =>
        `The stack has the chunk ${plainText(chunk)} (at ${plainText(at)}) and its tree node: probably the one in use when the check failed. It and the block before it are to be looked at: !pool ${plainText(chunk)}`,
    ),
  ];
  return notes.flatMap((note) => noteLines(note));
}
