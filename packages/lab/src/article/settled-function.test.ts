import { describe, expect, it } from 'vitest';
import { codeLength, mark } from '../image/code.ts';
import { call, move } from '../image/x64-code.ts';
import { x64Function } from '../image/x64-function.ts';
import { allocated } from '../image/x64-prolog.ts';
import { settled } from './settled-function.ts';

const spec = x64Function(
  'Example',
  [allocated(0x28)],
  [move('rax', 'rcx'), call('Other'), mark('later'), move('rcx', 'rax')],
);

describe('settled', () => {
  it('puts a call and a label where they have to be, and leaves everything else as it was', () => {
    const { at, code } = settled(spec, {
      at: 0x4000,
      anchors: [
        { calls: 'Other', returnsAt: 0x30 },
        { label: 'later', at: 0x40, lead: [move('rdx', 'rax')] },
      ],
      padding: 3,
    });
    expect(at).toBe(0x4000);
    const callAt = code.findIndex(({ calls }) => calls === 'Other');
    expect(codeLength(code.slice(0, callAt + 1))).toBe(0x30);
    const labelAt = code.findIndex((each) => each.mark === 'later');
    expect(codeLength(code.slice(0, labelAt))).toBe(0x40);
    expect(code.filter((each) => spec.code.includes(each))).toEqual(spec.code);
    expect(codeLength(code)).toBe(0x40 + codeLength(spec.code.slice(spec.code.length - 3)) + 3);
  });

  it('refuses what does not fit or is not there', () => {
    const settle = (anchors: Parameters<typeof settled>[1]['anchors']) => () =>
      settled(spec, { at: 0, anchors: anchors! });
    expect(settle([{ label: 'later', at: 4 }])).toThrow('too long');
    expect(settle([{ calls: 'Nobody', returnsAt: 4 }])).toThrow('Nobody');
  });
});
