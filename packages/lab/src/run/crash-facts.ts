import { readU64, type Va } from '@poolscope/engine/base';
import type { Crash } from '../machine/platform.ts';
import type { FaultTruth } from '../machine/truth.ts';
import type { Cpu } from './cpu.ts';
import type { HostServices } from './host-services.ts';

/** A processor that stands at nt!KeBugCheckEx: the bug check, and how it came to it. */
export function crashOf(cpu: Cpu, services: HostServices): Crash {
  const registers = cpu.snapshot();
  const { rcx, rdx, r8, r9, rsp } = cpu.registers;
  const fifth = readU64(services.host.system.read(rsp + 0x28n, 8), 0);
  return {
    code: Number(rcx & 0xffff_ffffn),
    parameters: [rdx, r8, r9, fifth],
    registers,
    stackPointer: rsp,
    frames: cpu.calls.frames(cpu.slot, registers),
    fault: faultOf(cpu, services),
    irql: cpu.irql,
    trapFrame: cpu.calls.newestTrapFrame,
    faultAddress: cpu.cr2,
  };
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
