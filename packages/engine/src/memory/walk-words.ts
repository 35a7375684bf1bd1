import type { PagingLevel } from '../base/index.ts';
import type { Translation } from '../mmu/index.ts';
import type { ExplainedEntry } from './explained-entry.ts';

/** What a table of the level below holds. */
const below: Readonly<Record<PagingLevel, string>> = {
  PX5: 'PXEs',
  PXE: 'PPEs',
  PPE: 'PDEs',
  PDE: 'PTEs',
  PTE: 'pages',
};

/** The entries that a translation met, each with what it says. */
export function describeEntries(translation: Translation): ExplainedEntry[] {
  const { entries } = translation;
  return entries.map(({ level, address, value }, index) => ({
    level,
    address,
    value,
    says:
      value === undefined
        ? 'its table is not in this dump'
        : index < entries.length - 1
          ? saysOfTable(level, value)
          : saysOfLast(translation, level, value),
  }));
}

const frame = (pa: number): string => `page frame ${Math.floor(pa / 0x1000).toString(16)}`;

function saysOfTable(level: PagingLevel, value: bigint): string {
  const where = frame(Number(value & 0xf_ffff_ffff_f000n));
  return (value & 1n) === 1n
    ? `leads to the table of ${below[level]} in ${where}`
    : `not valid, but the table of ${below[level]} is in transition: it is still in memory`;
}

const sizes: Readonly<Record<number, string>> = {
  0x20_0000: '2 MB',
  0x40_0000: '4 MB',
  0x4000_0000: '1 GB',
};

function saysOfLast(translation: Translation, level: PagingLevel, value: bigint): string {
  const { state, pa } = translation;
  switch (state) {
    case 'valid': {
      const large = sizes[translation.pageSize];
      const page = large === undefined ? '' : `a large page of ${large}, of which this is `;
      return `maps ${page}${frame(pa!)}, ${rights(translation)}`;
    }
    case 'transition':
      return `not valid, but in transition: the page is still in memory, in ${frame(pa!)}`;
    case 'prototype':
      return saysOfPrototype(translation);
    case 'paged-out':
      return `not valid: ${translation.prototype === undefined ? '' : 'its prototype PTE says that '}${pageFile(translation)}`;
    case 'demand-zero':
      return 'not valid: demand zero, the page was never touched';
    case 'not-present':
      if (value === 0n) return 'zero: nothing is mapped here';
      return (value & 1n) === 1n
        ? `breaks a rule of the architecture for a ${level}`
        : 'not valid: given back or never used (it is no page in transition, in a page file or of a section)';
    case 'table-not-in-dump':
    case 'non-canonical':
      return 'its table is not in this dump';
  }
}

function saysOfPrototype({ prototype, pa }: Translation): string {
  if (prototype === undefined)
    return 'not valid: the page belongs to a section, and the entry sends Windows to the VAD';
  const at = `prototype PTE at ${prototype.toString(16)}`;
  return pa === undefined
    ? `not valid: the page belongs to a section; its ${at} does not lead to memory in this dump`
    : `not valid: the page belongs to a section; its ${at} leads to ${frame(pa)}`;
}

const pageFile = ({ pageFile: place }: Translation): string =>
  place === undefined
    ? 'the page is in a page file'
    : `the page is in page file ${place.number}, at offset ${place.offset.toString(16)}`;

function rights({ writable, user, executable }: Translation): string {
  const access = writable ? 'writable' : 'read-only';
  return `${access}, ${executable ? 'executable' : 'no execute'}, ${user ? 'for programs too' : 'for the kernel'}`;
}
