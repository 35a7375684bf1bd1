import { padHex, type Va } from '../base/index.ts';
import { type PlacedThread, type RunningReport, reportRunning } from '../system/index.ts';
import { noProcessor } from './chosen-processor.ts';
import { type Command, type CommandRun, linesStep, usageError } from './command.ts';
import type { Console } from './console.ts';
import { layoutNote } from './layout-note.ts';
import { type Line, plain, span } from './output.ts';
import { stackLines } from './stack-lines.ts';

export const showRunning: Command = {
  names: ['!running'],
  usage: '[-i] [-t]',
  summary: 'show what each processor runs: -i idle ones too, -t with stacks',
  group: 'stack',
  details: [
    'Current and Next are threads with their priorities. Of the 16 signs at the end each stands for a queued spin lock of',
    'the kernel: O the processor holds it, W it waits for it.',
  ],
  run(console, args) {
    const letters = args.replaceAll(/(?:^|\s)[-/]/g, '').replaceAll(/\s/g, '');
    if (!/^(?:\s*[-/][it]+)*$/i.test(args)) throw usageError(showRunning, `'${args}' is no option`);
    if (console.system.processors.length === 0) throw noProcessor();
    return show(console, /i/i.test(letters), /t/i.test(letters));
  },
};

function* show(console: Console, idle: boolean, stack: boolean): CommandRun {
  const { system } = console;
  yield linesStep(headLines(console));
  const reports: RunningReport[] = [];
  for (const processor of system.processors) {
    const report = reportRunning(system, processor, { stack });
    if (report.isIdle === true && !idle) continue;
    reports.push(report);
    yield linesStep(reportLines(console, report));
  }
  const filter = idle ? '' : '.filter(({ isIdle }) => isIdle !== true)';
  const nothing = reports.length === 0 ? plain('All processors idle.') : [];
  return {
    data: reports,
    lines: [...nothing, ...layoutNote(console, '_KPRCB', '_KTHREAD')],
    call: `session.system.processors.map((processor) => engine.reportRunning(session.system, processor, { stack: ${stack} }))${filter}`,
  };
}

/** Bit masks of the processors that the dump tells of. */
function headLines({ system }: Console): Line[] {
  const reports = system.processors.map((processor) => reportRunning(system, processor));
  const mask = (chosen: readonly RunningReport[]) =>
    padHex(
      chosen.reduce(
        (bits, { processor }) => bits | (processor === undefined ? 0n : 1n << BigInt(processor)),
        0n,
      ),
      16,
    );
  const total = system.target.dump.header.processors ?? 0;
  const absent = total - system.processors.length;
  const address = system.target.pointerSize * 2;
  return [
    ...plain(
      '',
      `System Processors:  (${mask(reports)})`,
      `  Idle Processors:  (${mask(reports.filter(({ isIdle }) => isIdle === true))})`,
    ),
    ...(absent > 0
      ? [[span(`${absent} more of the machine's processors are not in this dump.`, 'dim')]]
      : []),
    [''],
    [
      span(
        `       ${'Prcbs'.padEnd(address + 2)}${'Current'.padEnd(address)}(pri) ${'Next'.padEnd(address)}(pri) Idle`,
        'heading',
      ),
    ],
  ];
}

function reportLines({ system }: Console, report: RunningReport): Line[] {
  const { processor, prcb, current, next, idle, locks, stack } = report;
  const width = system.target.pointerSize * 2;
  const address = (va: Va | undefined) => (va === undefined ? '?'.repeat(width) : system.plainText(va));
  const threadText = (thread: PlacedThread | undefined) =>
    thread === undefined ? ' '.repeat(width + 5) : `${address(thread.thread)} (${priorityText(thread)})`;
  const number = (processor?.toString() ?? '??').padStart(3);
  const row =
    `${number}    ${address(prcb)}  ${threadText(current)} ${threadText(next)} ${address(idle)}  ` +
    (locks ?? '');
  if (stack === undefined) return plain(row.trimEnd());
  return [[row.trimEnd()], [''], ...stackLines(system, stack, {}), ['']];
}

const priorityText = ({ priority }: PlacedThread): string =>
  (priority === undefined ? '??' : priority.toString()).padStart(2);
