import type { CrashedSystem } from '../system/index.ts';
import type { SystemInfo } from '../windows/index.ts';
import { productOf, windowsName } from '../windows/index.ts';
import type { Command } from './command.ts';
import { plain } from './output.ts';
import { dateText } from './time-stamp.ts';

export const versionCommand: Command = {
  names: ['version', 'vertarget'],
  usage: '',
  summary: 'show what was dumped: Windows version, kernel base, time of the crash',
  group: 'dump',
  run({ system }) {
    return { data: system.info, lines: plain(...versionLines(system)), call: 'session.system.info' };
  },
};

export function versionLines(system: CrashedSystem): string[] {
  const { info, target } = system;
  const { header } = target.dump;
  const processors = info.processors?.value;
  const mp = processors === undefined ? '' : processors > 1 ? ` MP (${processors} procs)` : ' UP';
  const { kernel } = system;
  return [
    `${windowsName(info.build, productOf(info.productType?.value))} Kernel Version ${info.build}${mp} ${info.freeBuild ? 'Free' : 'Checked'} ${system.machine === 'arm64' ? 'ARM 64-bit (AArch64)' : system.machine}`,
    ...productLine(info),
    `${info.build >= 18362 ? 'Edition build lab' : 'Built by'}: ${info.buildText?.value ?? 'not in this dump'}`,
    'Machine Name:',
    `Kernel base = ${kernel === undefined ? 'unknown' : `0x${system.addressText(kernel.base)}`} PsLoadedModuleList = ${
      header.psLoadedModuleList === undefined
        ? 'unknown'
        : `0x${system.addressText(header.psLoadedModuleList)}`
    }`,
    ...timeLines(system),
  ];
}

/** When the machine crashed, in UTC or a zone so many hours east of it, and how long it had been running. */
export function timeLines({ info }: CrashedSystem, east = 0): string[] {
  return [
    `Debug session time: ${info.crashTime === undefined ? 'not in this dump' : sessionTime(info.crashTime.value, east)}`,
    `System Uptime: ${info.uptimeSeconds === undefined ? 'not in this dump' : uptimeText(info.uptimeSeconds.value)}`,
  ];
}

function productLine(info: SystemInfo): string[] {
  if (info.productType === undefined) return [];
  return [
    `Product: ${info.productType.value}${info.suites.length === 0 ? '' : `, suite: ${info.suites.join(' ')}`}`,
  ];
}

function sessionTime(ms: number, east: number): string {
  const text = dateText(ms + east * 3_600_000);
  const zone = east === 0 ? 'UTC' : `UTC ${east < 0 ? '-' : '+'} ${Math.abs(east)}:00`;
  return `${text.slice(0, -5)}.${String(Math.floor(ms % 1000)).padStart(3, '0')} ${text.slice(-4)} (${zone})`;
}

/** `0 days 1:31:58.931`. */
function uptimeText(seconds: number): string {
  const ms = Math.floor(seconds * 1000);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const hours = Math.floor((ms % 86_400_000) / 3_600_000);
  return `${Math.floor(ms / 86_400_000)} days ${hours}:${two((ms % 3_600_000) / 60_000)}:${two((ms % 60_000) / 1000)}.${String(ms % 1000).padStart(3, '0')}`;
}
