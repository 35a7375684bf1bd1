import { mark, raw } from '../../image/code.ts';
import type { FunctionSpec } from '../../image/image-spec.ts';
import { call, callImport, jump, leaSymbol, load, move, moveImmediate, store } from '../../image/x64-code.ts';
import { x64Function } from '../../image/x64-function.ts';
import { allocated, frameAt, type PrologStep, pushed, saved, savedXmm } from '../../image/x64-prolog.ts';

type Functions = readonly FunctionSpec<PrologStep>[];

const driverEntry = x64Function(
  'DriverEntry',
  [pushed('rbx'), allocated(0x20)],
  [leaSymbol('rax', 'DispatchDeviceControl'), store('rcx', 0xe0, 'rax'), moveImmediate('rax', 0)],
);

/** The culprit: fills a record without looking at its size. */
export const sampleDriverFunctions: Functions = [
  driverEntry,
  x64Function(
    'DispatchDeviceControl',
    [pushed('rbx'), pushed('rsi'), pushed('rdi'), allocated(0x40), saved('rbp', 0x60)],
    [load('rbx', 'rdx', 0xb8), move('rcx', 'rbx'), call('FillRecord'), move('rcx', 'rbx')],
  ),
  x64Function(
    'FillRecord',
    [pushed('rbx'), pushed('rdi'), allocated(0x48), savedXmm(6, 0x30)],
    [
      load('rdi', 'rcx', 0x18),
      moveImmediate('rax', 0x4f),
      mark('fault'),
      // mov byte ptr [rdi],al
      raw('88 07'),
      // inc rdi; dec edx; jnz back to the store
      raw('48 ff c7 ff ca 75 f7'),
      jump('FillRecord$release'),
    ],
  ),
  x64Function(
    'FillRecord$release',
    [],
    [move('rcx', 'rbx'), moveImmediate('rdx', 0x446d_6153), callImport('nt!ExFreePoolWithTag'), raw('90')],
    { chainTo: 'FillRecord', noEpilog: true },
  ),
];

/** The victim: only allocates memory. */
export const storageFilterFunctions: Functions = [
  driverEntry,
  x64Function(
    'DispatchDeviceControl',
    [pushed('rbx'), pushed('r13'), pushed('r15'), allocated(0x60), frameAt('r13', 0x20)],
    [
      moveImmediate('rcx', 0x200),
      moveImmediate('rdx', 0x1f0),
      moveImmediate('r8', 0x746c_6653),
      callImport('nt!ExAllocatePoolWithTag'),
      move('rbx', 'rax'),
    ],
  ),
  x64Function(
    'WorkerThread',
    [pushed('rbx'), pushed('rsi'), allocated(0x1_88)],
    [moveImmediate('rdx', 0x1f0), callImport('nt!ExAllocatePoolWithTag'), move('rbx', 'rax')],
  ),
];

/** A driver that plays no part. */
export const networkSampleFunctions: Functions = [
  driverEntry,
  x64Function('DispatchDeviceControl', [allocated(0x28)], [moveImmediate('rax', 0)]),
];

export const halFunctions: Functions = [
  x64Function('HalInitializeProcessor', [allocated(0x28)], [moveImmediate('rax', 1)], { exported: true }),
  x64Function('HalReturnToFirmware', [], [raw('fa f4 c3')], { exported: true, noEpilog: true }),
  x64Function('HalSystemStartup', [allocated(0x28)], [call('HalInitializeProcessor')]),
];
