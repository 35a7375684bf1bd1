import { describe, expect, it } from 'vitest';
import { TaggedImage, variablesAt } from '../../../test/tagged-image.ts';
import { loadDisassembler } from '../../disasm/index.ts';
import { builtInOwners } from '../../pool/index.ts';
import { suspectsByTag } from './suspects-by-tag.ts';

/** A system with one driver, as far as tags go. */
async function sceneOf(image: TaggedImage) {
  const module = { name: 'drv', image: 'drv.sys', base: image.base, size: image.bytes.length };
  const system = {
    symbols: { modules: [{ module, image }], nameOf: image.nameOf },
    disassembler: await loadDisassembler(image.machine),
    modules: [module],
    shortText: (va: bigint) => va.toString(16),
  };
  return { system, owners: builtInOwners() } as never;
}

const alloc = (image: TaggedImage, ...load: readonly (number | string | readonly number[])[]): void => {
  image.begin();
  image.code([0x48, 0x83, 0xec, 0x28], ...load);
  image.callSlot('ExAllocatePoolWithTag');
  image.code([0x48, 0x83, 0xc4, 0x28, 0xc3]);
};

describe('suspects by the tag of a block', () => {
  it('who allocates through a function of its own is as suspect as who calls the allocator itself', async () => {
    const image = new TaggedImage('x64');
    const wrapper = image.here + 16;
    alloc(image, [0x44, 0x8b, 0xc1]);
    image.begin();
    image.code([0x48, 0x83, 0xec, 0x28, 0xb9], 'Leak');
    image.call(wrapper);
    image.code([0x48, 0x83, 0xc4, 0x28, 0xc3]);
    const [suspect, ...others] = suspectsByTag(await sceneOf(image), 'Leak');
    expect(others).toEqual([]);
    expect(suspect).toMatchObject({ module: 'drv.sys', rule: 'uses-tag' });
    expect(suspect!.because).toContain(`through ${(image.base + BigInt(wrapper)).toString(16)}`);
  });

  it('a variable says less, and that is told', async () => {
    const image = new TaggedImage('x64');
    image.begin();
    image.code([0x48, 0x83, 0xec, 0x28, 0x44, 0x8b, 0x05]);
    image.code(image.near(variablesAt + 0x40));
    image.callSlot('ExAllocatePoolWithTag');
    image.code([0x48, 0x83, 0xc4, 0x28, 0xc3]);
    image.tag(variablesAt + 0x40, 'Leak');
    const [suspect] = suspectsByTag(await sceneOf(image), 'Leak');
    expect(suspect).toMatchObject({ module: 'drv.sys', rule: 'keeps-tag' });
    expect(suspect!.ground!.claim).toContain('may have had another value');
  });

  it('of two ways the surer one counts; a free is a hint', async () => {
    const image = new TaggedImage('x64');
    image.tag(variablesAt + 0x40, 'Leak');
    image.begin();
    image.code([0x48, 0x83, 0xec, 0x28, 0x44, 0x8b, 0x05]);
    image.code(image.near(variablesAt + 0x40));
    image.callSlot('ExAllocatePoolWithTag');
    image.code([0x48, 0x83, 0xc4, 0x28, 0xc3]);
    alloc(image, [0x41, 0xb8], 'Leak');
    image.begin();
    image.code([0x48, 0x83, 0xec, 0x28, 0xba], 'Free');
    image.callSlot('ExFreePoolWithTag');
    image.code([0x48, 0x83, 0xc4, 0x28, 0xc3]);
    const scene = await sceneOf(image);
    expect(suspectsByTag(scene, 'Leak')).toMatchObject([{ rule: 'uses-tag' }]);
    expect(suspectsByTag(scene, 'Free')).toMatchObject([{ rule: 'names-tag' }]);
    expect(suspectsByTag(scene, 'Size')).toEqual([]);
  });
});
