import { irqlName, readSavedIrql, type SavedIrql } from '../windows/index.ts';
import { processorArgument, processorCall } from './chosen-processor.ts';
import type { Command } from './command.ts';
import type { Console } from './console.ts';
import { layoutNote } from './layout-note.ts';
import { type Line, plain, span } from './output.ts';

export const showIrql: Command = {
  names: ['!irql'],
  usage: '[PROCESSOR]',
  summary: 'show the IRQL at which a processor ran before the crash',
  group: 'registers',
  details: [
    'The kernel saves it before the bug check raises it. !pcr shows the raised one.',
    'Without PROCESSOR (hexadecimal) the current one.',
  ],
  run(console, args) {
    const processor = processorArgument(console, args);
    const saved = readSavedIrql(console.system, processor);
    return {
      data: saved,
      lines: [
        ...irqlLines(console, saved),
        ...(saved.irql === undefined ? [] : layoutNote(console, '_KPRCB')),
      ],
      call: `engine.readSavedIrql(session.system, ${processorCall(console, processor)})`,
    };
  },
};

function irqlLines({ system }: Console, { processor, irql, why, bugCheckIrql }: SavedIrql): Line[] {
  const number = processor === undefined ? '????' : `0x${processor.toString(16)}`;
  const head = `Debugger saved IRQL for processor ${number} -- `;
  const named = (level: number) => `${level} (${irqlName(system.machine, level) ?? 'no such level'})`;
  if (irql !== undefined) return plain(`${head}${named(irql)}`);
  const evidence =
    bugCheckIrql === undefined
      ? []
      : plain(`The bug check's second parameter tells IRQL ${named(bugCheckIrql)}.`);
  return [[`${head}????`], [span(`It is not known: ${why}.`, 'dim')], ...evidence];
}
