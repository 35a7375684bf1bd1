import { padHex, type Va } from '../base/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import type {
  PoolLog,
  PoolTrace,
  RingOrder,
  TraceRing,
  VerifierLog,
  VerifierLogKind,
  VerifierTrace,
} from '../verifier/index.ts';
import { countText, pointerSpan } from './object-text.ts';
import { type Line, plain, span } from './output.ts';

/** Between two records. */
const separator = '='.repeat(70);

/** How a log is asked for: records of an address, or the newest ones. */
export interface Asked {
  readonly address: Va | undefined;
  readonly count: number | undefined;
}

export function poolLogHeading(system: CrashedSystem, ring: TraceRing, { address, count }: Asked): Line[] {
  const entries = padHex(count ?? ring.length, system.target.pointerSize * 2);
  const what =
    address !== undefined
      ? `Parsing 0x${entries} log entries, searching for address 0x${system.plainText(address)}.`
      : count === undefined
        ? `Displaying all 0x${entries} entries.`
        : `Displaying most recent 0x${entries} entries.`;
  return plain(
    '',
    'Log of recent kernel pool Allocate and Free operations:',
    '',
    `There are up to 0x${ring.length.toString(16).toUpperCase()} entries in the log.`,
    '',
    what,
  );
}

export function poolTraceLines(system: CrashedSystem, { address, size, thread, stack }: PoolTrace): Line[] {
  const { plainText } = system;
  const digits = system.target.pointerSize * 2;
  return [
    [''],
    [separator],
    [
      'Pool block ',
      span(plainText(address), 'address', `!pool ${plainText(address)}`),
      `, Size ${padHex(size, digits)}, Thread `,
      span(plainText(thread), 'address', `!thread ${plainText(thread)}`),
    ],
    ...stack.map((va) => stackLine(system, va)),
  ];
}

/** A return address and its name, indented as the caller wants it. */
export function stackLine({ plainText, symbols }: CrashedSystem, va: Va, indent = ''): Line {
  const name = symbols.nameOf(va);
  const place = span(plainText(va), 'address', `ub ${plainText(va)}`);
  return name === undefined ? [indent, place] : [indent, place, ' ', span(name, 'symbol')];
}

/** What to know about a log that was read. */
export function poolLogEnding({ ring, order, traces, used, missing }: PoolLog, { address }: Asked): Line[] {
  if (ring === undefined) return plain('The verifier has made no log of pool allocations.');
  const none =
    traces.length > 0
      ? []
      : address === undefined
        ? ['The log is empty.']
        : [`No entry of ${used} in use holds this address.`];
  return [
    ...none.map((text): Line => [text]),
    ...(ring.index === undefined && ring.from.startsWith('a variable')
      ? [[span(`The log was found by ${ring.from}; its length is what its records show.`, 'dim')]]
      : []),
    ...orderLines(order),
    ...missingLines(missing),
  ];
}

/** Whether the order is certain. */
export const orderLines = (order: RingOrder | undefined): Line[] =>
  order?.by === 'index'
    ? [[span('The log has come around: which entry is the newest is taken from its index alone.', 'dim')]]
    : order?.by === 'none'
      ? [[span('Nothing tells which entry is the newest: the order is that of the log.', 'dim')]]
      : [];

export const missingLines = (missing: number): Line[] =>
  missing === 0 ? [] : [[span(`${missing} entries are not in the dump.`, 'dim')]];

/** Records of one of the other logs. */
export function otherLogLines(system: CrashedSystem, log: VerifierLog, asked: Asked): Line[] {
  if (log.traces.length === 0) return [[emptyText(log, asked)], ...missingLines(log.missing)];
  const lines = log.traces.flatMap((trace) => recordLines[log.kind](system, trace));
  return [
    ...headings[log.kind](system, log, asked),
    ...lines,
    ...orderLines(log.order),
    ...missingLines(log.missing),
  ];
}

function emptyText({ kind, ring }: VerifierLog, { address }: Asked): string {
  if (kind === 'faults') return "Driver Verifier didn't inject any faults.";
  if (ring === undefined) return `The verifier has made no ${titles[kind]} log.`;
  if (address === undefined) return `The ${titles[kind]} log is empty.`;
  return `The ${titles[kind]} log holds no entry of this ${kind === 'critical-regions' ? 'thread' : 'request'}.`;
}

const titles: Readonly<Record<VerifierLogKind, string>> = {
  faults: 'fault injection',
  irql: 'IRQL transition',
  'critical-regions': 'critical region',
  'forced-pending': 'forced pending',
  irps: 'IRP',
};

const digitsOf = ({ target }: CrashedSystem): number => target.pointerSize * 2;

function recentHeading(system: CrashedSystem, { kind, ring, traces }: VerifierLog, { count }: Asked): Line[] {
  const shown = padHex(count ?? traces.length, digitsOf(system));
  return plain(
    `Displaying most recent 0x${shown} entries from the ${titles[kind]} log.`,
    `There are up to 0x${(ring?.length ?? 0).toString(16)} entries in the log.`,
    '',
  );
}

type Heading = (system: CrashedSystem, log: VerifierLog, asked: Asked) => Line[];

/** That of requests that were forced to pend is documented; that of IRP calls is made like the pool log's. */
const headings: Readonly<Record<VerifierLogKind, Heading>> = {
  faults: recentHeading,
  irql: recentHeading,
  'critical-regions': recentHeading,
  'forced-pending': (_system, { ring }) =>
    plain(`# Size of the log is 0x${(ring?.length ?? 0).toString(16)}`),
  irps: (system, { ring }, { address, count }) => {
    const length = ring?.length ?? 0;
    const entries = padHex(count ?? length, digitsOf(system));
    const what =
      address === undefined
        ? `Displaying most recent 0x${entries} entries.`
        : `Parsing 0x${entries} log entries, searching for IRP 0x${system.plainText(address)}.`;
    return plain(
      '',
      'Log of recent IRP calls (IoAllocateIrp, IoCompleteRequest, IoCancelIrp):',
      '',
      `There are up to 0x${length.toString(16)} entries in the log.`,
      '',
      what,
      '',
    );
  },
};

type RecordLines = (system: CrashedSystem, trace: VerifierTrace) => Line[];

const recordLines: Readonly<Record<VerifierLogKind, RecordLines>> = {
  faults: threadRecord,
  irql: threadRecord,
  'critical-regions': threadRecord,
  'forced-pending': (system, { irp, stack }) => [
    ['='.repeat(56)],
    ['IRP: ', pointerSpan(system, irp?.address, '!irp'), ' - forced pending from stack trace:'],
    [''],
    ...stack.map((va) => stackLine(system, va, '     ')),
    [''],
  ],
  irps: (system, { irp, thread, stack }) => [
    [separator],
    [
      'IRP ',
      pointerSpan(system, irp?.address, '!irp'),
      ', Thread ',
      pointerSpan(system, thread, '!thread'),
      `, IRQL = ${countText(irp?.irql)}, KernelApcDisable = ${countText(irp?.kernelApcDisable)}, SpecialApcDisable = ${countText(irp?.specialApcDisable)}`,
    ],
    ...stack.map((va) => stackLine(system, va)),
    [''],
  ],
};

function threadRecord(system: CrashedSystem, { thread, stack, irql }: VerifierTrace): Line[] {
  const number = (value: number | undefined): string =>
    value === undefined ? '?'.repeat(digitsOf(system)) : padHex(value, digitsOf(system));
  const rows: readonly (readonly [string, string])[] =
    irql === undefined
      ? []
      : [
          ['Old irql', number(irql.old)],
          ['New irql', number(irql.new)],
          ['Processor', number(irql.processor)],
          ['Time stamp', number(irql.tickCount)],
        ];
  return [
    [
      'Thread:             ',
      span(system.plainText(thread), 'address', `!thread ${system.plainText(thread)}`),
    ],
    ...rows.map(([name, value]): Line => [`${`${name}:`.padEnd(20)}${value}`]),
    [''],
    ...stack.map((va) => stackLine(system, va, '    ')),
    [''],
  ];
}
