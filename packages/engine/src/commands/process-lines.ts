import { padHex } from '../base/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import { kilobytes, type ProcessBlock, type ProcessStatistics } from '../windows/index.ts';
import { durationText, idText, ticksText } from './duration.ts';
import { type Line, plain, span } from './output.ts';

/** A process in the debugger's layout: on 32-bit machines its first two lines are one. */
export function processLines(system: CrashedSystem, process: ProcessBlock): Line[] {
  const { address, id, parentId, sessionId, peb, directoryTableBase, objectTable, imageName } = process;
  const head = [
    'PROCESS ',
    span(system.plainText(address), 'address', `!process ${system.shortText(address)} 7`),
  ];
  const ids =
    `SessionId: ${sessionId ?? '????'}  Cid: ${idText(id)}    ` +
    `Peb: ${shortAddress(system, peb)}  ParentCid: ${idText(parentId)}`;
  const table = objectTable === undefined ? unknown(system) : system.plainText(objectTable);
  const wide = system.target.pointerSize === 8;
  return [
    ...(wide ? [head, ...plain(`    ${ids}`)] : [[...head, `  ${ids}`]]),
    [
      `    DirBase: ${shortAddress(system, directoryTableBase)}  ObjectTable: ${table}  ` +
        `HandleCount: ${handleText(process)}`,
    ],
    [`    Image: ${imageName ?? '????'}`],
  ];
}

const labelWidth = 33;

const unknown = ({ target }: CrashedSystem): string => '?'.repeat(target.pointerSize * 2);

/** As short as it is, at least 8 digits. */
function shortAddress({ target }: CrashedSystem, value: bigint | undefined): string {
  if (value === undefined) return '????????';
  return padHex(target.pointerSize === 8 ? value : value & 0xffff_ffffn, 8);
}

function handleText({ handles, missing }: ProcessBlock): string {
  if (handles === undefined) return missing.includes('handles') ? '<Data Not Accessible>' : '????';
  return handles.isWhole ? `${handles.count.toString().padStart(3)}.` : `at least ${handles.count}.`;
}

/** The lines of times and sizes: each where this build's layout has it, `????` where the dump lacks it. */
export function statisticsLines(system: CrashedSystem, statistics: ProcessStatistics): Line[] {
  const rows = [
    ...vadLines(system, statistics),
    ...valueRows(system, statistics).flatMap(([key, label, text]) => {
      if (text === undefined && !statistics.missing.includes(key)) return [];
      return [
        `    ${label.padEnd(label.startsWith('Working') ? labelWidth - 1 : labelWidth)} ${text ?? '????'}`,
      ];
    }),
  ];
  return plain(...rows);
}

function vadLines(system: CrashedSystem, statistics: ProcessStatistics): string[] {
  const { vadRoot, vads, clone, privatePages, modifiedPages, lockedPages, deviceMap } = statistics;
  if (vadRoot === undefined && vads === undefined && privatePages === undefined) return [];
  const parts = [
    `VadRoot ${vadRoot === undefined ? unknown(system) : system.plainText(vadRoot)}`,
    part('Vads', vads),
    part('Clone', clone?.toString(16)),
    part('Private', privatePages, '.'),
    part('Modified', modifiedPages, '.'),
    part('Locked', lockedPages, '.'),
  ].filter((each) => each !== undefined);
  const device = deviceMap === undefined ? [] : [`    DeviceMap ${system.plainText(deviceMap)}`];
  return [`    ${parts.join(' ')}`, ...device];
}

const part = (label: string, value: bigint | string | undefined, end = ''): string | undefined =>
  value === undefined ? undefined : `${label} ${value}${end}`;

type Row = readonly [key: string, label: string, text: string | undefined];

function valueRows(system: CrashedSystem, statistics: ProcessStatistics): Row[] {
  const { clock, token, elapsed, userTicks, kernelTicks, job } = statistics;
  const time = (ticks: number | undefined) =>
    ticks === undefined ? undefined : ticksText(ticks, clock.tick);
  const pointer = (value: bigint | undefined) => (value === undefined ? undefined : system.plainText(value));
  return [
    ['token', 'Token', pointer(token)],
    ['elapsed', 'ElapsedTime', elapsed === undefined ? undefined : durationText(elapsed)],
    ['userTicks', 'UserTime', time(userTicks)],
    ['kernelTicks', 'KernelTime', time(kernelTicks)],
    ...memoryRows(statistics),
    ['job', 'Job', job === undefined || job === 0n ? undefined : pointer(job)],
  ];
}

const megabyte = 0x10_0000n;

/** MEMORY_PRIORITY of public headers; the debugger names two. */
const memoryPriorities: Readonly<Record<number, string>> = { 0: 'BACKGROUND', 2: 'FOREGROUND' };

function memoryRows(statistics: ProcessStatistics): Row[] {
  const { workingSet, memoryPriority, virtualSize, peakVirtualSize } = statistics;
  const number = (value: bigint | number | undefined) => value?.toString();
  const size = (value: bigint | undefined) => (value === undefined ? undefined : `${value / megabyte} Mb`);
  return [
    ['pagedQuota', 'QuotaPoolUsage[PagedPool]', number(statistics.pagedQuota)],
    ['nonPagedQuota', 'QuotaPoolUsage[NonPagedPool]', number(statistics.nonPagedQuota)],
    ['workingSet', 'Working Set Sizes (now,min,max)', workingSet && workingSetText(workingSet)],
    ['peakWorkingSet', 'PeakWorkingSetSize', number(statistics.peakWorkingSet)],
    ['virtualSize', 'VirtualSize', size(virtualSize)],
    ['peakVirtualSize', 'PeakVirtualSize', size(peakVirtualSize)],
    ['pageFaults', 'PageFaultCount', number(statistics.pageFaults)],
    [
      'memoryPriority',
      'MemoryPriority',
      memoryPriority === undefined ? undefined : (memoryPriorities[memoryPriority] ?? `${memoryPriority}`),
    ],
    ['basePriority', 'BasePriority', number(statistics.basePriority)],
    ['commitCharge', 'CommitCharge', number(statistics.commitCharge)],
  ];
}

function workingSetText({ now, min, max }: NonNullable<ProcessStatistics['workingSet']>): string {
  const sizes = [now, min, max].map((pages) => `${kilobytes(pages)}KB`).join(', ');
  return `(${now}, ${min}, ${max}) (${sizes})`;
}
