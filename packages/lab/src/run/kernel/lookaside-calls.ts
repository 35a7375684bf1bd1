import { mark } from '../../image/code.ts';
import type { FunctionSpec } from '../../image/image-spec.ts';
import {
  call,
  callTo,
  jump,
  lea,
  leaSymbol,
  load,
  move,
  moveFrom,
  moveTo,
  store,
} from '../../image/x64-code.ts';
import {
  add,
  and,
  decrement,
  jumpIf,
  moveConstant,
  or,
  shortJumpIf,
  test,
  xor,
} from '../../image/x64-data.ts';
import { x64Function } from '../../image/x64-function.ts';
import { at } from '../../image/x64-operands.ts';
import { allocated, type PrologStep, pushedAll } from '../../image/x64-prolog.ts';

/** GENERAL_LOOKASIDE of x64, the same from Windows 7 to 11; it begins with an SLIST_HEADER. */
export const lookaside = {
  size: 0x80,
  depth: 0x10,
  maximumDepth: 0x12,
  totalAllocates: 0x14,
  allocateMisses: 0x18,
  totalFrees: 0x1c,
  freeMisses: 0x20,
  type: 0x24,
  tag: 0x28,
  bytes: 0x2c,
  allocate: 0x30,
  free: 0x38,
  entry: 0x40,
} as const;

/** Fewest entries that a list keeps, and most of them. */
const [minimumDepth, maximumDepth] = [4, 0x100];
const nxAllocation = 0x200;
/** One more entry, and one more change. */
const pushed = 0x1_0001;

/** Header in rcx: its first entry comes back, or 0. The entry's link is read: where the block is gone, this faults. */
const pop = (): FunctionSpec<PrologStep> =>
  x64Function(
    'ExpInterlockedPopEntrySList',
    [],
    [
      load('r8', 'rcx', 8),
      move('rax', 'r8'),
      and('rax', -16),
      shortJumpIf('e', 'empty'),
      load('rdx', 'rax', 0),
      and('r8', 0xf),
      or('r8', 'rdx'),
      store('rcx', 8, 'r8'),
      decrement(at('rcx'), 2),
      mark('empty'),
    ],
    { exported: true },
  );

/** Header in rcx, entry in rdx: what was first before comes back. */
const push = (): FunctionSpec<PrologStep> =>
  x64Function(
    'ExpInterlockedPushEntrySList',
    [],
    [
      load('r8', 'rcx', 8),
      move('rax', 'r8'),
      and('rax', -16),
      store('rdx', 0, 'rax'),
      and('r8', 0xf),
      or('r8', 'rdx'),
      store('rcx', 8, 'r8'),
      add(at('rcx'), pushed),
    ],
    { exported: true },
  );

/** List in rcx, allocate in rdx, free in r8, flags in r9d; bytes and tag on the stack. */
const initialize = (headerBits: number): FunctionSpec<PrologStep> =>
  x64Function(
    'ExInitializeNPagedLookasideList',
    [allocated(0x28)],
    [
      xor('rax', 'rax', 4),
      ...[0, 0x18, 0x20, 0x50, 0x58].map((offset) => store('rcx', offset, 'rax')),
      moveConstant(at('rcx', 8), headerBits),
      moveConstant(at('rcx', lookaside.depth), minimumDepth, 2),
      moveConstant(at('rcx', lookaside.maximumDepth), maximumDepth, 2),
      moveTo(at('rcx', lookaside.totalAllocates), 'rax', 4),
      and('r9', nxAllocation, 4),
      moveTo(at('rcx', lookaside.type), 'r9', 4),
      moveFrom('rax', at('rsp', 0x58), 4),
      moveTo(at('rcx', lookaside.tag), 'rax', 4),
      moveFrom('rax', at('rsp', 0x50), 4),
      moveTo(at('rcx', lookaside.bytes), 'rax', 4),
      test('rdx', 'rdx'),
      jumpIf('ne', 'allocates'),
      leaSymbol('rdx', 'ExAllocatePoolWithTag'),
      mark('allocates'),
      store('rcx', lookaside.allocate, 'rdx'),
      test('r8', 'r8'),
      jumpIf('ne', 'frees'),
      leaSymbol('r8', 'ExFreePool'),
      mark('frees'),
      store('rcx', lookaside.free, 'r8'),
      // At the end of the ring of all such lists.
      lea('rdx', 'rcx', lookaside.entry),
      leaSymbol('rax', 'ExNPagedLookasideListHead'),
      load('r8', 'rax', 8),
      store('rdx', 0, 'rax'),
      store('rdx', 8, 'r8'),
      store('r8', 0, 'rdx'),
      store('rax', 8, 'rdx'),
    ],
    { exported: true },
  );

/** List in rcx: it leaves the ring, and its entries are freed. */
const remove = (): FunctionSpec<PrologStep> =>
  x64Function(
    'ExDeleteNPagedLookasideList',
    [...pushedAll('rbx', 'rsi'), allocated(0x28)],
    [
      move('rbx', 'rcx'),
      load('rax', 'rbx', lookaside.entry),
      load('rdx', 'rbx', lookaside.entry + 8),
      store('rdx', 0, 'rax'),
      store('rax', 8, 'rdx'),
      mark('next'),
      move('rcx', 'rbx'),
      call('ExpInterlockedPopEntrySList'),
      test('rax', 'rax'),
      jumpIf('e', 'done'),
      move('rcx', 'rax'),
      callTo(at('rbx', lookaside.free)),
      jump('next'),
      mark('done'),
    ],
    { exported: true },
  );

/** Lists of spare blocks that drivers keep: what their headers do not do in the driver itself. */
export const lookasideFunctions = (headerBits: number): FunctionSpec<PrologStep>[] => [
  pop(),
  push(),
  initialize(headerBits),
  remove(),
];
