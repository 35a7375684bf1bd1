import { describe, expect, it } from 'vitest';
import { constantsAt, TaggedImage, variablesAt } from '../../../test/tagged-image.ts';

const alloc = 'ExAllocatePoolWithTag';
const strong = `strong allocates nt!${alloc}`;

describe('x86: arguments are pushed', () => {
  const built = (write: (image: TaggedImage) => void): TaggedImage => {
    const image = new TaggedImage('x86');
    write(image);
    return image;
  };
  /** push ebp; mov ebp,esp; and the end. */
  const [enter, leave] = [
    [0x55, 0x8b, 0xec],
    [0x5d, 0xc3],
  ];

  it('as the third one; not as another', async () => {
    const image = built((it) => {
      it.begin();
      it.code(enter, 0x68, 'Leak', 0x68, 'Size', [0x6a, 0]);
      it.callSlot(alloc);
      it.code(leave);
    });
    expect(await image.told('Leak')).toEqual([strong]);
    expect(await image.told('Size')).toEqual(['weak unknown']);
  });

  it('before the call that computes another argument, which takes its own', async () => {
    const image = built((it) => {
      const size = it.begin();
      // mov eax,[esp+4]; ret 4.
      it.code([0x8b, 0x44, 0x24, 0x04, 0xc2, 0x04, 0x00]);
      it.begin();
      // push 'Leak'; push 7; call size; push eax; push 0.
      it.code(enter, 0x68, 'Leak', [0x6a, 7]);
      it.call(size);
      it.code([0x50, 0x6a, 0]);
      it.callSlot(alloc);
      it.code(leave);
    });
    expect(await image.told('Leak')).toEqual([strong]);
  });

  it('behind a call whose caller takes the arguments back', async () => {
    const image = built((it) => {
      it.begin();
      // mov dword ptr [esp],'Leak' in room on the stack; push 1; call DbgPrint; add esp,4; push [esp]; push 8; push 0.
      it.code([0x51, 0xc7, 0x04, 0x24], 'Leak', [0x6a, 1]);
      it.callSlot('DbgPrint');
      it.code([0x83, 0xc4, 4, 0xff, 0x34, 0x24, 0x6a, 8, 0x6a, 0]);
      it.callSlot(alloc);
      it.code([0x59, 0xc3]);
    });
    expect(await image.told('Leak')).toEqual([strong]);
  });

  it('through a function, in a register or on the stack, and through a pointer that is loaded once', async () => {
    let wrapper = 0;
    const image = built((it) => {
      wrapper = it.begin();
      // Alloc(tag): mov esi,[slot]; push [ebp+8]; push 10h; push 0; call esi.
      it.code(enter, [0x56, 0x8b, 0x35], it.absolute(it.slot(alloc)), [0xff, 0x75, 8, 0x6a, 0x10, 0x6a, 0]);
      it.code([0xff, 0xd6, 0x5e, 0x5d, 0xc2, 4, 0]);
      it.begin();
      it.code(enter, 0x68, 'Leak');
      it.call(wrapper);
      it.code(leave);
    });
    expect(await image.told('Leak')).toEqual([`strong allocates +${wrapper.toString(16)} nt!${alloc}`]);
  });

  it('out of a variable and out of a table', async () => {
    const image = built((it) => {
      it.begin();
      it.code(enter, [0xff, 0x35], it.absolute(variablesAt + 0x40), [0x6a, 8, 0x6a, 0]);
      it.callSlot(alloc);
      // push dword ptr [eax*4+table].
      it.code([0xff, 0x34, 0x85], it.absolute(constantsAt + 0x100), [0x6a, 8, 0x6a, 0]);
      it.callSlot(alloc);
      it.code(leave);
      it.tag(variablesAt + 0x40, 'Vari');
      it.tag(constantsAt + 0x104, 'Tabl');
    });
    expect(await image.told('Vari')).toEqual([`likely allocates variable nt!${alloc}`]);
    expect(await image.told('Tabl')).toEqual([`likely allocates table nt!${alloc}`]);
  });

  it('the tag of another call is none of this one', async () => {
    const image = built((it) => {
      it.begin();
      it.code(enter, 0x68, 'Leak', [0x6a, 0, 0x6a, 0, 0x6a, 0, 0x50]);
      it.callSlot('ObReferenceObjectByPointerWithTag');
      it.code(0x68, 'Else', [0x6a, 8, 0x6a, 0]);
      it.callSlot(alloc);
      it.code(leave);
    });
    expect(await image.told('Leak')).toEqual(['strong references nt!ObReferenceObjectByPointerWithTag']);
    expect(await image.told('Else')).toEqual([strong]);
  });
});

describe('arm64: arguments are in registers', () => {
  const built = (write: (image: TaggedImage) => void): TaggedImage => {
    const image = new TaggedImage('arm64');
    write(image);
    return image;
  };
  /** stp fp,lr,[sp,#-20h]!; and the end: ldp fp,lr,[sp],#20h; ret. */
  const [enter, leave] = [0xa9be7bfd, [0xa8c27bfd, 0xd65f03c0]];
  const nop = 0xd503201f;

  const half = (text: string, upper: boolean): number =>
    text.charCodeAt(upper ? 2 : 0) | (text.charCodeAt(upper ? 3 : 1) << 8);
  /** MOVZ and MOVK of the two halves of a tag. */
  const move = (register: number, text: string): number[] => [
    0x5280_0000 | (half(text, false) << 5) | register,
    0x72a0_0000 | (half(text, true) << 5) | register,
  ];
  /** ADRP and what follows it: a load of 64 (or 32) bits into a register, or an addition. */
  const page = (it: TaggedImage, rva: number, register: number): number => {
    const pages = (rva >> 12) - (it.here >> 12);
    return 0x9000_0000 | ((pages & 3) << 29) | ((pages >> 2) << 5) | register;
  };
  const load64 = (rva: number, register: number): number =>
    0xf940_0000 | (((rva & 0xfff) >> 3) << 10) | (register << 5) | register;
  const branch = (it: TaggedImage, rva: number, links: boolean): number =>
    (links ? 0x9400_0000 : 0x1400_0000) | (((rva - it.here) >> 2) & 0x3ff_ffff);
  const callSlot = (it: TaggedImage, name: Parameters<TaggedImage['slot']>[0]): void => {
    it.words(page(it, it.slot(name), 8));
    // ldr x8,[x8,#slot]; blr x8.
    it.words(load64(it.slot(name), 8), 0xd63f0100);
  };

  it('in the third one, through the stack and with other instructions between its halves', async () => {
    const image = built((it) => {
      it.begin();
      const [low, high] = move(9, 'Leak');
      // str w9,[sp,#10h]; call; ldr w2,[sp,#10h].
      it.words(enter, low!, nop, nop, nop, nop, nop, high!, 0xb90013e9);
      callSlot(it, 'DbgPrint');
      it.words(0xb94013e2);
      callSlot(it, alloc);
      it.words(...leave);
    });
    expect(await image.told('Leak')).toEqual([strong]);
  });

  it('through a function that hands it on, and one that jumps', async () => {
    let wrapper = 0;
    const image = built((it) => {
      wrapper = it.begin();
      // mov w2,w1; adrp, ldr, br x8.
      it.words(0x2a0103e2);
      it.words(page(it, it.slot(alloc), 8), load64(it.slot(alloc), 8), 0xd61f0100);
      it.begin();
      it.words(enter, ...move(1, 'Leak'));
      it.words(branch(it, wrapper, true), ...leave);
    });
    expect(await image.told('Leak')).toEqual([`strong allocates +${wrapper.toString(16)} nt!${alloc}`]);
  });

  it('out of a constant and out of a table', async () => {
    const image = built((it) => {
      it.begin();
      it.words(enter, page(it, constantsAt, 8));
      // ldr w2,[x8,#100h].
      it.words(0xb9410102);
      callSlot(it, alloc);
      it.words(page(it, constantsAt, 8));
      // add x8,x8,#200h; ldr w2,[x8,x0,lsl #2].
      it.words(0x91080108, 0xb8607902);
      callSlot(it, alloc);
      it.words(...leave);
      it.tag(constantsAt + 0x100, 'Cons');
      it.tag(constantsAt + 0x208, 'Tabl');
    });
    expect(await image.told('Cons')).toEqual([`strong allocates constant nt!${alloc}`]);
    expect(await image.told('Tabl')).toEqual([`likely allocates table nt!${alloc}`]);
  });

  it('out of a literal of 16 bytes, with what stands beside it in a structure', async () => {
    const image = built((it) => {
      it.begin();
      // ldr q16,[literal]; str q16,[sp,#10h]; add x1,sp,#10h.
      it.words(enter, 0x9c000000 | (8 << 5) | 16, 0x3d8007f0, 0x910043e1);
      callSlot(it, 'NdisAllocateNetBufferListPool');
      it.words(...leave);
      while (it.here % 16 !== 4) it.words(0);
      it.words(1, 2);
      it.tag(it.here, 'Leak');
    });
    expect(await image.told('Leak')).toEqual(['strong allocates nt!NdisAllocateNetBufferListPool']);
  });

  it('not where it is freed, nor in another register', async () => {
    const image = built((it) => {
      it.begin();
      it.words(enter, ...move(1, 'Free'));
      callSlot(it, 'ExFreePoolWithTag');
      it.words(...move(3, 'Leak'));
      callSlot(it, alloc);
      it.words(...leave);
    });
    expect(await image.told('Free')).toEqual(['strong frees nt!ExFreePoolWithTag']);
    expect(await image.told('Leak')).toEqual(['weak unknown']);
  });
});
