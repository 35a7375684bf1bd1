import { describe, expect, it } from 'vitest';
import { deedOf } from './log-deed.ts';

describe('a record of the verifier', () => {
  it.each([
    ['allocation', ['nt!VeAllocatePoolWithTagPriority+0x2d1', 'nt!VerifierExAllocatePoolEx+0x50', 'a+0x10']],
    ['allocation', ['nt+0x1234', 'nt!VerifierExAllocatePoolWithTag+0x6c', 'myfault!Work+0x20']],
    ['allocation', ['nt!ExAllocatePoolWithTagPriority_internal_wrapper+0x3', 'a+0x10']],
    ['free', ['nt!VfFreePoolNotification+0x4a', 'nt!ExFreePoolWithTag+0x2b1', 'a+0x10']],
    ['free', ['nt!VerifierExFreePoolWithTag+0x44', 'myfault!Work+0x60']],
    ['free', [undefined, 'nt!ExFreePool+0x1', 'a+0x10']],
  ] as const)('is %s by %j', (deed, names) => expect(deedOf(names)).toBe(deed));

  it.each([
    [[]],
    [['nt+0x100', 'nt+0x200', 'myfault+0x10']],
    [['myfault!FreeAll+0x3', 'nt!ExFreePool+0x1']],
    [['nt!IofCallDriver+0x50']],
  ])('does not tell by %j', (names) => expect(deedOf(names)).toBeUndefined());
});
