import type { Va } from '@poolscope/engine/base';
import { exceptionRecord64 } from '../exception-record.ts';
import type { Crash, CrashKind, CrashSite } from '../platform.ts';
import type { MachineTruth } from '../truth.ts';
import { CallChain, type RegisterValues, type X64Function } from './call-chain.ts';
import { x64Context } from './context.ts';

const accessViolation = 0xc000_0005;
/** What an overrun with the letter O leaves where a pointer was. */
const overrunPattern = 0x4f4f_4f4f_4f4f_4f4fn;

/** Signed 32-bit status codes appear in bug check parameters sign-extended. */
const statusParameter = (status: number): bigint => BigInt.asUintN(64, BigInt(status | 0));

export function x64Crash(kind: CrashKind, site: CrashSite): Crash {
  const scene = new Scene(site);
  switch (kind) {
    case 'service-exception':
      return scene.serviceException();
    case 'page-fault':
      return scene.pageFault();
    case 'pool-free':
      return scene.poolFree();
    case 'system-thread':
      return scene.systemThread();
  }
}

class Scene {
  readonly #site: CrashSite;
  readonly #chain: CallChain;

  constructor(site: CrashSite) {
    this.#site = site;
    this.#chain = new CallChain(site.world.space, site.stack.initial);
  }

  serviceException(): Crash {
    this.#systemCall().call(this.#function('storfilt!DispatchDeviceControl'));
    const fault = this.#brokenAllocation();
    this.#call('nt!RtlDispatchException', 'nt!RtlpExecuteHandlerForException', 'nt!KiSystemServiceHandler');
    this.#call('nt!KiBugCheckDispatch');
    const status = statusParameter(accessViolation);
    return this.#bugCheck(0x3b, [status, fault.ip, fault.contextRecord!, 0n], fault);
  }

  systemThread(): Crash {
    this.#chain.start(this.#function('nt!KiStartSystemThread'));
    this.#call('nt!PspSystemThreadStartup', 'storfilt!WorkerThread');
    const fault = this.#brokenAllocation();
    this.#call('nt!RtlDispatchException', 'nt!RtlpExecuteHandlerForException', 'nt!_C_specific_handler');
    this.#call('nt!PspSystemThreadStartupFilter', 'nt!PspUnhandledExceptionInSystemThread');
    const status = statusParameter(accessViolation);
    return this.#bugCheck(0x7e, [status, fault.ip, fault.exceptionRecord!, fault.contextRecord!], fault);
  }

  pageFault(): Crash {
    const address = this.#site.pool.block + 0x10_0000n;
    this.#systemCall().call(this.#function('sampledrv!DispatchDeviceControl'));
    this.#chain.call(this.#function('sampledrv!FillRecord'), { rdi: address, rax: 0x4fn, rdx: 0x20n });
    const fault = this.#noteFault('sampledrv!FillRecord', 'mov byte ptr [rdi],al', address);
    this.#chain.trap('fault', this.#function('nt!KiPageFault'), 2n, address);
    const trapFrame = this.#chain.trapFrame!;
    this.#call('nt!KiBugCheckDispatch');
    const [irql, writeAccess] = [2n, 1n];
    const crash = this.#bugCheck(0xd1, [address, irql, writeAccess, fault.ip], fault);
    return { ...crash, trapFrame, irql: 2, faultAddress: address };
  }

  poolFree(): Crash {
    const { block, victim } = this.#site.pool;
    this.#systemCall().call(this.#function('sampledrv!DispatchDeviceControl'));
    this.#chain.call(this.#function('sampledrv!FillRecord'), { rbx: block + 0x10n });
    this.#chain.moveTo(this.#function('sampledrv!FillRecord$release'));
    this.#chain.set({ rcx: block + 0x10n, rdx: 0x446d_6153n });
    this.#call('nt!ExFreePoolWithTag');
    const badNextHeader = 0x20n;
    return this.#bugCheck(0x19, [badNextHeader, block, victim, 0x0421_0021n]);
  }

  #function(symbol: string): X64Function {
    return this.#site.loaded.function(symbol);
  }

  #call(...symbols: string[]): CallChain {
    for (const symbol of symbols) this.#chain.call(this.#function(symbol));
    return this.#chain;
  }

  /** From user mode down to the driver's dispatch routine. */
  #systemCall(): CallChain {
    const { user } = this.#site;
    this.#chain.set({ rcx: user.ip, rdx: 0x22_0004n, r8: 0x40n, r9: 0x1a4n, r10: 0x5cn, r11: 0x246n, rbp: user.sp });
    this.#chain.enterFromUser(this.#function('nt!KiSystemCall64'), user);
    return this.#call(
      'nt!NtDeviceIoControlFile',
      'nt!IopXxxControlFile',
      'nt!IopSynchronousServiceTail',
      'nt!IofCallDriver',
    );
  }

  /** nt!ExAllocatePoolWithTag follows an overwritten link; ends inside nt!KiDispatchException. */
  #brokenAllocation(): NonNullable<MachineTruth['fault']> {
    const values: RegisterValues = { rax: overrunPattern, rcx: 0x200n, rdx: 0x1f0n, r8: 0x746c_6653n };
    const freeList = this.#site.loaded.address('nt!NonPagedPoolFreeList');
    const saved = { rbx: freeList, rdi: values.rdx!, rbp: values.r8! };
    this.#chain.call(this.#function('nt!ExAllocatePoolWithTag'), { ...values, ...saved });
    const address = overrunPattern + 8n;
    const fault = this.#noteFault('nt!ExAllocatePoolWithTag', 'mov r9,qword ptr [rax+8]', address);
    this.#chain.trap('fault', this.#function('nt!KiGeneralProtectionFault'), 0n, 0n);
    this.#call('nt!KiExceptionDispatch');
    const exceptionRecord = this.#chain.store(0x140, exceptionRecord64(accessViolation, fault.ip, [0n, 0xffff_ffff_ffff_ffffn]));
    this.#call('nt!KiDispatchException');
    const contextRecord = this.#chain.store(0x90, x64Context(fault.registers));
    return { ...fault, exceptionRecord, contextRecord };
  }

  #noteFault(symbol: string, instruction: string, address: Va): NonNullable<MachineTruth['fault']> {
    const ip = this.#function(symbol).mark('fault');
    const registers = { ...this.#chain.registers, rip: ip };
    return { ip, function: symbol, instruction, registers, address };
  }

  #bugCheck(code: number, parameters: readonly Va[], fault?: NonNullable<MachineTruth['fault']>): Crash {
    const [p1, p2, p3] = parameters as [Va, Va, Va];
    this.#chain.set({ rcx: BigInt(code), rdx: p1, r8: p2, r9: p3 });
    this.#chain.callOnly(this.#function('nt!KeBugCheckEx'));
    return {
      ...{ code, parameters, irql: 0, faultAddress: 0n },
      ...{ registers: this.#chain.registers, stackPointer: this.#chain.stackPointer },
      frames: this.#chain.frames(),
      ...(fault === undefined ? {} : { fault }),
    };
  }
}
