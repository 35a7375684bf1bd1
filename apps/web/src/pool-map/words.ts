import { CensusPage, CensusPart } from '@poolscope/engine';
import type { poolNames } from '../protocol/pool-map.ts';
import type { Selection } from './model/places.ts';
import type { PoolMapData } from './model/pool-map-data.ts';

/** Words of the map: the same in its tooltip, its panel, its list and for screen readers. */

export const poolTitles: Readonly<Record<(typeof poolNames)[number], string>> = {
  nonpaged: 'Nonpaged pool',
  'nonpaged-expansion': 'Nonpaged pool expansion',
  paged: 'Paged pool',
  'paged-session': 'Session pool',
  special: 'Special pool',
  unknown: 'Pool of a kind that is not known',
};

const pageWords: Readonly<Record<CensusPage, string>> = {
  [CensusPage.whole]: 'small blocks',
  [CensusPage.damaged]: 'small blocks, with damage',
  [CensusPage.incomplete]: 'small blocks, not all in the dump',
  [CensusPage.large]: 'part of a large allocation',
  [CensusPage.special]: 'a block of special pool',
  [CensusPage.guard]: 'guard page: nothing may touch it',
  [CensusPage.noMemory]: 'no memory: freed, or not used yet',
  [CensusPage.unreadable]: 'not in this dump',
  [CensusPage.unrecognized]: 'no blocks that can be told',
  [CensusPage.free]: 'free pages of a segment',
  [CensusPage.manager]: 'header of a segment',
  [CensusPage.freed]: 'freed: no memory, and the bug check names it',
};

export const pageText = (what: CensusPage): string => pageWords[what];

const partWords: Readonly<Record<CensusPart, string>> = {
  [CensusPart.allocated]: 'in use',
  [CensusPart.free]: 'free',
  [CensusPart.lookaside]: 'freed, on a lookaside list',
  [CensusPart.deferred]: 'freed, waits to be given back',
  [CensusPart.aside]: 'freed, kept for the next request',
  [CensusPart.unknown]: 'in use or free: not known',
  [CensusPart.damage]: 'damage: no header explains these bytes',
  [CensusPart.missing]: 'not in this dump',
  [CensusPart.slop]: 'slop bytes: nobody may write here',
  [CensusPart.changed]: 'slop bytes that somebody wrote',
  [CensusPart.header]: 'header of special pool',
};

export const partText = (what: CensusPart): string => partWords[what];

/** A tag as it is shown: quoted where blanks would be lost, with dots for what cannot be printed. */
export const tagText = (tag: string): string =>
  Array.from(tag)
    .map((letter) => (letter >= ' ' && letter <= '~' ? letter : '.'))
    .join('')
    .trimEnd();

/** An address as the debugger writes it, without the separator: what can be typed. */
export const addressText = (address: bigint): string =>
  address >> 32n === 0xffff_ffffn
    ? (address & 0xffff_ffffn).toString(16)
    : address.toString(16).padStart(16, '0');

/** The last digits of an address, for narrow views. */
export const shortAddress = (address: bigint): string => `…${address.toString(16).slice(-6)}`;

export const hexText = (value: number): string => value.toString(16);

const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];

export function sizeText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** A number with thin spaces between thousands. */
export const countText = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, '\u2009');

/** One line that tells a selection, for a tooltip's title and for screen readers. */
export function selectionText(data: PoolMapData, { page, part, offset }: Selection): string {
  const at = addressText(data.addressOf(page) + BigInt(offset));
  if (part === undefined) return `${at}: ${pageText(data.whatOf(page))}, ${poolTitles[data.poolOf(page)]}`;
  const tag = data.tags[data.tagOf(part)]?.text ?? '';
  const named = tag === '' ? '' : `${tagText(tag)}, `;
  const damaged = data.hasFlag(part, 'damaged') ? ', damaged' : '';
  return `${at}: ${named}0x${hexText(data.sizeOf(part))} bytes, ${partText(data.partOf(part))}${damaged}`;
}
