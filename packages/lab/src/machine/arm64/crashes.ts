import type { Va } from '@poolscope/engine/base';
import { exceptionRecord64 } from '../exception-record.ts';
import type { Crash, CrashKind, CrashSite } from '../platform.ts';
import type { MachineTruth } from '../truth.ts';
import { type Arm64Function, CallChain } from './call-chain.ts';
import { arm64Context } from './context.ts';

const accessViolation = 0xc000_0005;
const status = 0xffff_ffff_c000_0005n;
const overrunPattern = 0x4f4f_4f4f_4f4f_4f4fn;

type Fault = NonNullable<MachineTruth['fault']>;

export function arm64Crash(kind: CrashKind, site: CrashSite): Crash {
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
    return this.#bugCheck(0x3b, [status, fault.ip, fault.contextRecord!, 0n], fault);
  }

  systemThread(): Crash {
    this.#chain.start(this.#function('nt!KiStartSystemThread'));
    this.#call('nt!PspSystemThreadStartup', 'storfilt!WorkerThread');
    const fault = this.#brokenAllocation();
    this.#call('nt!RtlDispatchException', 'nt!RtlpExecuteHandlerForException', 'nt!_C_specific_handler');
    this.#call('nt!PspSystemThreadStartupFilter', 'nt!PspUnhandledExceptionInSystemThread');
    return this.#bugCheck(0x7e, [status, fault.ip, fault.exceptionRecord!, fault.contextRecord!], fault);
  }

  pageFault(): Crash {
    const address = this.#site.pool.block + 0x10_0000n;
    this.#systemCall().call(this.#function('sampledrv!DispatchDeviceControl'));
    this.#chain.call(this.#function('sampledrv!FillRecord'), { x9: address, x8: 0x4fn });
    const fault = this.#noteFault('sampledrv!FillRecord', 'strb w8,[x9]', address);
    this.#chain.trap('fault', this.#function('nt!KiPageFault'));
    this.#call('nt!KiBugCheckDispatch');
    const [irql, writeAccess] = [2n, 1n];
    const crash = this.#bugCheck(0xd1, [address, irql, writeAccess, fault.ip], fault);
    return { ...crash, irql: 2, faultAddress: address };
  }

  poolFree(): Crash {
    const { block, victim } = this.#site.pool;
    this.#systemCall().call(this.#function('sampledrv!DispatchDeviceControl'));
    this.#chain.call(this.#function('sampledrv!FillRecord'), { x19: block + 0x10n, x0: block + 0x10n });
    this.#call('nt!ExFreePoolWithTag');
    const badNextHeader = 0x20n;
    return this.#bugCheck(0x19, [badNextHeader, block, victim, 0x0421_0021n]);
  }

  #function(symbol: string): Arm64Function {
    return this.#site.loaded.function(symbol);
  }

  #call(...symbols: string[]): CallChain {
    for (const symbol of symbols) this.#chain.call(this.#function(symbol));
    return this.#chain;
  }

  #systemCall(): CallChain {
    const { user } = this.#site;
    this.#chain.set({ fp: user.sp, lr: user.ip, x16: 7n });
    this.#chain.enterFromUser(this.#function('nt!KiSystemService'), user);
    return this.#call(
      'nt!NtDeviceIoControlFile',
      'nt!IopXxxControlFile',
      'nt!IopSynchronousServiceTail',
      'nt!IofCallDriver',
    );
  }

  /** nt!ExAllocatePoolWithTag follows an overwritten link; ends inside nt!KiDispatchException. */
  #brokenAllocation(): Fault {
    const freeList = this.#site.loaded.address('nt!NonPagedPoolFreeList');
    this.#chain.call(this.#function('nt!ExAllocatePoolWithTag'), { x8: overrunPattern, x20: freeList, x1: 0x1f0n });
    const fault = this.#noteFault('nt!ExAllocatePoolWithTag', 'ldr x9,[x8,#8]', overrunPattern + 8n);
    this.#chain.trap('fault', this.#function('nt!KiPageFault'));
    this.#call('nt!KiExceptionDispatch');
    const record = exceptionRecord64(accessViolation, fault.ip, [0n, fault.address]);
    const exceptionRecord = this.#chain.store(0, record);
    this.#call('nt!KiDispatchException');
    const contextRecord = this.#chain.store(0x40, arm64Context(fault.registers));
    return { ...fault, exceptionRecord, contextRecord };
  }

  #noteFault(symbol: string, instruction: string, address: Va): Fault {
    const ip = this.#function(symbol).mark('fault');
    return { ip, function: symbol, instruction, registers: { ...this.#chain.registers, pc: ip }, address };
  }

  #bugCheck(code: number, parameters: readonly Va[], fault?: Fault): Crash {
    const named = parameters.map((value, index) => [`x${index + 1}`, value]);
    this.#chain.set({ x0: BigInt(code), ...Object.fromEntries(named) });
    this.#chain.callOnly(this.#function('nt!KeBugCheckEx'));
    return {
      ...{ code, parameters, irql: 0, faultAddress: 0n },
      ...{ registers: this.#chain.registers, stackPointer: this.#chain.stackPointer },
      frames: this.#chain.frames(),
      ...(fault === undefined ? {} : { fault }),
    };
  }
}
