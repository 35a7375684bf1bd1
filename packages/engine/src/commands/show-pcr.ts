import type { Va } from '../base/index.ts';
import { type ProcessorRegion, readProcessorRegion, regionStructures, tibMembers } from '../windows/index.ts';
import { processorArgument, processorCall } from './chosen-processor.ts';
import type { Command } from './command.ts';
import type { Console } from './console.ts';
import { layoutNote } from './layout-note.ts';
import { type Line, plain, span } from './output.ts';

export const showPcr: Command = {
  names: ['!pcr'],
  usage: '[PROCESSOR]',
  summary: 'show the control region of a processor',
  group: 'registers',
  details: [
    'Its IRQL is the one at which the dump was written; !irql has the one before. Without PROCESSOR the current one.',
    'On x64 the region has no NT_TIB: what the debugger prints there are other members, which have their own lines here.',
  ],
  run(console, args) {
    const { system } = console;
    const processor = processorArgument(console, args);
    const region = readProcessorRegion(system, processor);
    if (region === undefined) throw system.structures.unknown('_KPCR');
    return {
      data: region,
      lines: [...plain(...regionLines(console, region)), ...notes(console, region)],
      call: `engine.readProcessorRegion(session.system, ${processorCall(console, processor)})`,
    };
  },
};

const labelWidth = 25;

function regionLines({ system }: Console, region: ProcessorRegion): string[] {
  const { processor, address, majorVersion, minorVersion, missing } = region;
  const pointer = (key: string, label: string, value: Va | undefined): string[] =>
    value === undefined && !missing.includes(key)
      ? []
      : [`${label.padStart(labelWidth)}: ${value === undefined ? '????' : system.plainText(value)}`];
  const word = (key: string, label: string, value: number | undefined): string[] =>
    pointer(key, label, value === undefined ? undefined : BigInt(value >>> 0));
  return [
    `KPCR for Processor ${processor ?? '????'} at ${system.plainText(address)}:`,
    ...(majorVersion === undefined ? [] : [`    Major ${majorVersion} Minor ${minorVersion ?? '????'}`]),
    ...tibMembers.flatMap((name) => pointer('tib', `NtTib.${name}`, region.tib?.[name])),
    '',
    ...pointer('self', 'SelfPcr', region.self),
    ...pointer('prcb', 'Prcb', region.prcb),
    ...word('irql', 'Irql', region.irql),
    ...word('irr', 'IRR', region.irr),
    ...word('idr', 'IDR', region.idr),
    ...word('interruptMode', 'InterruptMode', region.interruptMode),
    ...pointer('idt', 'IDT', region.idt),
    ...pointer('gdt', 'GDT', region.gdt),
    ...pointer('tss', 'TSS', region.tss),
    ...pointer('userRsp', 'UserRsp', region.userRsp),
    '',
    ...pointer('currentThread', 'CurrentThread', region.currentThread),
    ...pointer('nextThread', 'NextThread', region.nextThread),
    ...pointer('idleThread', 'IdleThread', region.idleThread),
  ];
}

function notes(console: Console, { missing }: ProcessorRegion): Line[] {
  const absent: Line[] = missing.includes('self')
    ? [[span('A small dump saves the KPRCB of a processor and not the KPCR around it.', 'dim')]]
    : [];
  const isSmall = console.system.target.dump.triage !== undefined;
  return [...(isSmall ? absent : []), ...layoutNote(console, ...regionStructures)];
}
