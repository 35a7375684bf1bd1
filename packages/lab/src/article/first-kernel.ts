import { mark, raw } from '../image/code.ts';
import type { FunctionSpec } from '../image/image-spec.ts';
import { call, jump, lea } from '../image/x64-code.ts';
import { x64Function } from '../image/x64-function.ts';
import { allocated, frameAt, type PrologStep, pushedAll } from '../image/x64-prolog.ts';
import { part1 } from './facts.ts';
import { placedFunction } from './placed-function.ts';

const rva = (address: bigint): number => Number(address - part1.kernelBase);
const everyRegister = pushedAll('rbp', 'rbx', 'rsi', 'rdi', 'r12', 'r13', 'r14', 'r15');

const { code, movedBy } = part1;
const lock = raw(code.lock.bytes);
const list = raw(code.list);
const fault = raw(code.fault);
/** What follows the faulting instruction in another order than before: pieces that no other one overlaps. */
const codeEnd = 0xab0;

/**
 * The allocator: it takes the lock of the descriptor, finds that the list of free blocks is not empty, and follows the link
 * of its first one. All of its code but that is unknown.
 */
const allocatePoolWithTag = placedFunction(
  'ExAllocatePoolWithTag',
  rva(part1.allocatePoolWithTag),
  [...everyRegister, allocated(0x68)],
  [
    { code: [mark('lock'), lock], end: code.at + lock.length },
    { code: [mark('list'), list], end: code.at + lock.length + list.length },
    { code: [mark('fault'), fault], end: code.at + lock.length + list.length + fault.length },
    { code: [], end: codeEnd },
  ],
  {
    exported: true,
    inlines: [{ name: code.lock.name, ranges: [{ from: 'lock', to: 'fault' }] }],
    moved: {
      blocks: [
        { at: 0, offset: 0 },
        { at: 0x400, offset: 0x400 + movedBy.fault },
        { at: 0x700, offset: 0x1000 },
        movedBy.lockIsTaken,
        { at: 0xa00, offset: 0x1100 },
        movedBy.listIsEmpty,
      ],
    },
  },
);

/** It passes a tag of its own on: `None`. */
const allocatePool = {
  ...x64Function(
    'ExAllocatePool',
    [],
    [raw('41 b8 4e 6f 6e 65'), jump('ExAllocatePoolWithTag'), raw('90'.repeat(21))],
    { exported: true, noEpilog: true },
  ),
  at: rva(part1.allocatePool),
};

/** Its frame has room for more than that of other builds: that is where the context record lies. */
export const contextOffset = 0x90;
const dispatchException = x64Function(
  'KiDispatchException',
  [...everyRegister, allocated(0x6d8), frameAt('rbp', 0x80)],
  [lea('rdx', 'rbp', 0x20), call('RtlDispatchException')],
);

/** Functions of the kernel of part 1 that stand in for the usual ones. */
export const firstKernelFunctions: readonly FunctionSpec<PrologStep>[] = [
  dispatchException,
  allocatePool,
  allocatePoolWithTag,
];
