import { padHex } from '../base/index.ts';
import { type ProcessorIdentity, readProcessorIdentity } from '../windows/index.ts';
import { noProcessor, processorArgument } from './chosen-processor.ts';
import type { Command } from './command.ts';
import { layoutNote } from './layout-note.ts';
import { plain, span } from './output.ts';

export const showCpuInfo: Command = {
  names: ['!cpuinfo'],
  usage: '[PROCESSOR]',
  summary: 'show which processors the machine has',
  group: 'dump',
  details: [
    'CP number, F/M/S family, model and stepping, MHz speed as the kernel measured it, PRCB Signature microcode revision (of',
    "Intel in the high half), Features bits of the kernel's own. MSR 8B is a register of the machine: no dump holds it.",
  ],
  run(console, args) {
    const { system } = console;
    const chosen = args === '' ? system.processors : [processorArgument(console, args)];
    if (chosen.length === 0) throw noProcessor();
    if (system.structures.find('_KPRCB') === undefined) throw system.structures.unknown('_KPRCB');
    const identities = chosen.map((processor) => readProcessorIdentity(system, processor));
    const indexes = chosen.map((processor) => system.processors.indexOf(processor));
    const which =
      args === ''
        ? 'session.system.processors'
        : `[${indexes.map((at) => `session.system.processors[${at}]`).join(', ')}]`;
    return {
      data: identities,
      lines: [
        [span('CP  F/M/S Manufacturer  MHz PRCB Signature    MSR 8B Signature Features', 'heading')],
        ...plain(...identities.map(rowText)),
        ...layoutNote(console, '_KPRCB'),
      ],
      call: `${which}.map((processor) => engine.readProcessorIdentity(session.system, processor))`,
    };
  },
};

function rowText(identity: ProcessorIdentity): string {
  const { processor, family, model, stepping, manufacturer, mhz, updateSignature, features } = identity;
  const number = (processor?.toString() ?? '??').padStart(2);
  const kind = [family, model, stepping].map((value) => value?.toString() ?? '?').join(',');
  const maker = (manufacturer ?? '????').padEnd(12);
  const speed = (mhz?.toString() ?? '????').padStart(4);
  const signature =
    updateSignature === undefined ? '????????????????' : padHex(BigInt.asUintN(64, updateSignature), 16);
  const bits = features === undefined ? '????????' : padHex(features, 8);
  return `${number} ${kind.padEnd(6)} ${maker} ${speed} ${signature}                   ${bits}`;
}
