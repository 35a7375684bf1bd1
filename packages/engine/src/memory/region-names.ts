/** What Microsoft's names of regions mean. */
const names: Readonly<Record<string, string>> = {
  SessionSpace: 'session space',
  Session: 'session space',
  SessionGlobalSpace: 'data of all sessions',
  ProcessSpace: "the kernel's data of one process",
  BootLoaded: 'images loaded at boot',
  PfnDatabase: 'page frame database',
  NonPagedPool: 'nonpaged pool',
  PagedPool: 'paged pool',
  SpecialPool: 'special pool',
  SpecialPoolPaged: 'special pool, paged',
  SpecialPoolNonPaged: 'special pool, nonpaged',
  SecureNonPagedPool: 'secure nonpaged pool',
  SystemCache: 'system cache',
  SystemPtes: 'system PTEs',
  SystemPtesLarge: 'system PTEs of large pages',
  KernelStacks: 'kernel stacks',
  KernelShadowStacks: 'kernel shadow stacks',
  Hal: 'HAL',
  DriverImages: 'images of drivers',
  SystemImages: 'images of the system',
  PageTables: 'page tables',
  HyperSpace: 'hyperspace',
  Cfg: 'bitmap of control flow guard',
  UltraZero: 'mappings for zeroing pages',
  WorkingSetPagedPool: 'working set of paged pool',
  WorkingSetSystemCache: 'working set of the system cache',
  DynamicKernelVa: 'dynamic: system cache, special pool and others',
};

/** A region's use in words. */
export const regionName = (usage: string): string => names[usage] ?? usage;
