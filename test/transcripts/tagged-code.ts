import type { KernelWorld, PrepareSite } from '@poolscope/lab';

const tag = (text: string, high = 0): number[] =>
  [0, 1, 2, 3].map((index) => text.charCodeAt(index) | (index === 3 ? high : 0));

const bytes4 = (value: bigint): number[] =>
  [0n, 8n, 16n, 24n].map((shift) => Number((value >> shift) & 0xffn));

/** Code of x64 that uses the tag Leak in every way that is told apart, in the place of nt!KeBugCheckEx. */
export function plantTaggedCode({ space }: KernelWorld, { loaded }: PrepareSite): void {
  const start = loaded.address('nt!KeBugCheckEx');
  const code: number[] = [];
  const here = (): bigint => start + BigInt(code.length);
  const call = (name: string): void => {
    code.push(0xe8, ...bytes4(BigInt.asUintN(32, loaded.address(name) - here() - 5n)));
  };
  const slot = start + 0x90n;
  // mov r8d,'Leak'; mov edx,80h; xor ecx,ecx; call ExAllocatePoolWithTag.
  code.push(0x41, 0xb8, ...tag('Leak'), 0xba, 0x80, 0, 0, 0, 0x33, 0xc9);
  call('nt!ExAllocatePoolWithTag');
  // mov edx,'Leak'; mov rcx,rbx; call ExFreePoolWithTag.
  code.push(0xba, ...tag('Leak'), 0x48, 0x8b, 0xcb);
  call('nt!ExFreePoolWithTag');
  // cmp dword ptr [rbx+4],'Leak'; ret.
  code.push(0x81, 0x7b, 0x04, ...tag('Leak'), 0xc3);
  // mov r8d,'Leak' with the bit that protects it; call ExAllocatePoolWithTag.
  code.push(0x41, 0xb8, ...tag('Leak', 0x80));
  call('nt!ExAllocatePoolWithTag');
  // mov r8d,'Leak'; call IofCallDriver: that takes no tag.
  code.push(0x41, 0xb8, ...tag('Leak'));
  call('nt!IofCallDriver');
  // mov edx,'Leak'; call qword ptr [slot]: the tag is not where the function expects it.
  code.push(0xba, ...tag('Leak'));
  code.push(0xff, 0x15, ...bytes4(BigInt.asUintN(32, slot - here() - 6n)));
  // mov r8d,'Leak'; mov ecx,1; call rax; ret.
  code.push(0x41, 0xb8, ...tag('Leak'), 0xb9, 1, 0, 0, 0, 0xff, 0xd0);
  // mov ecx,'Leak'; call to the instruction behind ret; ret; mov r8d,ecx; call qword ptr [slot]; ret: a function that hands it on.
  code.push(0xb9, ...tag('Leak'), 0xe8, 1, 0, 0, 0, 0xc3, 0x44, 0x8b, 0xc1);
  code.push(0xff, 0x15, ...bytes4(BigInt.asUintN(32, slot - here() - 6n)), 0xc3);
  space.write(start, Uint8Array.from(code));
  space.write(slot, new Uint8Array(BigUint64Array.of(loaded.address('nt!ExAllocatePoolWithTag')).buffer));
}
