import type { DebuggerData } from './debugger-data.ts';
import { type Sourced, sourced, type Target } from './target.ts';

/** Facts about the crashed system as a whole. Absent: the dump does not hold them. */
export interface SystemInfo {
  readonly build: number;
  /** `19041.1.amd64fre.vb_release.191206-1406`. */
  readonly buildText: Sourced<string> | undefined;
  readonly processors: Sourced<number> | undefined;
  /** Milliseconds since 1970, UTC. */
  readonly crashTime: Sourced<number> | undefined;
  readonly uptimeSeconds: Sourced<number> | undefined;
  readonly freeBuild: boolean;
  readonly productType: Sourced<string> | undefined;
  readonly suites: readonly string[];
}

const productTypes: Readonly<Record<number, string>> = { 1: 'WinNt', 2: 'LanManNt', 3: 'Server' };

/** Suite bits that the debugger names. Source: public SDK (VER_SUITE_*). */
const suiteNames: readonly (readonly [number, string])[] = [
  [0x1, 'SmallBusiness'],
  [0x2, 'Enterprise'],
  [0x4, 'BackOffice'],
  [0x8, 'CommunicationServer'],
  [0x10, 'TerminalServer'],
  [0x20, 'SmallBusinessRestricted'],
  [0x40, 'EmbeddedNT'],
  [0x80, 'DataCenter'],
  [0x100, 'SingleUserTS'],
  [0x200, 'Personal'],
  [0x400, 'Blade'],
];

export function readSystemInfo(target: Target, data: DebuggerData | undefined): SystemInfo {
  const { header } = target.dump;
  const product = productTypes[header.productType ?? 0];
  const time = header.systemTime === undefined ? undefined : fileTimeToMs(header.systemTime);
  return {
    build: header.build,
    buildText: readBuildText(target, data),
    processors: processorCount(header.processors),
    crashTime: time === undefined ? undefined : sourced(time, 'dump header'),
    uptimeSeconds: uptime(header.systemUpTime),
    freeBuild: header.majorVersion !== 0xc,
    productType: product === undefined ? undefined : sourced(product, 'dump header'),
    suites: suiteNames.filter(([bit]) => ((header.suiteMask ?? 0) & bit) !== 0).map(([, name]) => name),
  };
}

/** More than any Windows supports is not believed. */
function processorCount(count: number | undefined): Sourced<number> | undefined {
  return count === undefined || count === 0 || count > 2048 ? undefined : sourced(count, 'dump header');
}

function readBuildText(target: Target, data: DebuggerData | undefined): Sourced<string> | undefined {
  const variable = data?.address('NtBuildLab');
  const text = variable === undefined ? undefined : target.readAsciiz(variable, 0x100);
  return text === undefined ? undefined : sourced(text, 'KDDEBUGGER_DATA64.NtBuildLab');
}

/** FILETIME to milliseconds since 1970; undefined outside the years 1990 to 2200. */
function fileTimeToMs(fileTime: bigint): number | undefined {
  const ms = Number(fileTime / 10_000n) - 11_644_473_600_000;
  return ms > 631_152_000_000 && ms < 7_258_118_400_000 ? ms : undefined;
}

/** Hundreds of nanoseconds to seconds; more than 30 years are not believed. */
function uptime(time: bigint | undefined): Sourced<number> | undefined {
  const seconds = time === undefined ? undefined : Number(time) / 1e7;
  return seconds === undefined || seconds > 30 * 366 * 86_400 ? undefined : sourced(seconds, 'dump header');
}

/**
 * Marketing name of a build, for the reader's orientation. Servers are named only for the builds that Microsoft released
 * as such. Source: Microsoft's release tables.
 */
export function windowsName(build: number, product: 'client' | 'server' | undefined): string {
  if (product === undefined) return 'Windows';
  if (product === 'server') return serverNames[build] ?? 'Windows Server';
  return clientNames.find(([first]) => build >= first)?.[1] ?? 'Windows';
}

/** By the product type of the dump header. */
export const productOf = (type: string | undefined): 'client' | 'server' | undefined =>
  type === undefined ? undefined : type === 'WinNt' ? 'client' : 'server';

const clientNames: readonly (readonly [number, string])[] = [
  [22000, 'Windows 11'],
  [10240, 'Windows 10'],
  [9600, 'Windows 8.1'],
  [9200, 'Windows 8'],
  [7600, 'Windows 7'],
  [6000, 'Windows Vista'],
  [3790, 'Windows XP x64'],
  [2600, 'Windows XP'],
];
const serverNames: Readonly<Record<number, string>> = {
  26100: 'Windows Server 2025',
  20348: 'Windows Server 2022',
  17763: 'Windows Server 2019',
  14393: 'Windows Server 2016',
  9600: 'Windows Server 2012 R2',
  9200: 'Windows Server 2012',
  7601: 'Windows Server 2008 R2',
  7600: 'Windows Server 2008 R2',
  6002: 'Windows Server 2008',
  6001: 'Windows Server 2008',
  3790: 'Windows Server 2003',
};
