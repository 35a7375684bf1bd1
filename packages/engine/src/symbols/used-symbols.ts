/** Beginnings of names that the engine looks up in the kernel, by what for. */
const prefixes = [
  // Where crashes are raised and reported, and what runs before them.
  ...[
    'KeBugCheck',
    'KiBugCheck',
    'KiPageFault',
    'KiGeneralProtectionFault',
    'KiDoubleFaultAbort',
    'KiException',
  ],
  ...['KiDispatch', 'KiRaise', 'KiInterrupt', 'KiSystemService', 'KiSystemCall', 'KiCallUserMode', 'KiStart'],
  ...['KiSwap', 'KiIdle', 'DbgBreakPoint', 'KdDebuggerDataBlock', 'KdVersionBlock', 'KdpDataBlockEncoded'],
  // Processors, time, modules, processes and threads.
  ...[
    'KiProcessorBlock',
    'KeNumberProcessors',
    'KiWaitNever',
    'KiWaitAlways',
    'KeTimeIncrement',
    'KeTickCount',
  ],
  ...[
    'PsLoadedModule',
    'PsActiveProcess',
    'PsInitialSystemProcess',
    'PsIdleProcess',
    'PspCidTable',
    'KiInitial',
  ],
  ...['CmNtCSDVersion', 'NtBuild', 'NtGlobalFlag', 'EtwpDebuggerData', 'KernelVerifier', 'PsNtosImage'],
  // Memory.
  ...['Mm', 'MiState', 'MiFlags', 'MiSystemVaType', 'MiVisibleState', 'MiGetPte', 'MiSpecialPool', 'MiPaged'],
  ...['MiNonPaged', 'MiVaType', 'HalpNumaConfig', 'ExpSystemResourcesList', 'IopErrorLogListHead'],
  // Objects and input and output.
  ...['ObpRoot', 'ObpType', 'ObTypeIndexTable', 'ObHeaderCookie', 'ObpInfoMask', 'IopNumTriage', 'IopTriage'],
  ...['Ps(Process|Thread|Job)Type$', '\\w+ObjectType$', 'MiSystemPartition$'],
  // Pools, heaps and Driver Verifier.
  ...['Ex(Allocate|Free)', 'Pool', 'ExpPool', 'ExPool', 'ExpNumberOf', 'ExpPaged', 'ExpNonPaged', 'ExpHeap'],
  ...['ExpSpecial', 'ExpSession', 'NonPagedPool', 'PagedPool', 'RtlpHp', 'RtlpLfh', 'ExpHpGC', 'ExpTag'],
  ...['Vf', 'Vi', 'Verifier', 'VerifierTriage'],
];

const pattern = new RegExp(`^(${prefixes.join('|')})`);

/** Is it one of the names that a packed profile carries? */
export const isUsedSymbol = (name: string): boolean => pattern.test(name);
