import {
  addressOf,
  breakpoint,
  call,
  callImport,
  callX8,
  load,
  move,
  moveImmediate,
  nop,
  ret,
  store,
  storeByte,
} from '../../image/arm64-code.ts';
import { arm64Function, arm64Leaf, arm64TrapHandler } from '../../image/arm64-function.ts';
import { mark } from '../../image/code.ts';
import type { MachineFunctions } from '../image-specs.ts';

/** A wait: its service, the wait itself, and the way to the next thread. What SwapContext leaves is not published. */
function waits() {
  const exported = { exported: true };
  const wait = (name: string) =>
    arm64Function(
      name,
      { frame: 0x40, pairs: [19, 21], locals: 0x40 },
      [call('KiCommitThreadWait')],
      exported,
    );
  return [
    arm64Function(
      'NtWaitForSingleObject',
      { frame: 0x20, pairs: [19] },
      [call('KeWaitForSingleObject')],
      exported,
    ),
    arm64Function(
      'NtWaitForMultipleObjects',
      { frame: 0x20, pairs: [19] },
      [call('KeWaitForMultipleObjects')],
      exported,
    ),
    arm64Function('NtDelayExecution', {}, [call('KeDelayExecutionThread')], exported),
    arm64Function('ExpWorkerThread', { frame: 0x30, pairs: [19, 21] }, [call('KeWaitForSingleObject')]),
    ...['KeWaitForSingleObject', 'KeWaitForMultipleObjects', 'KeDelayExecutionThread'].map(wait),
    arm64Function('KiCommitThreadWait', { frame: 0x30, pairs: [19, 21] }, [call('KiSwapThread')]),
    arm64Function('KiSwapThread', { frame: 0x50, pairs: [19, 21, 23] }, [call('KiSwapContext')]),
    arm64Function('KiSwapContext', { frame: 0x60, pairs: [19, 21, 23, 25, 27] }, [call('SwapContext')]),
    arm64Function('SwapContext', {}, [nop()]),
  ];
}

/** Functions of the synthetic arm64 images. Names and call order are those of Windows, the code is made up. */
const kernel = [
  arm64Leaf('RtlCaptureContext', [store(0, 0x10, 1), ret()], true),
  arm64Function('KeBugCheckEx', { frame: 0x30, pairs: [19] }, [call('RtlCaptureContext'), breakpoint()], {
    exported: true,
    noEpilog: true,
  }),
  arm64Function('KiBugCheckDispatch', { frame: 0x20, pairs: [19] }, [call('KeBugCheckEx'), breakpoint()], {
    noEpilog: true,
  }),
  arm64TrapHandler('KiPageFault', [call('KiBugCheckDispatch'), call('KiExceptionDispatch')]),
  arm64Function('KiExceptionDispatch', { frame: 0x40, pairs: [19, 21, 23], locals: 0xa0 }, [
    call('KiDispatchException'),
  ]),
  arm64Function('KiDispatchException', { frame: 0x60, pairs: [19, 21, 23, 25, 27], locals: 0x400 }, [
    call('RtlDispatchException'),
  ]),
  arm64Function('RtlDispatchException', { frame: 0x50, pairs: [19, 21, 23], locals: 0x210 }, [
    call('RtlpExecuteHandlerForException'),
  ]),
  arm64Function('RtlpExecuteHandlerForException', {}, [load(8, 3, 0x30), callX8(), nop()]),
  arm64Function('KiSystemServiceHandler', { frame: 0x20, pairs: [19] }, [call('KiBugCheckDispatch')]),
  arm64Function('_C_specific_handler', { frame: 0x40, pairs: [19, 21] }, [load(8, 3, 0x38), callX8()]),
  arm64Function('PspSystemThreadStartupFilter', {}, [call('PspUnhandledExceptionInSystemThread')]),
  arm64Function('PspUnhandledExceptionInSystemThread', { frame: 0x20, pairs: [19] }, [
    call('KeBugCheckEx'),
    breakpoint(),
  ]),
  arm64Function(
    'ExAllocatePoolWithTag',
    { frame: 0x50, pairs: [19, 21, 23] },
    [
      ...addressOf(20, 'NonPagedPoolFreeList'),
      load(8, 20, 0),
      mark('fault'),
      load(9, 8, 8),
      store(20, 0, 9),
      move(0, 8),
    ],
    { exported: true },
  ),
  arm64Function(
    'ExFreePoolWithTag',
    { frame: 0x40, pairs: [19, 21] },
    [moveImmediate(0, 0x19), call('KeBugCheckEx'), breakpoint()],
    { exported: true },
  ),
  arm64Function('IofCallDriver', { frame: 0x20, pairs: [19] }, [load(8, 0, 8), callX8()], { exported: true }),
  arm64Function('IopSynchronousServiceTail', { frame: 0x50, pairs: [19, 21, 23] }, [call('IofCallDriver')]),
  arm64Function('IopXxxControlFile', { frame: 0x80, pairs: [19, 21, 23, 25, 27] }, [
    call('IopSynchronousServiceTail'),
  ]),
  arm64Function('NtDeviceIoControlFile', { locals: 0x30 }, [call('IopXxxControlFile')], { exported: true }),
  arm64TrapHandler('KiSystemService', [callX8(), nop()]),
  arm64Function('PspSystemThreadStartup', { frame: 0x30, pairs: [19, 21] }, [callX8(), nop()]),
  arm64Function('KiStartSystemThread', {}, [call('PspSystemThreadStartup'), breakpoint()], {
    noEpilog: true,
  }),
  arm64Leaf('RtlpBreakWithStatusInstruction', [breakpoint(), ret()]),
  arm64Function('KiCallUserMode', { frame: 0x60, pairs: [19, 21, 23, 25, 27] }, [nop()]),
  arm64Function('KiIdleLoop', {}, [nop(), mark('idle'), nop()]),
  arm64Function('KiSystemStartup', {}, callImport('hal!HalInitializeProcessor')),
  ...waits(),
];

const driverEntry = arm64Function('DriverEntry', {}, [
  ...addressOf(8, 'DispatchDeviceControl'),
  store(0, 0xe0, 8),
  moveImmediate(0, 0),
]);

export const arm64Functions: MachineFunctions = {
  nt: kernel,
  hal: [
    arm64Function('HalInitializeProcessor', {}, [moveImmediate(0, 1)], { exported: true }),
    arm64Leaf('HalReturnToFirmware', [ret()], true),
    arm64Function('HalSystemStartup', {}, [call('HalInitializeProcessor')]),
  ],
  sampledrv: [
    driverEntry,
    arm64Function('DispatchDeviceControl', { frame: 0x20, pairs: [19] }, [call('FillRecord')]),
    arm64Function('FillRecord', { frame: 0x40, pairs: [19, 21] }, [
      load(9, 0, 0x18),
      moveImmediate(8, 0x4f),
      mark('fault'),
      storeByte(9, 8),
      move(0, 19),
      ...callImport('nt!ExFreePoolWithTag'),
    ]),
  ],
  storfilt: [
    driverEntry,
    arm64Function('DispatchDeviceControl', { frame: 0x30, pairs: [19, 21], locals: 0x40 }, [
      moveImmediate(0, 0x200),
      moveImmediate(1, 0x1f0),
      ...callImport('nt!ExAllocatePoolWithTag'),
    ]),
    arm64Function('WorkerThread', { frame: 0x20, pairs: [19] }, [
      moveImmediate(1, 0x1f0),
      ...callImport('nt!ExAllocatePoolWithTag'),
    ]),
  ],
  netsamp: [driverEntry, arm64Function('DispatchDeviceControl', {}, [moveImmediate(0, 0)])],
};
