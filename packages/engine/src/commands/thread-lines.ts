import { padHex, type Va } from '../base/index.ts';
import type { CrashedSystem, ThreadReport } from '../system/index.ts';
import { describeListEnd } from '../types/index.ts';
import { readProcess, type ThreadBlock, type ThreadDetails, type WaitObject } from '../windows/index.ts';
import { agoText, idText, ticksText } from './duration.ts';
import { type Line, plain, span } from './output.ts';
import { stackLines } from './stack-lines.ts';

export interface ThreadLineOptions {
  /** What it waits for, below its line. */
  readonly waits: boolean;
  /** Words where arguments may be, in the stack. */
  readonly arguments: boolean;
}

/** A thread in the debugger's layout. */
export function threadLines(
  system: CrashedSystem,
  { thread, details, stack }: ThreadReport,
  options: ThreadLineOptions,
): Line[] {
  const lines: Line[] = [threadLine(system, thread, options.waits)];
  if (options.waits) lines.push(...waitLines(system, thread));
  if (details === undefined) return lines;
  lines.push(...plain(...detailLines(system, details)));
  if (stack !== undefined && stack.length > 0)
    return [...lines, ...stackLines(system, stack, { arguments: options.arguments })];
  return [...lines, [span(noStack(system, details), 'dim')]];
}

function noStack({ machine }: CrashedSystem, { stack }: ThreadDetails): string {
  if (stack.resident === false) return 'Kernel stack not resident.';
  return machine === 'arm64'
    ? 'No stack: what a waiting thread of arm64 leaves there is not known.'
    : 'No stack: the registers of this thread are not in this dump.';
}

function threadLine(system: CrashedSystem, thread: ThreadBlock, waits: boolean): Line {
  const { address, processId, id, teb, win32Thread } = thread;
  const link = `!thread ${system.shortText(address)}`;
  return [
    'THREAD ',
    span(system.plainText(address), 'address', link),
    `  Cid ${idText(processId)}.${idText(id)}  Teb: ${pointerText(system, teb)} ` +
      `Win32Thread: ${pointerText(system, win32Thread)} ${stateText(thread, waits)}`,
  ];
}

const pointerText = (system: CrashedSystem, value: Va | undefined): string =>
  value === undefined ? '?'.repeat(system.target.pointerSize * 2) : system.plainText(value);

/** `RUNNING on processor 3`, `WAIT: (UserRequest) UserMode Non-Alertable`. */
function stateText({ state, processor, wait }: ThreadBlock, waits: boolean): string {
  if (state === undefined) return 'STATE ????';
  if (wait !== undefined) return waits ? waitText(wait) : 'WAIT';
  const name = state.name?.toUpperCase() ?? `STATE ${state.value}`;
  const isPlaced = ['RUNNING', 'READY', 'STANDBY', 'DEFERREDREADY'].includes(name);
  return isPlaced && processor !== undefined ? `${name} on processor ${processor.toString(16)}` : name;
}

function waitText({ reason, mode, alertable }: NonNullable<ThreadBlock['wait']>): string {
  const name = reason === undefined ? '????' : (reason.name ?? `${reason.value}`);
  const alert = alertable === undefined ? '' : alertable ? ' Alertable' : ' Non-Alertable';
  return `WAIT: (${name}) ${mode ?? '????'}${alert}`;
}

function waitLines(system: CrashedSystem, { wait, suspendCount }: ThreadBlock): Line[] {
  const objects = wait?.objects ?? [];
  const suspended = suspendCount === undefined || suspendCount === 0 ? [] : [`SuspendCount ${suspendCount}`];
  return plain(...suspended, ...objects.map((object) => `    ${objectText(system, object)}`));
}

function objectText(system: CrashedSystem, { address, type, name, owner, limit }: WaitObject): string {
  const what = name ?? (type === undefined ? '????' : `object of dispatcher type 0x${type.toString(16)}`);
  const more =
    owner !== undefined
      ? ` - owning thread ${system.plainText(owner)}`
      : limit !== undefined
        ? ` Limit 0x${(limit >>> 0).toString(16)}`
        : '';
  return `${system.plainText(address)}  ${what}${more}`;
}

function detailLines(system: CrashedSystem, details: ThreadDetails): string[] {
  return [
    ...irpLines(system, details),
    ...impersonationLine(system, details),
    ...ownerLines(system, details),
    ...timeLines(details),
    ...startLines(system, details),
    ...stackPlaceLines(system, details),
    ...priorityLine(details),
  ];
}

function irpLines(system: CrashedSystem, { irps }: ThreadDetails): string[] {
  if (irps === undefined) return [];
  const trouble = describeListEnd(irps.end);
  if (irps.irps.length === 0 && trouble === undefined) return [];
  const hex = (value: number | undefined, digits: number): string =>
    value === undefined ? '?'.repeat(digits) : padHex(value >>> 0, digits);
  return [
    'IRP List:',
    ...irps.irps.map(
      ({ address, type, size, flags, mdl }) =>
        `    ${system.plainText(address)}: (${hex(type, 4)},${hex(size, 4)}) Flags: ${hex(flags, 8)}  ` +
        `Mdl: ${mdl === undefined ? '????????' : padHex(mdl, 8)}`,
    ),
    ...(trouble === undefined ? [] : [`    The list of IRPs is not whole: ${trouble}.`]),
  ];
}

function impersonationLine(system: CrashedSystem, { impersonation }: ThreadDetails): string[] {
  if (impersonation === undefined) return [];
  if (impersonation === 'none') return ['Not impersonating'];
  const { token, level } = impersonation;
  return [`Impersonation token:  ${system.plainText(token)} (Level ${level})`];
}

function ownerLines(system: CrashedSystem, details: ThreadDetails): string[] {
  const { deviceMap, process, attached } = details;
  const lines: string[] = [];
  if (deviceMap !== undefined) lines.push(`${'DeviceMap'.padEnd(25)} ${system.plainText(deviceMap)}`);
  if (process !== undefined) lines.push(processRow(system, 'Owning Process', process));
  if (attached !== undefined) lines.push(processRow(system, 'Attached Process', attached));
  return lines;
}

function processRow(system: CrashedSystem, label: string, process: Va | 'none'): string {
  if (process === 'none') return `${label.padEnd(25)} ${'N/A'.padEnd(14)} Image:         N/A`;
  const { target, data, types } = system;
  const name = readProcess(target, data?.value, process, types).name?.value ?? '????';
  return `${label.padEnd(25)} ${system.plainText(process)}       Image:         ${name}`;
}

function timeLines({ waitTime, clock, contextSwitches, idealProcessor, ...times }: ThreadDetails): string[] {
  const { userTicks, kernelTicks } = times;
  const ideal = idealProcessor === undefined ? '' : ` IdealProcessor: ${idealProcessor}`;
  return [
    ...(waitTime === undefined ? [] : [waitStart(waitTime, clock)]),
    ...(contextSwitches === undefined
      ? []
      : [`${'Context Switch Count'.padEnd(25)} ${contextSwitches.toString().padEnd(14)}${ideal}`]),
    ...(userTicks === undefined ? [] : [`${'UserTime'.padEnd(25)} ${ticksText(userTicks, clock.tick)}`]),
    ...(kernelTicks === undefined
      ? []
      : [`${'KernelTime'.padEnd(25)} ${ticksText(kernelTicks, clock.tick)}`]),
  ];
}

/** The tick count is not in every dump. */
function waitStart(waitTime: number, { ticks, tick }: ThreadDetails['clock']): string {
  const label = `${'Wait Start TickCount'.padEnd(25)} ${waitTime.toString().padEnd(14)} Ticks: `;
  if (ticks === undefined) return `${label}????`;
  const passed = (Number(ticks & 0xffff_ffffn) - waitTime) >>> 0;
  return `${label}${passed}${passed === 0 || tick === undefined ? '' : ` (${agoText(passed, tick)})`}`;
}

function startLines(system: CrashedSystem, { win32StartAddress, startAddress }: ThreadDetails): string[] {
  const [label, at] =
    win32StartAddress === undefined || win32StartAddress === 0n
      ? (['Start Address', startAddress] as const)
      : (['Win32 Start Address', win32StartAddress] as const);
  if (at === undefined) return [];
  // Idle threads are not started: nothing is written there.
  if (at === 0n) return [`${label} none`];
  const name = system.symbols.nameOf(at);
  const address = `0x${system.plainText(at)}`;
  return [`${label} ${name === undefined ? address : `${name} (${address})`}`];
}

function stackPlaceLines(system: CrashedSystem, { stack }: ThreadDetails): string[] {
  const { initial, current, base, limit, call } = stack;
  const text = (value: Va | undefined) => pointerText(system, value);
  return [
    `Stack Init ${text(initial)} Current ${text(current)}`,
    `Base ${text(base)} Limit ${text(limit)}${call === undefined ? '' : ` Call ${text(call)}`}`,
  ];
}

function priorityLine({ priority }: ThreadDetails): string[] {
  const { current, base, decrement, io, page } = priority;
  const parts = [
    ['Priority', current],
    ['BasePriority', base],
    ['PriorityDecrement', decrement],
    ['IoPriority', io],
    ['PagePriority', page],
  ] as const;
  const known = parts.filter(([, value]) => value !== undefined);
  return known.length === 0 ? [] : [known.map(([label, value]) => `${label} ${value}`).join(' ')];
}
