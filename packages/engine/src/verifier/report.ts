import { DebuggerError } from '../base/index.ts';
import type { ObjectKernel } from '../windows/index.ts';
import { type DriverAllocations, readDriverPool } from './driver-pool.ts';
import {
  readVerifiedDrivers,
  type SuspectDriver,
  type VerifiedDriver,
  type VerifiedDrivers,
} from './drivers.ts';
import { readVerifierSettings, type VerifierSettings } from './settings.ts';

export interface ReportedDriver extends VerifiedDriver {
  /** Undefined: not asked for. */
  readonly pool: DriverAllocations | undefined;
}

/** The drivers that Driver Verifier watches or was told to watch. */
export interface ReportedDrivers {
  /** In memory, and of the name that was asked for. */
  readonly drivers: readonly ReportedDriver[];
  /** Chosen to be verified, and not in memory; empty where a name was asked for. */
  readonly absent: readonly SuspectDriver[];
  /** What could not be read, or was damaged, one sentence each. */
  readonly notes: readonly string[];
}

/** What Driver Verifier was set to, and the drivers that it watched. */
export interface VerifierReport {
  readonly settings: VerifierSettings;
  /** Undefined: not asked for, or not known. */
  readonly drivers: ReportedDrivers | undefined;
  /** Why the drivers are not known, where they were asked for. */
  readonly whyNoDrivers: string | undefined;
}

/** How much of the verifier's report is wanted. */
export interface VerifierReportOptions {
  readonly drivers?: boolean;
  /** What the drivers have allocated and not freed. */
  readonly allocations?: boolean;
  /** Only this driver: `myfault.sys`, in any case, with or without its extension. */
  readonly image?: string;
}

/** Settings, statistics and drivers. Throws MEMORY_UNREADABLE, TYPES_UNKNOWN, or NO_SUCH_OBJECT for the image. */
export function* reportVerifier(
  kernel: ObjectKernel,
  { drivers = false, allocations = false, image }: VerifierReportOptions = {},
): Generator<number, VerifierReport> {
  const settings = readVerifierSettings(kernel);
  if (!drivers) return { settings, drivers: undefined, whyNoDrivers: undefined };
  const found = driversOrWhy(kernel);
  if (found instanceof DebuggerError) return { settings, drivers: undefined, whyNoDrivers: found.message };
  const chosen = found.drivers.filter((each) => image === undefined || isNamed(each, image));
  if (image !== undefined && chosen.length === 0)
    throw new DebuggerError('NO_SUCH_OBJECT', `no driver of the name '${image}' is verified`);
  const reported: ReportedDriver[] = [];
  for (const driver of chosen)
    reported.push({ ...driver, pool: allocations ? yield* readDriverPool(kernel, driver) : undefined });
  const inMemory = new Set(found.drivers.map(({ suspect }) => suspect?.address));
  const absent = image === undefined ? found.suspects.filter(({ address }) => !inMemory.has(address)) : [];
  return { settings, drivers: { drivers: reported, absent, notes: found.notes }, whyNoDrivers: undefined };
}

function driversOrWhy(kernel: ObjectKernel): VerifiedDrivers | DebuggerError {
  try {
    return readVerifiedDrivers(kernel);
  } catch (error) {
    if (error instanceof DebuggerError) return error;
    throw error;
  }
}

function isNamed({ suspect }: VerifiedDriver, image: string): boolean {
  const name = suspect?.name?.toLowerCase();
  const wanted = image.toLowerCase();
  return name !== undefined && (name === wanted || name.replace(/\.[^.]*$/, '') === wanted);
}
