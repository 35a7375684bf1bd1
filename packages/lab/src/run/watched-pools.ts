import { pageSize } from '@poolscope/engine/base';
import { DriverVerifier, type VerifierSettings, verifierFlags } from '../driver-verifier/index.ts';
import { poolLogLength } from '../driver-verifier/pool-log.ts';
import type { BootedKernel } from '../machine/kernel-boot.ts';
import { StructureTable } from '../machine/structure-table.ts';
import {
  bootSpecialPool,
  type SpecialPool,
  type SpecialPoolValues,
  type SpecialRanges,
} from '../special-pool/index.ts';

/** What a machine was told to watch before it was started. */
export interface WatchOptions {
  /** Driver Verifier; off when absent. */
  readonly verifier?: VerifierSettings;
  /** Special pool by tag or size, without the verifier. */
  readonly specialPool?: SpecialPoolValues;
  /** Which page of entries special pool uses first, counted from its region's start. */
  readonly specialPoolSlice?: number;
  /** Clock ticks since the start when the drivers are loaded. */
  readonly bootTicks?: number;
}

/** Ticks that pass from one use of special pool to the next. */
const ticksApart = 7;
const defaultTicks = 0x4a13;

/** RAM in pages: the verifier's log alone takes 8 MB, and more where its records are longer. */
const watchedRam = 0x2000;
const usualRecord = 0x80;

const keepsLog = ({ verifier }: WatchOptions): boolean =>
  ((verifier?.flags ?? 0) & (verifierFlags.specialPool | verifierFlags.poolTracking)) !== 0;

/** Pages of RAM for a machine whose pool is watched; undefined: as many as usual. */
export function ramFor(options: WatchOptions, build: number): number | undefined {
  if (!keepsLog(options)) return undefined;
  const record = new StructureTable('x64', build).size('_VF_POOL_TRACE') ?? usualRecord;
  return watchedRam + Math.max(0, ((record - usualRecord) * poolLogLength) / pageSize);
}

/** Special pool, where anything uses it, and Driver Verifier, where it is on. With a segment heap `ranges` are that one's. */
export function bootWatchedPools(
  kernel: BootedKernel,
  tables: StructureTable,
  options: WatchOptions,
  ranges?: SpecialRanges,
): { readonly special: SpecialPool | undefined; readonly verifier: DriverVerifier | undefined } {
  const { verifier: settings, specialPool: values, specialPoolSlice, bootTicks = defaultTicks } = options;
  const usesSpecial = ((settings?.flags ?? 0) & verifierFlags.specialPool) !== 0 || values !== undefined;
  let ticks = bootTicks;
  const special = usesSpecial
    ? bootSpecialPool(
        kernel,
        tables,
        {
          ticks: () => (ticks += ticksApart),
          ...(values === undefined ? {} : { values }),
          ...(specialPoolSlice === undefined ? {} : { firstSlice: specialPoolSlice }),
        },
        ranges,
      )
    : undefined;
  if (settings === undefined) return { special, verifier: undefined };
  const { world, loaded } = kernel;
  return { special, verifier: new DriverVerifier({ world, loaded, tables, settings, special }) };
}
