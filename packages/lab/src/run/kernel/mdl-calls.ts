import { fourCc } from '../../bytes/integers.ts';
import { mark } from '../../image/code.ts';
import type { FunctionSpec } from '../../image/image-spec.ts';
import {
  call,
  lea,
  leaOperand,
  load,
  move,
  moveFrom,
  moveImmediate,
  moveTo,
  store,
} from '../../image/x64-code.ts';
import { and, jumpIf, or, shiftRight, test, xor } from '../../image/x64-data.ts';
import { x64Function } from '../../image/x64-function.ts';
import { at, atIndex } from '../../image/x64-operands.ts';
import { allocated, type PrologStep, pushedAll } from '../../image/x64-prolog.ts';
import { intrinsic } from '../code-map.ts';
import type { KernelServices } from '../kernel-services.ts';

/** Offsets of an MDL of x64, the same from Windows XP on; page numbers follow. */
const mdl = {
  size: 0x08,
  flags: 0x0a,
  mapped: 0x18,
  startVa: 0x20,
  byteCount: 0x28,
  byteOffset: 0x2c,
  pages: 0x30,
};
/** MDL_SOURCE_IS_NONPAGED_POOL */
const sourceIsNonPaged = 4;
const pageMask = 0xfff;

/** Address in rcx, length in edx: an MDL for it, with room for its pages' numbers. */
const allocateMdl = (): FunctionSpec<PrologStep> =>
  x64Function(
    'IoAllocateMdl',
    [...pushedAll('rbx', 'rbp', 'rsi', 'rdi'), allocated(0x28)],
    [
      move('rbx', 'rcx'),
      moveTo('rbp', 'rdx', 4),
      moveTo('rsi', 'rcx', 4),
      and('rsi', pageMask, 4),
      // Pages that the buffer touches.
      leaOperand('rdi', { base: 'rsi', index: 'rbp', offset: pageMask }),
      shiftRight('rdi', 12),
      leaOperand('rdi', { base: 'rdi', index: 'rdi', offset: 0 }),
      leaOperand('rdi', { base: 'rdi', index: 'rdi', offset: 0 }),
      leaOperand('rdi', { base: 'rdi', index: 'rdi', offset: mdl.pages }),
      xor('rcx', 'rcx', 4),
      move('rdx', 'rdi'),
      moveImmediate('r8', fourCc('Mdl ')),
      call('ExAllocatePoolWithTag'),
      test('rax', 'rax'),
      jumpIf('e', 'out'),
      xor('rcx', 'rcx', 4),
      store('rax', 0, 'rcx'),
      store('rax', 0x10, 'rcx'),
      store('rax', mdl.mapped, 'rcx'),
      moveTo(at('rax', mdl.size), 'rdi', 2),
      moveTo(at('rax', mdl.flags), 'rcx', 2),
      and('rbx', -0x1000),
      store('rax', mdl.startVa, 'rbx'),
      moveTo(at('rax', mdl.byteCount), 'rbp', 4),
      moveTo(at('rax', mdl.byteOffset), 'rsi', 4),
      mark('out'),
    ],
    { exported: true },
  );

const freeMdl = (): FunctionSpec<PrologStep> =>
  x64Function('IoFreeMdl', [allocated(0x28)], [xor('rdx', 'rdx', 4), call('ExFreePoolWithTag')], {
    exported: true,
  });

/** The page numbers of a buffer in nonpaged pool; its own address is where it is mapped. */
const buildMdl = (services: KernelServices): FunctionSpec<PrologStep> =>
  x64Function(
    'MmBuildMdlForNonPagedPool',
    [...pushedAll('rbx'), allocated(0x20)],
    [
      move('rbx', 'rcx'),
      moveFrom('rax', at('rbx', mdl.byteOffset), 4),
      load('rdx', 'rbx', mdl.startVa),
      leaOperand('rax', atIndex('rax', 'rdx')),
      store('rbx', mdl.mapped, 'rax'),
      or(at('rbx', mdl.flags), sourceIsNonPaged, 2),
      lea('rcx', 'rbx', mdl.pages),
      intrinsic((cpu) => {
        const { rbx, rcx } = cpu.registers;
        const start = cpu.read(rbx + BigInt(mdl.startVa), 8);
        const bytes = cpu.read(rbx + BigInt(mdl.byteCount), 4) + cpu.read(rbx + BigInt(mdl.byteOffset), 4);
        for (let done = 0n; done < bytes; done += 0x1000n)
          cpu.write(rcx + done / 0x200n, 8, services.pageNumber(start + done));
      }),
    ],
    { exported: true },
  );

export const mdlFunctions = (services: KernelServices): FunctionSpec<PrologStep>[] => [
  allocateMdl(),
  freeMdl(),
  buildMdl(services),
];
