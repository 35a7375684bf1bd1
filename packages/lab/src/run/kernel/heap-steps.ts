import type { FunctionSpec } from '../../image/image-spec.ts';
import { call, lea, leaSymbol, move, moveImmediate, moveTo, store } from '../../image/x64-code.ts';
import { moveConstant, nothing, xor } from '../../image/x64-data.ts';
import { x64Function } from '../../image/x64-function.ts';
import { at } from '../../image/x64-operands.ts';
import { allocated, type PrologStep, pushed, pushedAll, saved } from '../../image/x64-prolog.ts';
import type { X64Register } from '../../image/x64-registers.ts';
import { type HeapFailure, lastSteps } from './heap-failure.ts';

/** A function of the heap: bytes of its frame with the return address, and the functions that it calls. */
interface HeapStep {
  readonly frame: number;
  readonly calls?: readonly string[];
}

const treeCalls = ['RtlRbRemoveNode', 'RtlRbInsertNodeEx'] as const;
const freeChunk = ['RtlpHpVsFreeChunkRemove', 'RtlpHpVsFreeChunkInsert', ...treeCalls] as const;
const coalesce = [
  'RtlpHpVsChunkCoalesce',
  'RtlpHpVsChunkSplit',
  'RtlpHpVsSubsegmentFree',
  ...freeChunk,
] as const;
const ranges = [
  'RtlpHpSegFreeRangeRemove',
  'RtlpHpSegFreeRangeInsert',
  'RtlpHpSegPageRangeCoalesce',
  'RtlpHpSegPageRangeSplit',
  ...treeCalls,
] as const;

/**
 * Functions of nt in which the segment heap's work is done. The names are those of 19041; which calls which, and the frames of
 * RtlpHpVsContextAllocateInternal, RtlpHpVsChunkCoalesce, RtlRbRemoveNode and RtlpHpLfhSubsegmentFreeBlock, was seen in public
 * stacks; the other frames are guesses.
 */
const steps: Readonly<Record<string, HeapStep>> = {
  RtlpHpVsContextAllocateInternal: {
    frame: 0x60,
    calls: ['RtlpHpVsSubsegmentCreate', 'RtlpHpVsSubsegmentCommitPages', 'RtlpHpVsChunkSplit', ...freeChunk],
  },
  RtlpHpVsContextFree: {
    frame: 0x90,
    calls: ['RtlpHpVsContextFreeList', 'RtlpHpVsContextFreeInternal', ...coalesce],
  },
  RtlpHpVsContextFreeList: { frame: 0x60, calls: ['RtlpHpVsContextFreeInternal', ...coalesce] },
  RtlpHpVsContextFreeInternal: { frame: 0x80, calls: coalesce },
  RtlpHpVsChunkCoalesce: { frame: 0x60, calls: ['RtlpHpVsFreeChunkRemove', ...treeCalls] },
  RtlpHpVsChunkSplit: { frame: 0x80, calls: freeChunk },
  RtlpHpVsFreeChunkRemove: { frame: 0x40, calls: treeCalls },
  RtlpHpVsFreeChunkInsert: { frame: 0x30, calls: treeCalls },
  RtlpHpVsSubsegmentCreate: {
    frame: 0x80,
    calls: ['RtlpHpSegVsAllocate', 'RtlpHpVsChunkAlignSplit', ...freeChunk],
  },
  RtlpHpVsSubsegmentCommitPages: { frame: 0x70 },
  RtlpHpVsChunkAlignSplit: { frame: 0x60, calls: freeChunk },
  RtlpHpVsSubsegmentFree: { frame: 0x50, calls: ['RtlpHpSegLfhVsFree'] },
  RtlpHpLfhContextAllocate: { frame: 0xa0, calls: ['RtlpHpLfhSlotAllocate', 'RtlpHpLfhBucketActivate'] },
  RtlpHpLfhSlotAllocate: {
    frame: 0x130,
    calls: ['RtlpHpLfhSubsegmentCreate', 'RtlpHpLfhOwnerMoveSubsegment'],
  },
  RtlpHpLfhBucketActivate: { frame: 0x60 },
  RtlpHpLfhSubsegmentCreate: { frame: 0xb0, calls: ['RtlpHpSegLfhAllocate'] },
  RtlpHpLfhSubsegmentFreeBlock: {
    frame: 0xb0,
    calls: ['RtlpHpLfhOwnerMoveSubsegment', 'RtlpHpLfhSubsegmentFree'],
  },
  RtlpHpLfhOwnerMoveSubsegment: { frame: 0x60 },
  RtlpHpLfhSubsegmentFree: { frame: 0x50, calls: ['RtlpHpSegLfhVsFree'] },
  RtlpHpSegVsAllocate: { frame: 0x60, calls: ['RtlpHpSegPageRangeAllocate', ...ranges] },
  RtlpHpSegLfhAllocate: { frame: 0x60, calls: ['RtlpHpSegPageRangeAllocate', ...ranges] },
  RtlpHpSegAlloc: { frame: 0x90, calls: ['RtlpHpSegPageRangeAllocate', ...ranges] },
  RtlpHpSegPageRangeAllocate: { frame: 0x90, calls: ranges },
  RtlpHpSegLfhVsFree: {
    frame: 0x40,
    calls: ['RtlpHpSegPageRangeShrink', 'RtlpHpSegPageRangeFree', ...ranges],
  },
  RtlpHpSegFree: {
    frame: 0x50,
    calls: ['RtlpHpSegDescriptorValidate', 'RtlpHpSegPageRangeShrink', 'RtlpHpSegPageRangeFree'],
  },
  RtlpHpSegDescriptorValidate: { frame: 0x40 },
  RtlpHpSegPageRangeShrink: { frame: 0x80, calls: ranges },
  RtlpHpSegPageRangeFree: { frame: 0x60, calls: ranges },
  RtlpHpSegPageRangeCoalesce: { frame: 0x60, calls: ['RtlpHpSegFreeRangeRemove', ...treeCalls] },
  RtlpHpSegPageRangeSplit: { frame: 0x60, calls: ['RtlpHpSegFreeRangeInsert', ...treeCalls] },
  RtlpHpSegFreeRangeRemove: { frame: 0x30, calls: treeCalls },
  RtlpHpSegFreeRangeInsert: { frame: 0x30, calls: treeCalls },
  RtlpHpLargeAlloc: { frame: 0xe0, calls: treeCalls },
  RtlpHpLargeFree: { frame: 0x80, calls: ['RtlpHpVaMgrCtxQuery', ...treeCalls] },
  RtlpHpVaMgrCtxQuery: { frame: 0x60 },
  ExpAddTagForBigPages: { frame: 0x90 },
  ExpRemoveTagForBigPages: { frame: 0x70 },
  RtlRbRemoveNode: { frame: 0x30 },
  RtlRbInsertNodeEx: { frame: 0x30 },
};

/** Calls of the pool's two functions. */
export const allocationSteps = [
  'RtlpHpVsContextAllocateInternal',
  'RtlpHpLfhContextAllocate',
  'RtlpHpLfhSlotAllocate',
  'RtlpHpLfhBucketActivate',
  'RtlpHpSegAlloc',
  'RtlpHpLargeAlloc',
  'ExpAddTagForBigPages',
] as const;
export const freeSteps = [
  'RtlpHpVsContextFree',
  'RtlpHpLfhSubsegmentFreeBlock',
  'RtlpHpSegFree',
  'RtlpHpSegDescriptorValidate',
  'RtlpHpLargeFree',
  'RtlpHpVaMgrCtxQuery',
  'ExpRemoveTagForBigPages',
] as const;

const pushes: readonly X64Register[] = ['rbx', 'rbp', 'rsi', 'rdi', 'r12', 'r13', 'r14', 'r15'];
/** Room for the callee's four arguments and one on the stack. */
const outgoing = 0x28;

/** As many pushes as leave room for the arguments of calls. */
export function prologOf(frame: number): PrologStep[] {
  const count = Math.max(1, Math.min(pushes.length, (frame - 8 - outgoing) / 8));
  const size = frame - 8 - 8 * count;
  return [...pushedAll(...pushes.slice(0, count)), allocated(size)];
}

const heapStep = (
  failure: HeapFailure,
  name: string,
  { frame, calls = [] }: HeapStep,
): FunctionSpec<PrologStep> =>
  x64Function(name, prologOf(frame), [failure.entry(calls), ...lastSteps(calls)]);

/** Members of _HEAP_FAILURE_INFORMATION. Source: the types of 19041. */
const failureInformation = { version: 0, size: 4, type: 8, heap: 0x10, address: 0x18, first: 0x20 } as const;
const failureSize = 0x6d0;

/** HEAP_FAILURE_TYPE in ecx, the heap's back end in rdx, an address in r8, a parameter in r9. */
const logFailure = (): FunctionSpec<PrologStep> =>
  x64Function(
    'RtlpLogHeapFailure',
    [allocated(0x28)],
    [
      leaSymbol('rax', 'RtlpHeapFailureInfo'),
      moveConstant(at('rax', failureInformation.version), 1, 4),
      moveConstant(at('rax', failureInformation.size), failureSize, 4),
      moveTo(at('rax', failureInformation.type), 'rcx', 4),
      store('rax', failureInformation.heap, 'rdx'),
      store('rax', failureInformation.address, 'r8'),
      store('rax', failureInformation.first, 'r9'),
      call('RtlpHpHeapHandleError'),
      nothing(),
    ],
  );

/** Saves the registers in which the heap's functions have what they work on. */
const handleHeapError = (): FunctionSpec<PrologStep> =>
  x64Function(
    'RtlpHpHeapHandleError',
    [
      pushed('rdi'),
      allocated(0x20),
      saved('rsi', 0x30),
      saved('r15', 0x38),
      saved('r12', 0x40),
      saved('r13', 0x48),
    ],
    [call('RtlpHeapHandleError'), nothing()],
  );

/** KERNEL_MODE_HEAP_CORRUPTION: kind, heap, address. */
const handleError = (): FunctionSpec<PrologStep> =>
  x64Function(
    'RtlpHeapHandleError',
    [allocated(0x38)],
    [
      store('rsp', 0x20, 'r9'),
      move('r9', 'r8'),
      move('r8', 'rdx'),
      moveTo('rdx', 'rcx', 4),
      moveImmediate('rcx', 0x13a),
      call('KeBugCheckEx'),
      nothing(),
    ],
  );

/** Functions whose addresses the heap keeps, encoded, for its two front ends: nothing here calls them. */
const callbacks = ['RtlpHpSegLfhVsCommit', 'RtlpHpSegLfhVsDecommit', 'RtlpHpSegLfhExtendContext'] as const;
const callback = (name: string): FunctionSpec<PrologStep> =>
  x64Function(name, prologOf(0x60), [lea('rcx', 'rcx', 0), xor('rax', 'rax', 4)]);

/** Functions of the segment heap on whose way something can go wrong, and those that report it. */
export const heapStepFunctions = (failure: HeapFailure): FunctionSpec<PrologStep>[] => [
  ...Object.entries(steps).map(([name, step]) => heapStep(failure, name, step)),
  ...callbacks.map(callback),
  logFailure(),
  handleHeapError(),
  handleError(),
];
