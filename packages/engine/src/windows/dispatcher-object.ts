import type { Va } from '../base/index.ts';
import type { Kernel } from './kernel.ts';

/** DISPATCHER_HEADER.Type. Source: public headers (KOBJECTS), the same since Windows 2000 up to 9. */
export const dispatcherTypes = {
  process: 3,
  thread: 6,
} as const;

/** What the debugger calls objects that threads wait for. */
const names: Readonly<Record<number, string>> = {
  0: 'NotificationEvent',
  1: 'SynchronizationEvent',
  2: 'Mutant',
  3: 'ProcessObject',
  4: 'QueueObject',
  5: 'Semaphore',
  6: 'Thread',
  7: 'Gate',
  8: 'NotificationTimer',
  9: 'SynchronizationTimer',
};

/** Bits of the type byte that are no flag of the object's lock. */
const typeMask = 0x7f;

/** The type in the dispatcher header at `va`, which every waitable object begins with; undefined when it is not there. */
export function readDispatcherType({ target }: Pick<Kernel, 'target'>, va: Va): number | undefined {
  const byte = target.readBytes(va, 1)?.[0];
  return byte === undefined ? undefined : byte & typeMask;
}

/** An object that a thread waits for. */
export interface WaitObject {
  readonly address: Va;
  /** Of DISPATCHER_HEADER; undefined when its bytes are not in the dump. */
  readonly type: number | undefined;
  /** The debugger's name of the type. */
  readonly name: string | undefined;
  /** Of a mutant, where known. */
  readonly owner?: Va;
  /** Of a semaphore, where known. */
  readonly limit?: number;
}

export function readWaitObject(kernel: Kernel, address: Va): WaitObject {
  const type = readDispatcherType(kernel, address);
  const name = type === undefined ? undefined : names[type];
  const { structures } = kernel;
  const owner =
    name === 'Mutant' && structures.find('_KMUTANT') !== undefined
      ? structures.at('_KMUTANT', address).pointer('OwnerThread')
      : undefined;
  const limit =
    name === 'Semaphore' && structures.find('_KSEMAPHORE') !== undefined
      ? structures.at('_KSEMAPHORE', address).number('Limit')
      : undefined;
  return {
    address,
    type,
    name,
    ...(owner === undefined ? {} : { owner }),
    ...(limit === undefined ? {} : { limit }),
  };
}
