import { type Report, redactedPath, type StackFrame } from '../analyze/index.ts';
import { productOf, windowsName } from '../windows/index.ts';
import { type Line, type Span, span } from './output.ts';
import { pictureLines } from './verdict-picture.ts';
import { wrapText } from './wrap-text.ts';

const formatNames: Readonly<Record<Report['dump']['format'], string>> = {
  full: 'complete dump',
  summary: 'kernel dump (old form)',
  header: 'header-only dump',
  triage: 'small memory dump',
  'bitmap-full': 'complete bitmap dump',
  'bitmap-kernel': 'kernel bitmap dump',
  range: 'range dump',
};

const shownFrames = 16;
const width = 100;

/**
 * The report as a page for a person: what happened, what can be said about it, what is missing, how to go on.
 * `program` is how this host's user starts poolscope.
 */
export function analyzePage(report: Report, program = 'poolscope'): Line[] {
  return [
    ...headLines(report),
    ...verdictLines(report),
    ...happenedLines(report),
    ...faultLines(report),
    ...stackLines(report),
    ...evidenceLines(report),
    ...suspectLines(report),
    ...nextLines(report),
    ...missingLines(report),
    ...warningLines(report),
    ...(report.dump.path === redactedPath ? [] : goOnLines(report, program)),
  ];
}

const goOnLines = ({ dump }: Report, program: string): Line[] => [
  [''],
  ['Go on with:  ', span(`${program} debug ${quoted(dump.path)}`, 'good')],
];

/** A path as a shell takes it. */
function quoted(path: string): string {
  const safe = path.startsWith('-') ? `./${path}` : path;
  return /^[\w@%+=:,./-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`;
}

function headLines(report: Report): Line[] {
  const { dump, bugcheck, system } = report;
  const name = dump.path.slice(Math.max(dump.path.lastIndexOf('/'), dump.path.lastIndexOf('\\')) + 1);
  const facts = [
    formatNames[dump.format],
    `${windowsName(dump.build, productOf(system.product?.value))} (${dump.build}) ${dump.machine}`,
    dump.processors === null ? '' : `${dump.processors} processor${dump.processors === 1 ? '' : 's'}`,
    dump.crashTime === null ? '' : `${dump.crashTime.slice(0, 19).replace('T', ' ')} UTC`,
    dump.uptimeSeconds === null ? '' : `up ${duration(dump.uptimeSeconds)}`,
    system.process === null ? '' : `in ${system.process.value}`,
  ];
  const values = bugcheck.parameters.map((value) => value.slice(2)).join(', ');
  return [
    [span(name, 'heading'), `   ${facts.filter((fact) => fact !== '').join(' · ')}`],
    [span(`${bugcheck.code.slice(2).toUpperCase()} ${bugcheck.name}`, 'bad'), ` (${values})`],
  ];
}

function duration(seconds: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const clock = `${two((seconds % 86_400) / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
  return days === 0 ? clock : `${days} day${days === 1 ? '' : 's'} ${clock}`;
}

function verdictLines({ verdict }: Report): Line[] {
  const title = verdict.kind.replaceAll('-', ' ').toUpperCase();
  const head: Line = [
    span(title, 'heading'),
    // Until verdicts are calibrated, the number for "not pool" would say more than is known.
    ...(verdict.confidence > 0 && verdict.kind !== 'not-pool' ? [`   ${verdict.confidence.toFixed(2)}`] : []),
  ];
  const picture = verdict.picture === null ? [] : pictureLines(verdict.picture, verdict.damage);
  return [[''], head, ...wrap(verdict.summary, '  '), ...picture];
}

/** Digits of an address as the debugger pads them. */
const padded = ({ dump }: Report, value: string): string =>
  value.slice(2).padStart(dump.machine === 'x86' ? 8 : 16, '0');

function happenedLines(report: Report): Line[] {
  const { bugcheck } = report;
  const lines = bugcheck.meanings.flatMap((meaning, index): Line[] => {
    const value = padded(report, bugcheck.parameters[index]!);
    return [[`  ${index + 1}  `, span(value, 'address'), `  ${meaning}`]];
  });
  return [...heading('What happened'), ...wrap(bugcheck.description, '  '), ...lines];
}

function faultLines(report: Report): Line[] {
  const { fault } = report;
  if (fault === null) return [];
  const place: (string | Span)[] = ['  ', span(fault.symbol ?? fault.ip ?? 'unknown place', 'symbol')];
  if (fault.symbol !== null && fault.ip !== null) place.push(span(`   ${fault.ip.slice(2)}`, 'address'));
  const lines: Line[] = [...heading('Where it failed'), place];
  if (fault.instruction !== null) lines.push([`  ${fault.instruction}`]);
  if (fault.address !== null)
    lines.push([
      `  ${fault.access ?? 'access'} of ${padded(report, fault.address)}${fault.addressFrom === 'registers' ? ' (by the registers)' : ''}`,
    ]);
  else if (fault.access !== null) lines.push([`  ${fault.access} of an address that was not recorded`]);
  return lines;
}

/** The command that takes the console to the registers this stack begins with. */
function scopeCommand({ evidence }: Report['verdict']): string {
  const found = evidence.find(({ command }) => command.startsWith('.cxr') || command.startsWith('.trap'));
  return found === undefined ? '' : `${found.command}; `;
}

function stackLines({ stack, verdict }: Report): Line[] {
  if (stack.length === 0) return [];
  const lines = stack
    .slice(0, shownFrames)
    .map(
      (frame): Line => [
        `  ${frame.frame.toString(16).padStart(2, '0')} ${frame.trust === 'scan' ? '?' : ' '} `,
        span(frameName(frame), frame.trust === 'scan' ? 'dim' : 'symbol'),
        span(frame.trust === 'trap' ? '   interrupted here' : '', 'dim'),
      ],
    );
  const more = stack.length - shownFrames;
  if (more > 0) lines.push([span(`       ${more} more frames: ${scopeCommand(verdict)}k`, 'dim')]);
  if (stack.some((frame) => frame.trust === 'scan'))
    lines.push([span('  ? found by scanning the stack: may be left over from an earlier call', 'dim')]);
  return [...heading('Stack'), ...lines];
}

function frameName(frame: StackFrame): string {
  if (frame.module === null) return frame.ip;
  const base = frame.symbol ?? frame.module;
  return frame.offset === 0 || frame.offset === null ? base : `${base}+0x${frame.offset.toString(16)}`;
}

function evidenceLines({ verdict }: Report): Line[] {
  if (verdict.evidence.length === 0) return [];
  const lines = verdict.evidence.flatMap(({ claim, command }, index): Line[] => {
    const [first = '', ...rest] = wrapText(claim, 66);
    return [
      [`  ${index + 1}  ${first.padEnd(68)}`, span(command, 'good', command)],
      ...rest.map((text): Line => [`     ${text}`]),
    ];
  });
  return [...heading('Why we say so'), ...lines];
}

const barWidth = 20;

function suspectLines({ verdict: { suspects } }: Report): Line[] {
  if (suspects.length === 0) return [];
  const name = Math.max(...suspects.map(({ module }) => module.length));
  const lines = suspects.flatMap(({ module, score, because }): Line[] => {
    const bar = '█'.repeat(Math.round(score * barWidth)).padEnd(barWidth);
    const [first = '', ...rest] = because;
    const indent = ' '.repeat(name + barWidth + 12);
    return [
      ['  ', span(module.padEnd(name), 'symbol'), `  ${score.toFixed(2)}  ${bar}  ${first}`],
      ...rest.map((reason): Line => [`${indent}${reason}`]),
    ];
  });
  return [...heading('Suspects'), ...lines];
}

function nextLines({ verdict: { next } }: Report): Line[] {
  return next.length === 0
    ? []
    : [...heading('What would settle it'), ...next.map((step): Line => [`  ${step}`])];
}

function missingLines({ missing }: Report): Line[] {
  if (missing.length === 0) return [];
  const lines = missing.flatMap(({ what, why, cost }): Line[] => [
    [`  ${what}`],
    ...wrap(`${why}; ${cost}`, '      '),
  ]);
  return [...heading('Missing'), ...lines];
}

function warningLines({ warnings }: Report): Line[] {
  if (warnings.length === 0) return [];
  const lines = warnings.map(
    ({ message, at }): Line => ['  ', span(at === null ? message : `${message} (${at})`, 'warning')],
  );
  return [...heading('Damage met on the way'), ...lines];
}

const heading = (text: string): Line[] => [[''], [span(text, 'heading')]];

const wrap = (text: string, indent: string): Line[] =>
  wrapText(text, width - indent.length).map((line) => [indent + line]);
