import type { Va } from '@poolscope/engine/base';
import type { KernelWorld } from './kernel-world.ts';
import type { PrepareSite } from './machine.ts';
import {
  entryAddress,
  plantDrivers,
  plantEntries,
  plantEntryPage,
  type TrueVerifiedDriver,
} from './planted-drivers.ts';
import { type IrpLogs, plantIrpLogs } from './planted-irp-traces.ts';
import { plantSpecialPool, type TrueSpecialBlock } from './planted-special-pool.ts';
import { plantIrqlLog, plantPoolLog, type TrueIrqlTrace, type TruePoolTrace } from './planted-traces.ts';
import { PlantedStructure } from './structure-table.ts';
import { verifierStory } from './verifier-story.ts';

/** Everything that the verifier of a machine left. */
export interface VerifierTruth {
  readonly level: number;
  readonly statistics: typeof verifierStory.statistics;
  readonly blocks: readonly TrueSpecialBlock[];
  /** Oldest first. */
  readonly poolLog: readonly TruePoolTrace[];
  readonly irqlLog: readonly TrueIrqlTrace[];
  readonly irpLogs: IrpLogs;
  readonly drivers: readonly TrueVerifiedDriver[];
  readonly suspects: readonly string[];
  /** nt!MmVerifierData. */
  readonly address: Va;
}

/** Turns a machine's verifier on: give it as `prepare`. For x64 and x86, whose tables have its structures. */
export function plantVerifier(world: KernelWorld, prepared: PrepareSite): VerifierTruth {
  const { level, statistics, drivers, absent } = verifierStory;
  const site = { world, ...prepared };
  const address = prepared.loaded.address('nt!MmVerifierData');
  new PlantedStructure(world.space, prepared.tables, '_MM_DRIVER_VERIFIER_DATA', address).set({
    Level: level,
    ...statistics,
  });
  const entryPage = plantEntryPage(site);
  const freed = { thread: prepared.thread, caller: prepared.loaded.address('sampledrv!FillRecord') + 8n };
  const blocks = plantSpecialPool(world, freed, (index) => entryAddress(site, entryPage, index));
  plantEntries(site, entryPage, blocks);
  return {
    level,
    statistics,
    blocks,
    poolLog: plantPoolLog(site, blocks),
    irqlLog: plantIrqlLog(site),
    drivers: plantDrivers(site, entryPage),
    suspects: [...drivers, absent].map(({ name }) => name),
    // Behind all else, which keeps its addresses.
    irpLogs: plantIrpLogs(site),
    address,
  };
}
