import type { Report } from '../analyze/index.ts';
import { accessText, counted, frameName, padded, scanNote, scopeCommand } from '../report/index.ts';
import { type Line, plain, span } from './output.ts';
import { heading, indented, wrapped } from './page-text.ts';
import { wrapText } from './wrap-text.ts';

/** The bug check and its parameters; in short only what it says. */
export function happenedLines(report: Report, width: number, isShort: boolean): Line[] {
  const { description } = report.bugcheck;
  const parameters = isShort ? shortParameters : parameterLines(report, width);
  return [...heading('What happened'), ...wrapped(description, '  ', width), ...parameters];
}

const shortParameters: readonly Line[] = [
  ['  ', span('.bugcheck', 'good', '.bugcheck'), ' explains its parameters'],
];

function parameterLines(report: Report, width: number): Line[] {
  const { parameters, meanings } = report.bugcheck;
  return meanings.flatMap((meaning, index): Line[] => {
    const value = padded(report, parameters[index]!);
    const [first = '', ...rest] = wrapText(meaning, width - value.length - 7);
    const indent = ' '.repeat(value.length + 7);
    return [
      [`  ${index + 1}  `, span(value, 'address'), `  ${first}`],
      ...plain(...rest.map((line) => indent + line)),
    ];
  });
}

/** The faulting instruction, its place, and what it did; in short in two lines where they hold it. */
export function faultLines(report: Report, width: number, isShort: boolean): Line[] {
  const { fault } = report;
  if (fault === null) return [];
  const { symbol, ip, instruction } = fault;
  const place: Line = [
    '  ',
    span(symbol ?? ip ?? 'unknown place', 'symbol'),
    symbol !== null && ip !== null ? span(`   ${ip.slice(2)}`, 'address') : '',
  ];
  const did = [instruction, accessText(report)].filter((text) => typeof text === 'string');
  const one = did.join('   ');
  const lines = isShort && did.length > 0 && one.length + 2 <= width ? [one] : did;
  return [...heading('Where it failed'), place, ...lines.map((text): Line => [`  ${text}`])];
}

const [shownFrames, fewFrames] = [16, 8];

export function stackLines({ stack, verdict }: Report, width: number, isShort: boolean): Line[] {
  if (stack.length === 0) return [];
  const shown = stack.slice(0, isShort ? fewFrames : shownFrames);
  const lines = shown.map(
    (frame): Line => [
      `  ${frame.frame.toString(16).padStart(2, '0')} ${frame.trust === 'scan' ? '?' : ' '} `,
      span(frameName(frame), frame.trust === 'scan' ? 'dim' : 'symbol'),
      span(frame.trust === 'trap' ? '   interrupted here' : '', 'dim'),
    ],
  );
  const more = stack.length - shown.length;
  if (more > 0) lines.push([span(`       ${counted(more, 'more frame')}: ${scopeCommand(verdict)}k`, 'dim')]);
  const note = shown.some(({ trust }) => trust === 'scan') ? wrapText(scanNote, width - 4) : [];
  lines.push(...note.map((line, index): Line => [span(`  ${index === 0 ? '?' : ' '} ${line}`, 'dim')]));
  return [...heading('Stack'), ...lines];
}

export function warningLines({ warnings }: Report, width: number): Line[] {
  if (warnings.length === 0) return [];
  const lines = warnings.flatMap(({ message, at }) =>
    indented(at === null ? message : `${message} (${at})`, '  ', width).map(
      (line): Line => [span(line, 'warning')],
    ),
  );
  return [...heading('Damage met on the way'), ...lines];
}
