import type { PoolCounters, VerifierSettings } from '../verifier/index.ts';
import { hexText } from './object-text.ts';
import { type Line, span } from './output.ts';

/** The level with its options, then what was counted. */
export const settingsLines = (settings: VerifierSettings): Line[] => [
  [''],
  [`Verify Flags Level 0x${hexText(settings.level, 8)}`],
  [''],
  ...optionLines(settings),
  [''],
  [''],
  ...statisticsLines(settings),
];

function optionLines({ level, options, unknownBits }: VerifierSettings): Line[] {
  const mark = (enabled: boolean, bit: number, name: string): Line => [
    `    [${enabled ? 'X' : ' '}] (0x${hexText(bit, 8)}) ${name}`,
  ];
  const rows = (standard: boolean) =>
    options
      .filter((option) => option.standard === standard)
      .map(({ enabled, bit, name }) => mark(enabled, bit, name));
  return [
    ['  STANDARD FLAGS:'],
    mark(level !== 0, 0, 'Automatic Checks'),
    ...rows(true),
    [''],
    ['  ADDITIONAL FLAGS:'],
    ...rows(false),
    [''],
    ['    [X] Indicates flag is enabled'],
    ...(unknownBits === 0
      ? []
      : [[span(`    Set, and not known by name: 0x${hexText(unknownBits, 8)}`, 'warning')]]),
  ];
}

const count = (value: number | undefined): string => (value === undefined ? '??' : `0x${value.toString(16)}`);
const bytes = (value: bigint | undefined): string => hexText(value, 8).toUpperCase();

function statisticsLines({ statistics }: VerifierSettings): Line[] {
  const rows: readonly (readonly [name: string, value: number | undefined])[] = [
    ['RaiseIrqls', statistics.raiseIrqls],
    ['AcquireSpinLocks', statistics.acquireSpinLocks],
    ['Synch Executions', statistics.synchronizeExecutions],
    ['Trims', statistics.trims],
  ];
  const allocations: readonly (readonly [name: string, value: number | undefined])[] = [
    ['Pool Allocations Attempted', statistics.allocationsAttempted],
    ['Pool Allocations Succeeded', statistics.allocationsSucceeded],
    ['Pool Allocations Succeeded SpecialPool', statistics.allocationsSucceededSpecialPool],
    ['Pool Allocations With NO TAG', statistics.allocationsWithNoTag],
    ['Pool Allocations Failed', statistics.allocationsFailed],
  ];
  return [
    ['Summary of All Verifier Statistics'],
    [''],
    ...rows.map(([name, value]): Line => [`  ${name.padEnd(20)} ${count(value)}`]),
    [''],
    ...allocations.map(([name, value]): Line => [`  ${name.padEnd(38)} ${count(value)}`]),
    [''],
    ...poolLines('paged', statistics.paged),
    ...poolLines('nonpaged', statistics.nonPaged),
  ];
}

const poolLines = (
  kind: string,
  { allocations, bytes: now, peakAllocations, peakBytes }: PoolCounters,
): Line[] => [
  [`  ${`Current ${kind} pool allocations`.padEnd(38)} ${count(allocations)} for ${bytes(now)} bytes`],
  [`  ${`Peak ${kind} pool allocations`.padEnd(38)} ${count(peakAllocations)} for ${bytes(peakBytes)} bytes`],
];
