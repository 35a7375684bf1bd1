import type { Knowable, ScenarioTruth } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../usage-error.ts';
import { judgeAnswer, parseAnswer } from './challenge-answer.ts';

const truth: ScenarioTruth = {
  scenario: 'sample',
  kind: 'double-free',
  culprit: 'myfault.sys',
  block: {
    address: 0xffff_fa80_0000_1000n,
    size: 0x40,
    tag: 'Smpl',
    pool: 'nonpaged',
    allocator: 'classic',
    state: 'free',
  },
  victims: [],
};
const knowable = (can: boolean): Knowable => ({
  kind: can,
  block: can,
  'block.tag': can,
  'block.state': can,
  victims: can,
  damage: can,
  freedAddress: can,
  suspects: can,
});
const marks = (text: string, can = true, real = truth) =>
  judgeAnswer(parseAnswer(text), real, knowable(can)).map(({ mark }) => mark);

describe('an answer', () => {
  it('is read in any order, with names and addresses as people write them', () => {
    expect(parseAnswer('block=0xFFFFFA80`00001000 kind=Double-Free,module=MyFault')).toEqual({
      kind: 'double-free',
      module: 'myfault.sys',
      block: 0xffff_fa80_0000_1000n,
    });
    expect(parseAnswer('module=none block=none')).toEqual({ module: undefined, block: undefined });
  });

  it.each(['', 'kind', 'kind=', 'kind=crash', 'block=xyz', 'colour=red', 'block=11112222333344445'])(
    'like %j is wrong usage',
    (text) => {
      expect(() => parseAnswer(text)).toThrow(UsageError);
    },
  );

  it('is judged part by part', () => {
    expect(marks('kind=double-free module=myfault.sys block=fffffa8000001000')).toEqual([
      'right',
      'right',
      'right',
    ]);
    expect(marks('kind=pool-overrun module=none')).toEqual(['wrong', 'wrong', 'not answered']);
  });

  it('is not blamed for what the dump cannot tell, and right where there is nothing to name', () => {
    expect(marks('kind=pool-overrun', false)).toEqual(['open', 'open', 'open']);
    expect(marks('kind=double-free', false)).toEqual(['right', 'open', 'open']);
    const { block: _, ...blockless } = truth;
    expect(marks('kind=double-free', true, { ...blockless, culprit: undefined })).toEqual([
      'right',
      'right',
      'right',
    ]);
  });
});
