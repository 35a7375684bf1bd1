import { describe, expect, it } from 'vitest';
import { constantsAt, TaggedImage, variablesAt } from '../../../test/tagged-image.ts';

const alloc = 'ExAllocatePoolWithTag';
const strong = `strong allocates nt!${alloc}`;
/** sub rsp,28h; add rsp,28h; ret. */
const [enter, leave] = [
  [0x48, 0x83, 0xec, 0x28],
  [0x48, 0x83, 0xc4, 0x28, 0xc3],
];
/** mov r8d,imm32; mov ecx,imm32; mov r8d,ecx. */
const [movR8, movEcx, r8FromEcx] = [[0x41, 0xb8], [0xb9], [0x44, 0x8b, 0xc1]];

const built = (write: (image: TaggedImage) => void): TaggedImage => {
  const image = new TaggedImage('x64');
  write(image);
  return image;
};

/** `Alloc(tag)`: hands its first argument on as the tag. */
function writeWrapper(image: TaggedImage): number {
  const start = image.begin();
  image.code(enter, r8FromEcx);
  image.callSlot(alloc);
  image.code(leave);
  return start;
}

describe('x64: a tag is followed', () => {
  it('far behind the instruction, through a register that calls leave alone', async () => {
    const image = built((it) => {
      it.begin();
      // mov ebx,'Leak'; many calls; mov r8d,ebx.
      it.code(enter, 0xbb, 'Leak');
      for (let count = 0; count < 20; count++) it.callSlot('DbgPrint');
      it.code([0x44, 0x8b, 0xc3]);
      it.callSlot(alloc);
      it.code(leave);
    });
    expect(await image.told('Leak')).toEqual([strong]);
  });

  it('not through a register that a call may change', async () => {
    const image = built((it) => {
      it.begin();
      it.code(enter, movR8, 'Leak');
      it.callSlot('DbgPrint');
      it.callSlot(alloc);
      it.code(leave);
    });
    expect(await image.told('Leak')).toEqual(['weak unknown']);
  });

  it('through a function that hands it on, and through two', async () => {
    let [inner, outer] = [0, 0];
    const image = built((it) => {
      inner = writeWrapper(it);
      outer = it.begin();
      // Outer(x, tag): mov ecx,edx.
      it.code(enter, [0x8b, 0xca]);
      it.call(inner);
      it.code(leave);
      it.begin();
      it.code(enter, movEcx, 'One_');
      it.call(inner);
      it.code(0xba, 'Two_');
      it.call(outer);
      it.code(leave);
    });
    expect(await image.told('One_')).toEqual([`strong allocates +${inner.toString(16)} nt!${alloc}`]);
    expect(await image.told('Two_')).toEqual([
      `strong allocates +${outer.toString(16)} +${inner.toString(16)} nt!${alloc}`,
    ]);
  });

  it('through a jump instead of a call, and a jump through the import table', async () => {
    const image = built((it) => {
      const thunk = it.begin();
      it.code([0xff, 0x25]);
      it.code(it.near(it.slot(alloc)));
      it.begin();
      // mov r8d,'Leak'; jmp thunk.
      it.code(movR8, 'Leak', 0xe9);
      it.code(it.near(thunk));
    });
    expect(await image.told('Leak')).toEqual([strong]);
  });

  it('through a word of the stack, and on both ways of a branch', async () => {
    const image = built((it) => {
      it.begin();
      // mov dword ptr [rsp+30h],'Leak'; test edx,edx; je over; mov dword ptr [rsp+30h],'Else'; over: mov r8d,[rsp+30h].
      it.code(enter, [0xc7, 0x44, 0x24, 0x30], 'Leak', [0x85, 0xd2, 0x74, 0x08]);
      it.code([0xc7, 0x44, 0x24, 0x30], 'Else', [0x44, 0x8b, 0x44, 0x24, 0x30]);
      it.callSlot(alloc);
      it.code(leave);
    });
    expect(await image.told('Leak')).toEqual([strong]);
    expect(await image.told('Else')).toEqual([strong]);
  });

  it('not out of a word of the stack that got another value', async () => {
    const image = built((it) => {
      it.begin();
      it.code(enter, [0xc7, 0x44, 0x24, 0x30], 'Leak', [0xc7, 0x44, 0x24, 0x30], 'Else');
      it.code([0x44, 0x8b, 0x44, 0x24, 0x30]);
      it.callSlot(alloc);
      it.code(leave);
    });
    expect(await image.told('Leak')).toEqual(['weak unknown']);
  });

  it('with its bytes turned round, and with the bit that protects it', async () => {
    const image = built((it) => {
      it.begin();
      // mov ecx,'kaeL'; bswap ecx; or ecx,80000000h; mov r8d,ecx.
      it.code(enter, movEcx, 'kaeL', [0x0f, 0xc9, 0x81, 0xc9, 0, 0, 0, 0x80], r8FromEcx);
      it.callSlot(alloc);
      it.code(leave);
    });
    expect(await image.told('Leak')).toEqual([strong]);
  });

  it('out of what a function gives back', async () => {
    const image = built((it) => {
      const giver = it.begin();
      it.code(0xb8, 'Leak', 0xc3);
      it.begin();
      it.code(enter);
      it.call(giver);
      it.code([0x44, 0x8b, 0xc0]);
      it.callSlot(alloc);
      it.code(leave);
    });
    expect(await image.told('Leak')).toEqual(['weak unknown', `strong allocates result nt!${alloc}`]);
  });

  it('into a structure whose address the function gets', async () => {
    const image = built((it) => {
      it.begin();
      // mov dword ptr [rsp+28h],'Leak'; lea rdx,[rsp+20h].
      it.code(enter, [0xc7, 0x44, 0x24, 0x28], 'Leak', [0x48, 0x8d, 0x54, 0x24, 0x20]);
      it.callSlot('NdisAllocateNetBufferListPool');
      it.code(leave);
    });
    expect(await image.told('Leak')).toEqual(['strong allocates nt!NdisAllocateNetBufferListPool']);
  });

  it('to a function of the driver framework, by its place in the table', async () => {
    const image = built((it) => {
      it.begin();
      // mov rax,[table]; mov r9d,'Leak'; mov rax,[rax+600h]; call rax.
      it.code(enter, [0x48, 0x8b, 0x05]);
      it.code(it.near(variablesAt), [0x41, 0xb9], 'Leak', [0x48, 0x8b, 0x80, 0, 6, 0, 0, 0xff, 0xd0], leave);
    });
    expect(await image.told('Leak')).toEqual(['strong allocates Wdf01000!WdfMemoryCreate']);
  });
});

describe('x64: a tag that is data', () => {
  const loads = (opcode: readonly number[], at: number, rest: readonly number[] = []) =>
    built((it) => {
      it.begin();
      it.code(enter, opcode);
      it.code(opcode.length === 3 ? it.near(at) : [], rest);
      it.callSlot(alloc);
      it.code(leave);
      it.tag(at, 'Leak');
    });

  it('TC-4: constant, or a variable: told apart', async () => {
    // mov r8d,[place].
    const load = [0x44, 0x8b, 0x05];
    expect(await loads(load, constantsAt + 0x100).told('Leak')).toEqual([
      `strong allocates constant nt!${alloc}`,
    ]);
    expect(await loads(load, variablesAt + 0x100).told('Leak')).toEqual([
      `likely allocates variable nt!${alloc}`,
    ]);
  });

  it('one of a table; what lies behind another thing that code names is none of it', async () => {
    const table = (other: boolean) =>
      built((it) => {
        it.begin();
        // lea rax,[table]; mov r8d,[rax+rdx*4].
        it.code(enter, [0x48, 0x8d, 0x05]);
        it.code(it.near(constantsAt + 0x100), [0x44, 0x8b, 0x04, 0x90]);
        it.callSlot(alloc);
        if (other) {
          it.code([0x3b, 0x0d]);
          it.code(it.near(constantsAt + 0x10c));
        }
        it.code(leave);
        it.tag(constantsAt + 0x10c, 'Leak');
      });
    expect(await table(false).told('Leak')).toEqual([`likely allocates table nt!${alloc}`]);
    expect(await table(true).told('Leak')).toEqual([]);
  });

  it('one of a table that a loop goes through', async () => {
    const image = built((it) => {
      it.begin();
      // lea rbx,[table]; loop: mov r8d,[rbx+8]; call; add rbx,10h; test eax,eax; jne loop.
      it.code(enter, [0x48, 0x8d, 0x1d]);
      it.code(it.near(constantsAt + 0x100));
      const loop = it.here;
      it.code([0x44, 0x8b, 0x43, 8]);
      it.callSlot(alloc);
      it.code([0x48, 0x83, 0xc3, 0x10, 0x85, 0xc0, 0x75]);
      it.code((loop - it.here - 1) & 0xff, leave);
      it.tag(constantsAt + 0x128, 'Leak');
    });
    expect(await image.told('Leak')).toEqual([`likely allocates table nt!${alloc}`]);
  });

  it('TC-3: four bytes of data that no code takes as a tag accuse nobody', async () => {
    const image = loads([0x44, 0x8b, 0x05], variablesAt + 0x200);
    image.tag(variablesAt + 0x200, 'Else');
    image.tag(variablesAt + 0x400, 'Leak');
    expect(await image.told('Leak')).toEqual([]);
  });

  it('a variable or a member that the code itself sets', async () => {
    const image = built((it) => {
      it.begin();
      // mov dword ptr [variable],'Vari'; mov dword ptr [rcx+2Ch],'Memb'; ret.
      it.code([0xc7, 0x05]);
      it.code(it.dword(variablesAt + 0x80 - it.here - 8), 'Vari', [0xc7, 0x41, 0x2c], 'Memb', 0xc3);
      it.begin();
      it.code(enter, [0x44, 0x8b, 0x05]);
      it.code(it.near(variablesAt + 0x80));
      it.callSlot(alloc);
      it.code(leave);
      it.begin();
      // mov r8d,[rcx+2Ch].
      it.code(enter, [0x44, 0x8b, 0x41, 0x2c]);
      it.callSlot(alloc);
      it.code(leave);
    });
    expect(await image.told('Vari')).toEqual(['weak unknown', `likely allocates variable nt!${alloc}`]);
    expect(await image.told('Memb')).toEqual(['weak unknown', `likely allocates member nt!${alloc}`]);
  });
});

describe('x64: traps', () => {
  it('TC-2: a comparison allocates nothing, even before a call that does', async () => {
    const image = built((it) => {
      it.begin();
      it.code(enter, [0x81, 0xf9], 'Leak', movR8, 'Else');
      it.callSlot(alloc);
      it.code(leave);
    });
    expect(await image.told('Leak')).toEqual(['weak compares']);
  });

  it('TC-2: a free stays one, through a function too', async () => {
    let free = 0;
    const image = built((it) => {
      free = it.begin();
      // Free(tag): mov edx,ecx.
      it.code(enter, [0x8b, 0xd1]);
      it.callSlot('ExFreePoolWithTag');
      it.code(leave);
      it.begin();
      it.code(enter, 0xba, 'Leak');
      it.callSlot('ExFreePoolWithTag');
      it.code(movEcx, 'Else');
      it.call(free);
      it.code(leave);
    });
    expect(await image.told('Leak')).toEqual(['strong frees nt!ExFreePoolWithTag']);
    expect(await image.told('Else')).toEqual([`strong frees +${free.toString(16)} nt!ExFreePoolWithTag`]);
  });

  it('TC-1: a number that a function ignores is no tag, nor is a size', async () => {
    const image = built((it) => {
      const ignores = it.begin();
      it.code(enter, movR8, 'Else');
      it.callSlot(alloc);
      it.code(leave);
      it.begin();
      it.code(enter, movEcx, 'Leak');
      it.call(ignores);
      it.code(0xba, 'Size', movR8, 'Othr');
      it.callSlot(alloc);
      it.code(leave);
    });
    expect(await image.told('Leak')).toEqual(['weak unknown']);
    expect(await image.told('Size')).toEqual(['weak unknown']);
  });

  it('TC-5: a function that calls itself, and two that call each other, end', async () => {
    const image = built((it) => {
      const start = it.begin();
      const second = start + 0x40;
      // test edx,edx; je over; call itself and the other; over: mov r8d,ecx.
      it.code(enter, [0x85, 0xd2, 0x74, 0x0a]);
      it.call(start);
      it.call(second);
      it.code(r8FromEcx);
      it.callSlot(alloc);
      it.code(leave);
      while (it.here < second) it.code(0xcc);
      it.code(enter);
      it.call(start);
      it.code(leave);
      it.begin();
      it.code(enter, movEcx, 'Leak');
      it.call(second);
      it.code(leave);
    });
    const [told] = await image.told('Leak');
    expect(told).toMatch(/^strong allocates .*ExAllocatePoolWithTag$/);
  });

  it('text and the insides of other instructions are no code', async () => {
    const image = built((it) => {
      it.begin();
      // mov rax, a number with the bytes of mov ecx,'Leak' in it.
      it.code(enter, [0x48, 0xb8, 0, 0, 0, 0xb9], 'Leak');
      it.callSlot('DbgPrint');
      it.code(leave);
    });
    expect(await image.told('Leak')).toEqual(['weak unknown']);
    expect((await image.usersOf('Leak'))[0]!.text).toMatch(/^mov rax/);
  });

  it('code that jumps into itself and out of the image ends', async () => {
    const image = built((it) => {
      const start = it.begin();
      it.code(movEcx, 'Leak', [0x74, 0xfe, 0x75, 0xff, 0xe9, 0xff, 0xff, 0xff, 0x7f]);
      it.code(0xe9);
      it.code(it.near(start + 1));
    });
    expect(await image.told('Leak')).toEqual(['weak unknown']);
  });
});

describe('x64: contexts of a minifilter', () => {
  const registered = (types: readonly number[]) =>
    built((it) => {
      for (const [index, type] of types.entries()) {
        const at = variablesAt + 0x100 + index * 0x38;
        it.u32(at, type);
        it.u32(at + 0x10, 0x40);
        it.tag(at + 0x18, index === 1 ? 'Leak' : 'Else');
      }
    });

  it('a list of them, which has an end', async () => {
    expect(await registered([8, 0x10, 0xffff]).told('Leak')).toEqual(['strong allocates contexts']);
    expect(await registered([8, 0x10, 3]).told('Leak')).toEqual([]);
    expect(await registered([8, 5, 0xffff]).told('Leak')).toEqual([]);
  });
});
