/** An option of Driver Verifier. */
export interface VerifierFlag {
  readonly bit: number;
  /** As the tools of Windows call it. */
  readonly name: string;
  /** Part of the standard settings; the others are chosen one by one. */
  readonly standard: boolean;
  /** First build that has it; absent: from the start. */
  readonly since?: number;
}

/**
 * Names and bits of the options. Source: Microsoft's pages on verifier.exe and on the options, and outputs of `!verifier`
 * of 8.1, 10 and 11 (builds 9600, 10240 and 20348). The oldest systems had fewer options; a bit that is set is always shown.
 */
const table: readonly (readonly [bit: number, name: string, standard: boolean, since?: number])[] = [
  [0x1, 'Special pool', true],
  [0x2, 'Force IRQL checking', true],
  [0x8, 'Pool tracking', true],
  [0x10, 'I/O verification', true],
  [0x20, 'Deadlock detection', true],
  [0x80, 'DMA checking', true],
  [0x100, 'Security checks', true],
  [0x800, 'Miscellaneous checks', true],
  [0x20000, 'DDI compliance checking', true, 9200],
  [0x4, 'Randomized low resources simulation', false],
  [0x200, 'Force pending I/O requests', false],
  [0x400, 'IRP logging', false],
  [0x2000, 'Invariant MDL checking for stack', false, 9200],
  [0x4000, 'Invariant MDL checking for driver', false, 9200],
  [0x8000, 'Power framework delay fuzzing', false, 9200],
  [0x10000, 'Port/miniport interface checking', false, 10240],
  [0x40000, 'Systematic low resources simulation', false, 9600],
  [0x80000, 'DDI compliance checking (additional)', false, 9600],
  [0x200000, 'NDIS/WIFI verification', false, 9600],
  [0x800000, 'Kernel synchronization delay fuzzing', false, 9600],
  [0x1000000, 'VM switch verification', false, 9600],
  [0x2000000, 'Code integrity checks', false, 10240],
];

const flags: readonly VerifierFlag[] = table.map(([bit, name, standard, since]) => ({
  bit,
  name,
  standard,
  ...(since !== undefined && { since }),
}));

/** An option and whether it is on. */
export interface VerifierOption extends VerifierFlag {
  readonly enabled: boolean;
}

/** Options that a build has, and those that are on all the same; `unknown` are bits that nothing here names. */
export function describeLevel(
  level: number,
  build: number,
): { readonly options: readonly VerifierOption[]; readonly unknown: number } {
  const options = flags
    .map((flag) => ({ ...flag, enabled: (level & flag.bit) !== 0 }))
    .filter(({ enabled, since }) => enabled || since === undefined || build >= since);
  const known = flags.reduce((bits, { bit }) => bits | bit, 0);
  return { options, unknown: (level & ~known) >>> 0 };
}
