/**
 * MI_SYSTEM_VA_TYPE and MI_ASSIGNED_REGION_TYPES by build. Source: PDB types of 9600, 14393, 17763, 18362, 19041, 20348
 * and 22000.
 */

/** What all builds agree on. */
const first = [
  ...['Unused', 'SessionSpace', 'ProcessSpace', 'BootLoaded', 'PfnDatabase', 'NonPagedPool', 'PagedPool'],
  ...['SpecialPoolPaged', 'SystemCache', 'SystemPtes', 'Hal', 'SessionGlobalSpace', 'DriverImages'],
];

/** By the number of types that a build counts (SystemVaTypeCount), and whether it still has special pool of its own. */
export function systemVaTypes(count: number, hasSpecialPool: boolean): readonly string[] {
  if (count <= 14) return [...first, 'SpecialPoolNonPaged', 'MaximumType', 'SystemPtesLarge'];
  if (hasSpecialPool) return [...first, 'SpecialPoolNonPaged', 'SystemPtesLarge', 'KernelStacks'];
  return [...first, 'SystemPtesLarge', 'KernelStacks', 'SecureNonPagedPool', 'KernelShadowStacks'];
}

const early = [
  'NonPagedPool',
  'PagedPool',
  'SystemCache',
  'SystemPtes',
  'UltraZero',
  'PfnDatabase',
  'Cfg',
  'HyperSpace',
];
const late = [
  ...[
    'PfnDatabase',
    'NonPagedPool',
    'PagedPool',
    'SystemCache',
    'SystemPtes',
    'UltraZero',
    'Cfg',
    'HyperSpace',
  ],
  ...['KernelStacks', 'PageTables', 'Session', 'SecureNonPagedPool', 'KernelShadowStacks', 'SystemImages'],
];

/** Names of the elements of SystemVaRegions, by how many there are; the order changed at 20348. */
export const assignedRegions: readonly (readonly string[])[] = [
  [...early, 'KernelStacks', 'PageTables', 'Session', 'SystemImages'],
  [...early, 'KernelStacks', 'PageTables', 'Session', 'SecureNonPagedPool', 'SystemImages'],
  [
    ...early,
    'KernelStacks',
    'PageTables',
    'SpecialPoolPaged',
    'SpecialPoolNonPaged',
    'Session',
    'SystemImages',
  ],
  [
    ...[...early, 'PageTables', 'SpecialPool', 'Session', 'WorkingSetPagedPool', 'WorkingSetSystemCache'],
    'SystemImages',
  ],
  late,
];

/** Regions of x64 kernels that have no random layout: up to Windows 8. Source: public descriptions of the layout. */
export const fixedRegions: readonly (readonly [usage: string, start: bigint, end: bigint])[] = [
  ['PageTables', 0xffff_f680_0000_0000n, 0xffff_f700_0000_0000n],
  ['HyperSpace', 0xffff_f700_0000_0000n, 0xffff_f780_0000_0000n],
  ['BootLoaded', 0xffff_f800_0000_0000n, 0xffff_f880_0000_0000n],
  ['SystemPtes', 0xffff_f880_0000_0000n, 0xffff_f8a0_0000_0000n],
  ['PagedPool', 0xffff_f8a0_0000_0000n, 0xffff_f8c0_0000_0000n],
  ['SessionSpace', 0xffff_f900_0000_0000n, 0xffff_f980_0000_0000n],
  ['DynamicKernelVa', 0xffff_f980_0000_0000n, 0xffff_fa80_0000_0000n],
  ['Hal', 0xffff_ffff_ffc0_0000n, 0x1_0000_0000_0000_0000n],
];
