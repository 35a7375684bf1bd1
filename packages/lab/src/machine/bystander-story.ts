import type { ProcessFigures, WaitedKind, WaitKind } from './object-figures.ts';

/** Made-up figures that differ from process to process, and no two of which are alike. */
export const figuresOf = (seed: number): ProcessFigures => ({
  handles: 90 + 7 * seed,
  strictOrder: seed % 2 === 0,
  userTicks: 64 * seed,
  kernelTicks: 640 + 65 * seed,
  basePriority: seed === 0 ? 8 : 8 + (seed % 6),
  vads: 40 + seed,
  privatePages: 300 + 11 * seed,
  modifiedPages: 20 + 3 * seed,
  lockedPages: seed,
  pagedQuota: 0x1_8000 + 0x440 * seed,
  nonPagedQuota: 0x2800 + 0x110 * seed,
  workingSet: [900 + 13 * seed, 50, 345],
  peakWorkingSet: 1000 + 17 * seed,
  virtualSize: 0x300_0000n + 0x10_0000n * BigInt(seed),
  peakVirtualSize: 0x500_0000n + 0x10_0000n * BigInt(seed),
  pageFaults: 4000 + 19 * seed,
  memoryPriority: seed % 2 === 0 ? 0 : 2,
  commitCharge: 350 + 23 * seed,
});

/** KWAIT_REASON. */
const reasons = { delayExecution: 4, userRequest: 6, wrQueue: 15 } as const;

/** A thread that does not run. */
export interface BystanderThread {
  readonly id: number;
  readonly kind: WaitKind;
  /** Ready to run instead of waiting. */
  readonly isReady?: boolean;
  readonly reason: number;
  readonly alertable?: boolean;
  readonly objects: readonly WaitedKind[];
  /** It has gone into the process with this ID. */
  readonly attachedTo?: number;
  readonly impersonates?: boolean;
  readonly priority: number;
}

/** A process that has nothing to do with the crash, or more threads of one that has. */
export interface BystanderProcess {
  readonly id: number;
  readonly parent: number;
  readonly imageName: string;
  /** Absent: it belongs to none. */
  readonly session?: number;
  readonly threads: readonly BystanderThread[];
}

export const bystanderProcesses: readonly BystanderProcess[] = [
  {
    id: 0x1c8,
    parent: 4,
    imageName: 'smss.exe',
    threads: [
      {
        id: 0x1cc,
        kind: 'single',
        reason: reasons.userRequest,
        objects: ['notification-event'],
        priority: 11,
      },
    ],
  },
  {
    id: 0x25c,
    parent: 0x250,
    imageName: 'csrss.exe',
    session: 1,
    threads: [
      {
        id: 0x268,
        kind: 'multiple',
        reason: reasons.userRequest,
        alertable: true,
        objects: ['mutant', 'semaphore'],
        priority: 14,
      },
    ],
  },
  {
    id: 0xc98,
    parent: 0x9a0,
    imageName: 'recordhost.exe',
    session: 1,
    threads: [
      { id: 0xca0, kind: 'delay', reason: reasons.delayExecution, objects: ['timer'], priority: 8 },
      { id: 0xca4, kind: 'single', isReady: true, reason: reasons.userRequest, objects: [], priority: 9 },
    ],
  },
];

/** More threads of System and of the process that crashed. */
export const systemThreads: readonly BystanderThread[] = [
  { id: 0x18, kind: 'worker', reason: reasons.wrQueue, objects: ['queue'], priority: 12 },
  { id: 0x1c, kind: 'worker', reason: reasons.wrQueue, objects: ['queue'], attachedTo: 0xc98, priority: 13 },
];
export const crashedThreads: readonly BystanderThread[] = [
  {
    id: 0x1b24,
    kind: 'single',
    reason: reasons.userRequest,
    objects: ['synchronization-event'],
    impersonates: true,
    priority: 10,
  },
];
