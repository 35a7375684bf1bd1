import { tagText } from '../pool/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import type { ReportedDriver, SuspectDriver, TrackedAllocation, VerifierReport } from '../verifier/index.ts';
import { noteLines } from './note-lines.ts';
import { hexText } from './object-text.ts';
import { type Line, plain, span } from './output.ts';

/** The drivers that are verified, what each has allocated, and those that were chosen and are not there. */
export function driverLines(system: CrashedSystem, { drivers, whyNoDrivers }: VerifierReport): Line[] {
  const heading = plain('', 'Driver Verification List', '------------------------', '');
  if (drivers === undefined)
    return [...heading, ...noteLines(sentence(whyNoDrivers ?? 'which they are, is not known'))];
  return [
    ...heading,
    ...drivers.drivers.flatMap((driver) => oneDriver(system, driver)),
    ...(drivers.drivers.length === 0 ? plain('No verified driver is in memory.') : []),
    ...(drivers.absent.length === 0
      ? []
      : [[`Chosen, and not in memory: ${drivers.absent.map(nameAndState).join(', ')}`]]),
    ...drivers.notes.map((note): Line => [span(note, 'warning')]),
  ];
}

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;

const nameAndState = (suspect: SuspectDriver): string => `${suspect.name ?? '??'} (${stateText(suspect)})`;

/** What the counters say of a driver's past. */
function stateText({ loads, unloads }: Pick<SuspectDriver, 'loads' | 'unloads'>): string {
  if (loads === undefined || unloads === undefined) return '??';
  if (loads === 0) return unloads === 0 ? 'Never Loaded' : 'Unloaded';
  return unloads === 0 ? 'Loaded' : 'Loaded and Unloaded';
}

function oneDriver(system: CrashedSystem, driver: ReportedDriver): Line[] {
  const { address, suspect, nonPaged, paged, pool } = driver;
  const pair = (first: number | bigint | undefined, second: number | bigint | undefined): string =>
    `( ${number(first)} / ${number(second)} )`;
  return [
    [
      'nt!_VF_TARGET_DRIVER ',
      span(`0x${system.plainText(address)}`, 'address'),
      `: ${suspect === undefined ? '??' : nameAndState(suspect)}`,
    ],
    ...plain(
      '',
      '    Pool Allocation Statistics: ( NonPagedPool / PagedPool )',
      '',
      `      Current Pool Allocations: ${pair(nonPaged.allocations, paged.allocations)}`,
      `      Current Pool Bytes:       ${pair(nonPaged.bytes, paged.bytes)}`,
      `      Peak Pool Allocations:    ${pair(nonPaged.peakAllocations, paged.peakAllocations)}`,
      `      Peak Pool Bytes:          ${pair(nonPaged.peakBytes, paged.peakBytes)}`,
      `      Contiguous Memory Bytes:       ${number(driver.contiguousBytes)}`,
      `      Peak Contiguous Memory Bytes:  ${number(driver.peakContiguousBytes)}`,
      '',
    ),
    ...(pool === undefined || pool.allocations.length === 0 ? [] : allocationLines(system, pool.allocations)),
    ...(pool === undefined ? [] : gapLines(pool.isComplete, pool.missingPages)),
  ];
}

const number = (value: number | bigint | undefined): string => `0x${hexText(value, 8).toUpperCase()}`;

function allocationLines(system: CrashedSystem, allocations: readonly TrackedAllocation[]): Line[] {
  const width = system.target.pointerSize * 2 + 2;
  const rule = '-'.repeat(width);
  return [
    ...plain(
      '    Pool Allocations:',
      '',
      `      ${'Address'.padEnd(width)}  Length      Tag   Caller`,
      `      ${rule}  ----------  ----  ${rule}`,
    ),
    ...allocations.map(({ address, size, tag, caller }): Line => {
      const name = system.symbols.nameOf(caller);
      return [
        '      ',
        span(`0x${system.plainText(address)}`, 'address', `!pool ${system.plainText(address)}`),
        `  0x${hexText(size, 8)}  ${tagText(tag)}  0x${system.plainText(caller)}`,
        ...(name === undefined ? [] : ['  ', span(name, 'symbol')]),
      ];
    }),
    [''],
  ];
}

function gapLines(isComplete: boolean | undefined, missingPages: number): Line[] {
  if (missingPages > 0)
    return [[span(`    ${missingPages} pages of these records are not in the dump.`, 'dim')], ['']];
  if (isComplete === false)
    return [[span('    The counters above name another number of allocations.', 'warning')], ['']];
  return [];
}
