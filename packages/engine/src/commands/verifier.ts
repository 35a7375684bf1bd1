import { DebuggerError } from '../base/index.ts';
import {
  driverStructures,
  poolEntryStructures,
  reportVerifier,
  settingsStructures,
  type VerifierLogKind,
  type VerifierReportOptions,
} from '../verifier/index.ts';
import { type Command, type CommandRun, tick, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn, takeExpression } from './evaluate-in.ts';
import { layoutLines } from './object-text.ts';
import { plain } from './output.ts';
import { driverLines } from './verifier-drivers-text.ts';
import type { Asked } from './verifier-log-text.ts';
import { moreLogs, optionsText, showLog, showPoolLog, showWatchedIrps } from './verifier-logs.ts';
import { settingsLines } from './verifier-settings-text.ts';

export const verifierCommand: Command = {
  names: ['!verifier'],
  usage: '[FLAGS [IMAGE]] | LOG [COUNT|ADDR]',
  summary: 'show the settings of Driver Verifier, verified drivers and its logs',
  group: 'pool',
  details: [
    'FLAGS are bits: 1 verified drivers, 2 what each has allocated and not freed (with 1), 4 injected faults, 8 changes of IRQL.',
    'LOG alone is 4 or 8 (its newest COUNT entries, 4 when not given), or 40 requests that were forced to pend, 80 allocations',
    'and frees of pool, 100 calls of IoAllocateIrp, IoCompleteRequest and IoCancelIrp, 200 critical regions, 400 cancelled',
    'requests that are watched. ADDR is an address in a block of 80, an IRP of 40, 100 and 400, a thread of 200.',
    'Settings need no symbols of nt, the log of 80 is found without them where its records tell, all else needs them.',
    'The logs 20 (drivers that hang) and 800 (systematic low resources) have no published structures and are not here.',
  ],
  examples: ['!verifier', '!verifier 3 myfault.sys', '!verifier 80 fffff980`0a7fe800', '!verifier 8 10'],
  *run(console, args): CommandRun {
    if (/^-disable\b/i.test(args)) throw usageError(verifierCommand, 'a dump is only read');
    if (args === '?') return { data: null, lines: plain(...(verifierCommand.details ?? [])) };
    const { value, rest } = args === '' ? { value: 0n, rest: '' } : takeExpression(console, args);
    // A number of 32 bits with the top one set is taken as a sign-extended one.
    const flags = value >> 31n === 0x1_ffff_ffffn ? value & 0xffff_ffffn : value;
    if (flags > 0xffff_ffffn) throw usageError(verifierCommand, 'FLAGS have 32 bits');
    const form = forms.get(flags);
    if (form !== undefined) return yield* form(console, rest);
    const missing = notHere.get(flags);
    if (missing !== undefined) throw new DebuggerError('COMMAND_NOT_HERE', missing);
    return yield* showReport(console, Number(flags), rest);
  },
};

const log =
  (kind: VerifierLogKind, takes: Taken) =>
  (console: Console, text: string): CommandRun =>
    showLog(console, kind, askedOf(console, text, takes));

/** Flags that stand for a log when they are given alone. */
const forms: ReadonlyMap<bigint, (console: Console, text: string) => CommandRun> = new Map([
  [4n, log('faults', 'count')],
  [8n, log('irql', 'count')],
  [0x40n, log('forced-pending', 'both')],
  [0x80n, (console, text) => showPoolLog(console, askedOf(console, text, 'both'))],
  [0x100n, log('irps', 'both')],
  [0x200n, log('critical-regions', 'address')],
  [0x400n, (console, text) => showWatchedIrps(console, askedOf(console, text, 'address'))],
]);

const notHere: ReadonlyMap<bigint, string> = new Map([
  [
    0x20n,
    'the log of drivers that hang is not here: kernels from Windows 7 on have no variable of it, and no types of it are public',
  ],
  [
    0x800n,
    'the log of systematic low resources is not here: no variable of nt names it, and no types of it are public',
  ],
]);

/** What may follow the flag of a log. */
type Taken = 'count' | 'address' | 'both';

/** An address is one of the kernel; everything else counts entries. */
function askedOf(console: Console, text: string, takes: Taken): Asked {
  if (text === '') return { address: undefined, count: undefined };
  const value = evaluateIn(console, text);
  if (value >> 63n === 1n && takes !== 'count') return { address: value, count: undefined };
  if (takes === 'address') throw usageError(verifierCommand, 'this is no address of the kernel');
  if (value === 0n || value > 0x10_0000n)
    throw usageError(
      verifierCommand,
      takes === 'count'
        ? 'this is no number of entries'
        : 'this is neither an address of the kernel nor a number of entries',
    );
  return { address: undefined, count: Number(value) };
}

function* showReport(console: Console, flags: number, image: string): CommandRun {
  const { system } = console;
  if (image !== '' && !/^[\w.$-]{1,64}$/.test(image))
    throw usageError(verifierCommand, `'${image.slice(0, 40)}' is no name of a driver`);
  const options: VerifierReportOptions = {
    ...((flags & 1) !== 0 && { drivers: true }),
    ...((flags & 3) === 3 && { allocations: true }),
    ...(image !== '' && { image }),
  };
  const run = reportVerifier(system, options);
  let step = run.next();
  for (; step.done !== true; step = run.next()) yield tick;
  const report = step.value;
  const structures = [
    ...settingsStructures,
    ...(report.drivers === undefined ? [] : driverStructures),
    ...(options.allocations === true && report.drivers !== undefined ? poolEntryStructures : []),
  ];
  const lines = [
    ...settingsLines(report.settings),
    ...(options.drivers === true ? driverLines(system, report) : []),
    ...moreLogs(console, flags),
    ...layoutLines(system, structures),
  ];
  return {
    data: report,
    lines,
    call: `engine.runToEnd(engine.reportVerifier(session.system${typedOptions(options)}))`,
  };
}

const typedOptions = ({ drivers, allocations, image }: VerifierReportOptions): string =>
  optionsText([
    drivers === true ? 'drivers: true' : undefined,
    allocations === true ? 'allocations: true' : undefined,
    image === undefined ? undefined : `image: '${image}'`,
  ]);
