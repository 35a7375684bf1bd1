import { mark } from '../../image/code.ts';
import type { FunctionSpec } from '../../image/image-spec.ts';
import { call, move, store } from '../../image/x64-code.ts';
import { moveZeroExtended, nothing, readIrql } from '../../image/x64-data.ts';
import { x64Function } from '../../image/x64-function.ts';
import { allocated, type PrologStep, pushed } from '../../image/x64-prolog.ts';
import type { WatchedPool } from './watched-pool.ts';
import { checked } from './watched-pool-calls.ts';

/** New IRQL in cl: it is checked and noted before it is set. */
const watchedChange = (pool: WatchedPool, name: string, raises: boolean): FunctionSpec<PrologStep> =>
  x64Function(
    `Verifier${name}`,
    [pushed('rbx'), allocated(0x30)],
    [
      moveZeroExtended('rbx', 'rcx', 1),
      readIrql('rdx'),
      checked((cpu) => pool.changeIrql(Number(cpu.registers.rdx), Number(cpu.registers.rbx), raises)),
      mark('stop'),
      store('rsp', 0x20, 'r10'),
      call('VerifierBugCheckIfAppropriate'),
      nothing(),
      mark('done'),
      move('rcx', 'rbx'),
      call(name),
    ],
  );

/** Calls of a verified driver that change the IRQL arrive here instead. */
export const watchedIrqlFunctions = (pool: WatchedPool): FunctionSpec<PrologStep>[] => [
  watchedChange(pool, 'KfRaiseIrql', true),
  watchedChange(pool, 'KeLowerIrql', false),
];
