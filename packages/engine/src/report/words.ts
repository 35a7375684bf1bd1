import type { Report, StackFrame, Verdict, VerdictKind } from '../analyze/index.ts';
import { productOf, windowsName } from '../windows/index.ts';

/** What pages say of a report, whether they are text or HTML. */

const formatNames: Readonly<Record<Report['dump']['format'], string>> = {
  full: 'complete dump',
  summary: 'kernel dump (old form)',
  header: 'header-only dump',
  triage: 'small memory dump',
  'bitmap-full': 'complete bitmap dump',
  'bitmap-kernel': 'kernel bitmap dump',
  range: 'range dump',
};

/** `1 byte`, `2 bytes`. */
export const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** Name of the file without its folders. */
export const fileName = ({ path }: Report['dump']): string =>
  path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);

/** What kind of dump of which machine, and when; what is not known is left out. */
export function dumpFacts({ dump, system }: Report): string[] {
  const facts = [
    formatNames[dump.format],
    `${windowsName(dump.build, productOf(system.product?.value))} (${dump.build}) ${dump.machine}`,
    dump.processors === null ? '' : counted(dump.processors, 'processor'),
    dump.crashTime === null ? '' : `${dump.crashTime.slice(0, 19).replace('T', ' ')} UTC`,
    dump.uptimeSeconds === null ? '' : `up ${duration(dump.uptimeSeconds)}`,
    system.process === null ? '' : `in ${system.process.value}`,
  ];
  return facts.filter((fact) => fact !== '');
}

function duration(seconds: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const clock = `${two((seconds % 86_400) / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
  return days === 0 ? clock : `${counted(days, 'day')} ${clock}`;
}

/** `3B SYSTEM_SERVICE_EXCEPTION`. */
export const bugCheckTitle = ({ bugcheck }: Report): string =>
  `${bugcheck.code.slice(2).toUpperCase()} ${bugcheck.name}`;

/** `(c0000005, 0, 0, 0)`. */
export const bugCheckValues = ({ bugcheck }: Report): string =>
  `(${bugcheck.parameters.map((value) => value.slice(2)).join(', ')})`;

/** Digits of an address as the debugger pads them. */
export const padded = ({ dump }: Report, value: string): string =>
  value.slice(2).padStart(dump.machine === 'x86' ? 8 : 16, '0');

/** `pool overrun`. */
export const kindName = (kind: VerdictKind): string => kind.replaceAll('-', ' ');

export const isPoolVerdict = ({ kind }: Verdict): boolean => kind !== 'not-pool' && kind !== 'unknown';

/** How sure a verdict is, as pages show it: not where it does not blame pool. */
export const confidenceText = (verdict: Verdict): string | undefined =>
  verdict.confidence > 0 && verdict.kind !== 'not-pool' ? verdict.confidence.toFixed(2) : undefined;

/** What the faulting instruction did to which address; undefined where nothing is known of it. */
export function accessText(report: Report): string | undefined {
  const { fault } = report;
  if (fault === null) return undefined;
  const { address, addressFrom, access } = fault;
  if (address !== null)
    return `${access ?? 'access'} of ${padded(report, address)}${addressFrom === 'registers' ? ' (by the registers)' : ''}`;
  return access === null ? undefined : `${access} of an address that was not recorded`;
}

export function frameName({ module, symbol, offset, ip }: StackFrame): string {
  if (module === null) return ip;
  const base = symbol ?? module;
  return offset === 0 || offset === null ? base : `${base}+0x${offset.toString(16)}`;
}

/** What is said of frames that are not sure. */
export const scanNote = 'found by scanning the stack: may be left over from an earlier call';

/** The command that takes the console to the registers that the stack begins with; empty where none does. */
export function scopeCommand({ evidence }: Verdict): string {
  const found = evidence.find(({ command }) => command.startsWith('.cxr') || command.startsWith('.trap'));
  return found === undefined ? '' : `${found.command}; `;
}

/** A path as a shell takes it. */
export function shellPath(path: string): string {
  const safe = path.startsWith('-') ? `./${path}` : path;
  return /^[\w@%+=:,./-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`;
}
