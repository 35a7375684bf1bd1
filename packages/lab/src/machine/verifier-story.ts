/** What the verifier of a machine was told, and what it saw: a driver that writes too far, and one that frees twice. */
export const verifierStory = {
  /** Special pool, pool tracking, forced IRQL checks, I/O verification, deadlocks, security, miscellaneous; IRP logging. */
  level: 0xd3b,
  statistics: {
    RaiseIrqls: 0x3,
    AcquireSpinLocks: 0x362,
    SynchronizeExecutions: 0x1,
    Trims: 0x2a,
    AllocationsAttempted: 0x7b058,
    AllocationsSucceeded: 0x7b057,
    AllocationsSucceededSpecialPool: 0x7b041,
    AllocationsWithNoTag: 0x2,
    AllocationsFailed: 0x1,
    AllocationsFailedDeliberately: 0x0,
    Loads: 0x2,
    Unloads: 0x1,
    CurrentPagedPoolAllocations: 0x1,
    PagedBytes: 0x150,
    PeakPagedPoolAllocations: 0x3,
    PeakPagedBytes: 0x950,
    CurrentNonPagedPoolAllocations: 0x3,
    NonPagedBytes: 0x1012,
    PeakNonPagedPoolAllocations: 0x10f,
    PeakNonPagedBytes: 0x48e40,
  },
  drivers: [
    { module: 'sampledrv', name: 'sampledrv.sys', loads: 1, unloads: 0 },
    { module: 'storfilt', name: 'storfilt.sys', loads: 2, unloads: 1 },
  ],
  /** Chosen, and never seen. */
  absent: { name: 'ghostdrv.sys', loads: 0, unloads: 0 },
} as const;

/** What it saw of requests: two of them, by number. Names of functions are where calls returned to, nearest first. */
export const irpStory = {
  requests: ['read', 'control'],
  faults: [
    ['nt!ExAllocatePoolWithTag', 'sampledrv!FillRecord', 'sampledrv!DispatchDeviceControl'],
    ['nt!ExAllocatePoolWithTag', 'storfilt!DispatchDeviceControl', 'nt!IofCallDriver'],
  ],
  regions: [
    { own: true, names: ['sampledrv!DispatchDeviceControl', 'nt!IofCallDriver'] },
    { own: false, names: ['storfilt!DispatchDeviceControl', 'nt!IofCallDriver'] },
    { own: true, names: ['sampledrv!FillRecord', 'sampledrv!DispatchDeviceControl', 'nt!IofCallDriver'] },
  ],
  pending: [
    { request: 0, names: ['nt!IofCallDriver', 'storfilt!DispatchDeviceControl'] },
    {
      request: 1,
      names: [
        'nt!IofCallDriver',
        'sampledrv!FillRecord',
        'sampledrv!DispatchDeviceControl',
        'nt!IofCallDriver',
      ],
    },
  ],
  calls: [
    {
      request: 0,
      names: ['storfilt!DispatchDeviceControl', 'nt!IofCallDriver'],
      Irql: 0,
      KernelApcDisable: 0,
      SpecialApcDisable: 0,
    },
    {
      request: 1,
      names: ['sampledrv!DispatchDeviceControl', 'nt!IofCallDriver'],
      Irql: 0,
      KernelApcDisable: 0xffff,
      SpecialApcDisable: 0,
    },
    {
      request: 0,
      names: ['sampledrv!FillRecord', 'nt!IofCallDriver'],
      Irql: 2,
      KernelApcDisable: 0,
      SpecialApcDisable: 0xffff,
    },
  ],
  watched: [
    { request: 1, dueTickCount: 0x8f21, timeoutTicks: 0x4650 },
    { request: 0, dueTickCount: 0x9130, timeoutTicks: 0x4650 },
  ],
} as const;

/** A block in special pool. */
export interface SpecialBlockPlan {
  readonly name: 'overrun' | 'underrun' | 'flipped' | 'whole' | 'freed';
  readonly size: number;
  readonly tag: string;
  readonly pattern: number;
  readonly alignment: 'end' | 'start';
  readonly paged?: boolean;
  /** Bytes that were written outside of it: their distance from its first byte. */
  readonly damage?: { readonly at: number; readonly bytes: readonly number[] };
  /** Flips a bit of the byte at this distance. */
  readonly flip?: { readonly at: number; readonly bit: number };
}

/** No size is a multiple of the alignment where bytes behind the block matter. */
export const specialBlocks: readonly SpecialBlockPlan[] = [
  {
    name: 'overrun',
    size: 0x7d3,
    tag: 'SmpD',
    pattern: 0x6d,
    alignment: 'end',
    damage: { at: 0x7d3, bytes: [0x4f, 0x4f, 0x4f] },
  },
  {
    name: 'underrun',
    size: 0x150,
    tag: 'StFl',
    pattern: 0x93,
    alignment: 'start',
    paged: true,
    damage: { at: 0x160, bytes: [0x01, 0x00, 0x02] },
  },
  { name: 'flipped', size: 0x240, tag: 'Ntsm', pattern: 0xa5, alignment: 'end', flip: { at: -0x80, bit: 3 } },
  { name: 'whole', size: 0x5ff, tag: 'SmpR', pattern: 0x2b, alignment: 'end' },
  { name: 'freed', size: 0x800, tag: 'SmpF', pattern: 0x51, alignment: 'end' },
];
