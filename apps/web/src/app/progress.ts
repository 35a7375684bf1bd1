import type { ProgressFacts } from '../protocol/messages.ts';

/** `45 %`, `12 MB`: how far something is, in few characters. */
export function amountText({ done, total }: ProgressFacts): string {
  if (total !== undefined && total > 0) return `${Math.min(100, Math.floor((done / total) * 100))} %`;
  if (done <= 0) return '';
  return done >= 1e6 ? `${(done / 1e6).toFixed(0)} M` : String(done);
}

/** `7.4 MB`, `16 GB`. */
export function sizeText(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${bytes} bytes` : `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}
