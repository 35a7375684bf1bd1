import { readU64, type Va } from '@poolscope/engine/base';
import type { Crash } from '../machine/platform.ts';
import type { FaultTruth, TrueFrame } from '../machine/truth.ts';
import type { Cpu } from './cpu.ts';
import type { HostServices } from './host-services.ts';

/** A processor that stands at nt!KeBugCheckEx, or in what that has called: the bug check, and how it came to it. */
export function crashOf(cpu: Cpu, services: HostServices): Crash {
  const registers = cpu.snapshot();
  const frames = cpu.calls.frames(cpu.slot, registers);
  const [code, ...parameters] = bugCheckOf(frames, services);
  return {
    code: Number(code! & 0xffff_ffffn),
    parameters,
    registers,
    stackPointer: cpu.registers.rsp,
    frames,
    fault: faultOf(cpu, services),
    irql: cpu.irql,
    trapFrame: cpu.calls.newestTrapFrame,
    faultAddress: cpu.cr2,
  };
}

/** Bytes that nt!KeBugCheckEx takes of the stack. */
const bugCheckFrame = 0x38n;

/** Code and parameters: in registers at the beginning, and then where the caller has room for them. */
function bugCheckOf(frames: readonly TrueFrame[], { host }: HostServices): bigint[] {
  const word = (va: Va): bigint => readU64(host.system.read(va, 8), 0);
  const frame = frames.find((each) => each.function === 'nt!KeBugCheckEx')!;
  if (frame === frames[0]) {
    const { rcx, rdx, r8, r9 } = frame.registers;
    return [rcx!, rdx!, r8!, r9!, word(frame.sp + 0x28n)];
  }
  const home = frame.sp + bugCheckFrame + 8n;
  return [0n, 8n, 0x10n, 0x18n, 0x20n].map((offset) => word(home + offset));
}

/** The last exception of the processor: nobody has resolved it. */
function faultOf(cpu: Cpu, services: HostServices): FaultTruth | undefined {
  const last = cpu.calls.faults.at(-1);
  if (last === undefined) return undefined;
  const { fault, slot, registers } = last;
  const { record = 0n, context = 0n } = services.records ?? {};
  return {
    ip: registers['rip']!,
    function: slot?.function.symbol ?? '',
    registers,
    address: fault.address,
    ...recordAt('exceptionRecord', record),
    ...recordAt('contextRecord', context),
  };
}

const recordAt = (name: 'exceptionRecord' | 'contextRecord', va: Va): Partial<FaultTruth> =>
  va === 0n ? {} : { [name]: va };
