import type { Va } from '../base/index.ts';
import { findSession, type NamedKernel, type PoolKernel } from '../pool/index.ts';
import { kernelOfProcess } from '../system/index.ts';
import { bigHex } from './call-text.ts';
import type { Console } from './console.ts';
import { type Line, span } from './output.ts';

/** What pool is read from: the system, or the system as the chosen process sees it; and the same as a call has it. */
export function poolKernelOf({ system, process, memory }: Console): {
  readonly kernel: PoolKernel & NamedKernel;
  readonly text: string;
} {
  const own =
    process === undefined || memory === system.memory ? undefined : kernelOfProcess(system, process);
  return own === undefined || process === undefined
    ? { kernel: system, text: 'session.system' }
    : { kernel: own, text: `engine.kernelOfProcess(session.system, ${bigHex(process)})` };
}

/** Through whose eyes an address of session space was read, and how to see it otherwise; nothing for other addresses. */
export function sessionLines({ system }: Console, kernel: PoolKernel, va: Va): Line[] {
  const session = findSession(kernel, va);
  if (session === undefined) return [];
  const { process, sessionId } = session;
  const who =
    process === undefined
      ? 'the process of the crash, which is not known'
      : `process ${system.plainText(process)} (${sessionText(sessionId)})`;
  return [
    [
      span('Session space is another in each session: ', 'dim'),
      span('.process ADDR chooses whose is shown.', 'dim', '!process 0 0'),
    ],
    [span(`This is that of ${who}.`, 'dim')],
  ];
}

function sessionText(sessionId: number | 'none' | undefined): string {
  if (sessionId === undefined) return 'its session is not known';
  return sessionId === 'none' ? 'which belongs to no session' : `session ${sessionId}`;
}
