import { mark } from '../../image/code.ts';
import type { FunctionSpec } from '../../image/image-spec.ts';
import { call, moveImmediate, moveTo } from '../../image/x64-code.ts';
import { and, or } from '../../image/x64-data.ts';
import { x64Function } from '../../image/x64-function.ts';
import { allocated, type PrologStep, pushed } from '../../image/x64-prolog.ts';
import { quotaBit } from '../../pool/pool-type.ts';
import { goTo, intrinsic } from '../code-map.ts';
import type { KernelServices } from '../kernel-services.ts';

/** NormalPoolPriority */
const normalPriority = 0x10;

/**
 * POOL_TYPE in ecx, bytes in rdx, tag in r8d: the process that runs pays, if it is not the system itself. The caller's bit of
 * the same value asks for 0 instead of an exception; there are no exceptions here that functions raise, so that 0 comes back
 * without it too.
 */
const allocateWithQuota = (services: KernelServices): FunctionSpec<PrologStep> =>
  x64Function(
    'ExAllocatePoolWithQuotaTag',
    [pushed('rdi'), allocated(0x20)],
    [
      moveTo('rdi', 'rcx', 4),
      and('rdi', ~quotaBit, 4),
      intrinsic((cpu, place) => {
        if (services.payer === undefined) goTo(cpu, place, 'free');
      }),
      or('rdi', quotaBit, 4),
      mark('free'),
      moveTo('rcx', 'rdi', 4),
      call('ExAllocatePoolWithTag'),
    ],
    { exported: true },
  );

/** A verified driver's call arrives here: its blocks are the verifier's, and nobody pays for them. */
const verified = (): FunctionSpec<PrologStep> =>
  x64Function(
    'VerifierExAllocatePoolWithQuotaTag',
    [allocated(0x28)],
    [and('rcx', ~quotaBit, 4), moveImmediate('r9', normalPriority), call('VeAllocatePoolWithTagPriority')],
  );

/** Blocks that are charged to a process. */
export const quotaFunctions = (services: KernelServices): FunctionSpec<PrologStep>[] => [
  allocateWithQuota(services),
  verified(),
];
