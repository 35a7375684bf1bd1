import { type Instruction, mark, raw } from '../../image/code.ts';
import {
  breakpoint,
  call,
  callEax,
  callImport,
  load,
  move,
  moveImmediate,
  moveSymbol,
  push,
  pushImmediate,
  ret,
  store,
} from '../../image/x86-code.ts';
import { x86Bare, x86Function, x86Leaf, x86TrapHandler } from '../../image/x86-function.ts';
import type { MachineFunctions } from '../image-specs.ts';

/** Functions of the synthetic x86 images. Names and call order are those of Windows, the code is made up. */

const fiveArguments: Instruction[] = [push('edx'), push('ecx'), push('esi'), push('eax'), push('edi')];

/** A wait: its service, the wait itself, and the way to the next thread. KSWITCHFRAME is the frame of SwapContext. */
function waits() {
  const exported = { exported: true };
  return [
    x86Function('NtWaitForSingleObject', { locals: 0x14 }, [call('KeWaitForSingleObject')], exported),
    x86Function('NtWaitForMultipleObjects', { locals: 0x48 }, [call('KeWaitForMultipleObjects')], exported),
    x86Function('NtDelayExecution', { locals: 0x10 }, [call('KeDelayExecutionThread')], exported),
    x86Function('ExpWorkerThread', { locals: 0x30, saves: ['ebx', 'esi'] }, [call('KeWaitForSingleObject')]),
    ...['KeWaitForSingleObject', 'KeWaitForMultipleObjects', 'KeDelayExecutionThread'].map((name) =>
      x86Function(
        name,
        { locals: 0x28, saves: ['ebx', 'esi', 'edi'] },
        [call('KiCommitThreadWait')],
        exported,
      ),
    ),
    x86Function('KiCommitThreadWait', { locals: 0x20, saves: ['ebx', 'edi'] }, [call('KiSwapThread')]),
    x86Function('KiSwapThread', { locals: 0x38, saves: ['ebx', 'esi', 'edi'] }, [call('KiSwapContext')]),
    x86Bare('KiSwapContext', { saves: ['ebx', 'esi', 'edi', 'ebp'] }, [call('SwapContext')]),
    x86Bare('SwapContext', { locals: 8 }, [raw('90')]),
  ];
}

const kernel = [
  x86Leaf('RtlCaptureContext', [store('ecx', 0x40, 'eax'), ret()], true),
  x86Function('KeBugCheckEx', { locals: 0x20 }, [call('RtlCaptureContext'), breakpoint()], {
    exported: true,
    noEpilog: true,
  }),
  x86TrapHandler('KiTrap0E', [
    raw('0f 20 d7'),
    ...fiveArguments,
    call('KeBugCheckEx'),
    call('CommonDispatchException'),
  ]),
  x86Function('CommonDispatchException', { locals: 0x50 }, [call('KiDispatchException')]),
  x86Function('KiDispatchException', { locals: 0x398, saves: ['ebx', 'esi', 'edi'] }, [
    ...fiveArguments,
    call('KeBugCheckEx'),
    call('RtlDispatchException'),
  ]),
  x86Function('RtlDispatchException', { locals: 0x64, saves: ['ebx', 'esi', 'edi'] }, [
    call('RtlpExecuteHandlerForException'),
  ]),
  x86Function('RtlpExecuteHandlerForException', {}, [load('eax', 'ebp', 0x18), callEax()]),
  x86Function('_except_handler4', { saves: ['ebx', 'esi', 'edi'] }, [load('eax', 'ebp', 8), callEax()]),
  x86Function('PspUnhandledExceptionInSystemThread', { saves: ['esi'] }, [
    ...fiveArguments,
    call('KeBugCheckEx'),
    breakpoint(),
  ]),
  x86Function(
    'ExAllocatePoolWithTag',
    { locals: 0x34, saves: ['ebx', 'esi', 'edi'] },
    [
      moveSymbol('ebx', 'NonPagedPoolFreeList'),
      load('eax', 'ebx', 0),
      mark('fault'),
      load('ecx', 'eax', 4),
      store('ebx', 0, 'ecx'),
    ],
    { exported: true },
  ),
  x86Function(
    'ExFreePoolWithTag',
    { locals: 0x40, saves: ['ebx', 'esi', 'edi'] },
    [load('ebx', 'ebp', 8), pushImmediate(0x19), ...fiveArguments, call('KeBugCheckEx'), breakpoint()],
    { exported: true },
  ),
  x86Function('IofCallDriver', { saves: ['esi'] }, [load('eax', 'ecx', 8), callEax()], { exported: true }),
  x86Function('IopSynchronousServiceTail', { locals: 0x18, saves: ['ebx', 'esi', 'edi'] }, [
    call('IofCallDriver'),
  ]),
  x86Function('IopXxxControlFile', { locals: 0x6c, saves: ['ebx', 'esi', 'edi'] }, [
    call('IopSynchronousServiceTail'),
  ]),
  x86Function('NtDeviceIoControlFile', {}, [call('IopXxxControlFile')], { exported: true }),
  x86TrapHandler('KiFastCallEntry', [callEax()]),
  x86Function('PspSystemThreadStartup', { locals: 0x28, saves: ['ebx', 'esi', 'edi'] }, [callEax()]),
  x86Function('KiThreadStartup', {}, [call('PspSystemThreadStartup'), breakpoint()], { noEpilog: true }),
  x86Leaf('RtlpBreakWithStatusInstruction', [raw('cc c3')]),
  x86Function('KiCallUserMode', {}, [raw('90')]),
  x86Function('KiIdleLoop', {}, [raw('fb f4'), mark('idle'), raw('eb fb')], { noEpilog: true }),
  x86Function('KiSystemStartup', {}, [callImport('hal!HalInitializeProcessor')]),
  ...waits(),
];

const driverEntry = x86Function('DriverEntry', {}, [
  moveSymbol('eax', 'DispatchDeviceControl'),
  store('ecx', 0x70, 'eax'),
]);

export const x86Functions: MachineFunctions = {
  nt: kernel,
  hal: [
    x86Function('HalInitializeProcessor', {}, [moveImmediate('eax', 1)], { exported: true }),
    x86Leaf('HalReturnToFirmware', [raw('fa f4 c3')], true),
    x86Function('HalSystemStartup', {}, [call('HalInitializeProcessor')]),
  ],
  sampledrv: [
    driverEntry,
    x86Function('DispatchDeviceControl', { locals: 0x10, saves: ['esi', 'edi'] }, [call('FillRecord')]),
    x86Function('FillRecord', { locals: 8, saves: ['ebx', 'edi'] }, [
      load('edi', 'ebp', 8),
      moveImmediate('eax', 0x4f),
      mark('fault'),
      // mov byte ptr [edi],al
      raw('88 07'),
      // inc edi; dec edx; jnz back to the store
      raw('47 4a 75 fa'),
      move('ecx', 'ebx'),
      pushImmediate(0x446d_6153),
      push('ebx'),
      callImport('nt!ExFreePoolWithTag'),
    ]),
  ],
  storfilt: [
    driverEntry,
    x86Function('DispatchDeviceControl', { locals: 0x24, saves: ['ebx'] }, [
      pushImmediate(0x746c_6653),
      pushImmediate(0x1f0),
      pushImmediate(0x200),
      callImport('nt!ExAllocatePoolWithTag'),
    ]),
    x86Function('WorkerThread', { locals: 0x188, saves: ['ebx', 'esi'] }, [
      callImport('nt!ExAllocatePoolWithTag'),
    ]),
  ],
  netsamp: [driverEntry, x86Function('DispatchDeviceControl', {}, [moveImmediate('eax', 0)])],
};
