import { expect, it } from 'vitest';
import type { ObjectKernel } from './index.ts';
import { findObject } from './object-path.ts';

const kernelOf = (value: bigint | undefined): ObjectKernel =>
  ({
    target: {
      pointerSize: 8,
      readPointer: () => value,
      whyUnreadable: () => (value === undefined ? 'the bytes are not in this dump' : undefined),
    },
    data: { value: { address: () => 0xffff_f800_0000_1000n } },
    symbols: { findAddress: () => undefined },
    structures: { find: () => ({}) },
  }) as unknown as ObjectKernel;

it('a root that is null is told apart from one that is missing', () => {
  expect(() => findObject(kernelOf(0n), '\\')).toThrow(
    expect.objectContaining({
      code: 'NO_SUCH_RECORD',
      message: 'there is no root of the object names: nt!ObpRootDirectoryObject at fffff800`00001000 is null',
    }),
  );
  expect(() => findObject(kernelOf(undefined), '\\')).toThrow(
    expect.objectContaining({
      code: 'MEMORY_UNREADABLE',
      message: expect.stringContaining('the bytes are not in this dump') as string,
    }),
  );
});
