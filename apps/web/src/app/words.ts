import type { Report } from '@poolscope/engine';

const formats: Readonly<Record<Report['dump']['format'], string>> = {
  full: 'complete dump',
  summary: 'kernel dump (old form)',
  header: 'header-only dump',
  triage: 'small memory dump',
  'bitmap-full': 'complete bitmap dump',
  'bitmap-kernel': 'kernel bitmap dump',
  range: 'range dump',
};

export const formatName = (format: Report['dump']['format']): string => formats[format];

/** `1 byte`, `2 bytes`. */
export const counted = (count: number, word: string): string =>
  `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;

/** An address of a report, as the debugger pads it. */
export const padded = (report: Report, value: string): string =>
  value.slice(2).padStart(report.dump.machine === 'x86' ? 8 : 16, '0');

/** An address as the debugger pads it. */
export const addressText = (address: bigint, pointerSize: 4 | 8): string =>
  BigInt.asUintN(pointerSize * 8, address)
    .toString(16)
    .padStart(pointerSize * 2, '0');
