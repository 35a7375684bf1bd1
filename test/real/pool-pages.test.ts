import type { PoolPageReport, Session } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import { hasShared, openShared } from '../shared-files.ts';

/** `address size previous state tag` of every block, as the pages were read by hand. */
const blocksOf = ({ page }: PoolPageReport): string[] =>
  page.blocks.map(
    ({ address, size, previousSize, state, tag }) =>
      `${(address & 0xfffn).toString(16)} ${size.toString(16)} ${previousSize.toString(16)} ${state} ${tag}`,
  );

const reportOf = (session: Session, va: string): PoolPageReport =>
  session.execute(`!pool ${va}`).data as PoolPageReport;

describe.skipIf(!hasShared)('pool pages of real dumps', () => {
  it('every block of ffffe000f7938000 is listed, and the page is healthy', async () => {
    const session = await openShared('criticalrocket_111317-52015-01.dmp');
    const report = reportOf(session, 'ffffe000f7938000');
    expect(report.page).toMatchObject({
      verdict: 'whole',
      problems: [],
      unexplained: [],
      bitErrors: [],
      oddTags: [],
    });
    expect(report.region).toMatchObject({ name: 'nonpaged' });
    expect(blocksOf(report)).toEqual([
      '0 810 0 allocated Thre',
      '810 30 810 allocated ViMm',
      '840 50 30 allocated VadS',
      '890 d0 50 allocated Mdl ',
      '960 2a0 d0 allocated AleE',
      'c00 b0 2a0 allocated SAds',
      'cb0 80 b0 allocated Even',
      'd30 40 80 allocated pukm',
      'd70 290 40 allocated MmCi',
    ]);
  });

  it('a block that is put aside and free blocks are told apart on ffffe000cfcee000', async () => {
    const session = await openShared('criticalrocket_111417-173000-01.dmp');
    const report = reportOf(session, 'ffffe000cfcee880');
    expect(report.page.verdict).toBe('whole');
    expect(blocksOf(report)).toEqual([
      '0 150 0 allocated File',
      '150 40 150 allocated ReTa',
      '190 20 40 free Free',
      '1b0 e0 20 allocated EtwR',
      '290 80 e0 allocated Sema',
      '310 80 80 allocated Sema',
      '390 20 80 free Free',
      '3b0 110 20 allocated MmCa',
      '4c0 150 110 allocated File',
      '610 70 150 cached srb-',
      '680 80 70 allocated Sema',
      '700 110 80 allocated MmCa',
      '810 7f0 110 allocated Thre',
    ]);
    expect(report.block?.tag).toBe('Thre');
  });

  it('all 24 blocks of ffffe000d3b03000 are listed, and the page is healthy', async () => {
    const session = await openShared('criticalrocket_111417-173000-01.dmp');
    const { page } = reportOf(session, 'ffffe000d3b03000');
    expect(page).toMatchObject({ verdict: 'whole', problems: [], oddTags: [] });
    expect(page.blocks).toHaveLength(24);
    expect(
      page.blocks.filter(({ state }) => state === 'free').map(({ address }) => address & 0xfffn),
    ).toEqual([0x140n, 0x3e0n, 0x780n]);
    expect(page.blocks.reduce((sum, { size }) => sum + size, 0)).toBe(0x1000);
  });
});
