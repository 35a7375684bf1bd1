import type { Entry } from './entry.ts';
import { accessFaults } from './tables/access-faults.ts';
import { acpi } from './tables/acpi.ts';
import { clusters } from './tables/cluster.ts';
import { dmaVerifier } from './tables/dma-verifier.ts';
import { exceptions } from './tables/exceptions.ts';
import { graphics } from './tables/graphics.ts';
import { hardware } from './tables/hardware.ts';
import { heapChecks } from './tables/heap.ts';
import { internalPower } from './tables/internal-power.ts';
import { ioVerifier } from './tables/io-verifier.ts';
import { locks } from './tables/locks.ts';
import { mappings } from './tables/mappings.ts';
import { memoryManagement } from './tables/memory-management.ts';
import { network } from './tables/network.ts';
import { objects } from './tables/objects.ts';
import { paging } from './tables/paging.ts';
import { poolCallerChecks } from './tables/pool-caller.ts';
import { poolHeaderChecks } from './tables/pool-header.ts';
import { power } from './tables/power.ts';
import { securityChecks } from './tables/security-check.ts';
import { sessions } from './tables/sessions.ts';
import { specialPoolChecks } from './tables/special-pool.ts';
import { storage } from './tables/storage.ts';
import { system } from './tables/system.ts';
import { threads } from './tables/threads.ts';
import { usb } from './tables/usb.ts';
import { verifiers } from './tables/verifier.ts';

/** Every bug check with more to say than its name, family by family. */
export const entries: readonly Entry[] = [
  poolHeaderChecks,
  poolCallerChecks,
  specialPoolChecks,
  heapChecks,
  accessFaults,
  exceptions,
  memoryManagement,
  paging,
  mappings,
  securityChecks,
  verifiers,
  ioVerifier,
  dmaVerifier,
  sessions,
  threads,
  locks,
  objects,
  storage,
  network,
  usb,
  graphics,
  power,
  internalPower,
  acpi,
  hardware,
  clusters,
  system,
].flat();

const byCode: ReadonlyMap<number, Entry> = new Map(entries.map((entry) => [entry.code, entry]));

/** By base code. */
export const findEntry = (baseCode: number): Entry | undefined => byCode.get(baseCode);
