import type { Va } from '@poolscope/engine/base';
import { EXCEPTION_RECORD32 } from '@poolscope/engine/layouts';
import { StructWriter } from '../../bytes/struct-writer.ts';
import type { Crash, CrashKind, CrashSite } from '../platform.ts';
import type { MachineTruth } from '../truth.ts';
import { CallChain, low32, type X86Function } from './call-chain.ts';
import { x86Context } from './context.ts';

const accessViolation = 0xc000_0005;
const overrunPattern = 0x4f4f_4f4f;

type Fault = NonNullable<MachineTruth['fault']>;

export function x86Crash(kind: CrashKind, site: CrashSite): Crash {
  const scene = new Scene(site);
  switch (kind) {
    case 'service-exception':
      return scene.unhandledException();
    case 'page-fault':
      return scene.pageFault();
    case 'pool-free':
      return scene.poolFree();
    case 'system-thread':
      return scene.systemThread();
  }
}

/** Sign-extended, as bug check parameters of 32-bit systems are shown. */
const extend = (value: number): Va => BigInt.asUintN(64, BigInt(value | 0));

class Scene {
  readonly #site: CrashSite;
  readonly #chain: CallChain;

  constructor(site: CrashSite) {
    this.#site = site;
    this.#chain = new CallChain(site.world, site.stack.initial);
  }

  /** On x86 the kernel has no handler around system calls: 0x8E with the trap frame. */
  unhandledException(): Crash {
    this.#systemCall().call(this.#function('storfilt!DispatchDeviceControl'));
    const { fault, trapFrame } = this.#brokenAllocation();
    const crash = this.#bugCheck(0x8e, [extend(accessViolation), fault.ip, trapFrame, 0n], fault);
    return { ...crash, trapFrame };
  }

  systemThread(): Crash {
    this.#chain.start(this.#function('nt!KiThreadStartup'));
    this.#call('nt!PspSystemThreadStartup', 'storfilt!WorkerThread');
    const { fault } = this.#brokenAllocation();
    const exceptionRecord = this.#chain.store(0x40, exceptionBytes(accessViolation, fault.ip, [0, low32(fault.address)]));
    const contextRecord = this.#chain.store(0xa0, x86Context(fault.registers));
    this.#call('nt!RtlDispatchException', 'nt!RtlpExecuteHandlerForException', 'nt!_except_handler4');
    this.#call('nt!PspUnhandledExceptionInSystemThread');
    const parameters = [extend(accessViolation), fault.ip, exceptionRecord, contextRecord];
    return this.#bugCheck(0x7e, parameters, { ...fault, exceptionRecord, contextRecord });
  }

  pageFault(): Crash {
    const address = this.#site.pool.block + 0x10_0000n;
    this.#systemCall().call(this.#function('sampledrv!DispatchDeviceControl'));
    const values = { edi: low32(address), eax: 0x4f, edx: 0x20 };
    this.#chain.call(this.#function('sampledrv!FillRecord'), values, [low32(address)]);
    const fault = this.#noteFault('sampledrv!FillRecord', 'mov byte ptr [edi],al', address);
    this.#chain.trap('fault', this.#function('nt!KiTrap0E'), 2);
    const trapFrame = this.#chain.trapFrame!;
    const [irql, writeAccess] = [2n, 1n];
    const crash = this.#bugCheck(0xd1, [address, irql, writeAccess, fault.ip], fault);
    return { ...crash, trapFrame, irql: 2, faultAddress: address };
  }

  poolFree(): Crash {
    const { block, victim } = this.#site.pool;
    const data = low32(block) + 8;
    this.#systemCall().call(this.#function('sampledrv!DispatchDeviceControl'));
    this.#chain.call(this.#function('sampledrv!FillRecord'), { ebx: data }, [data]);
    this.#chain.call(this.#function('nt!ExFreePoolWithTag'), {}, [data, 0x446d_6153]);
    const badNextHeader = 0x20n;
    return this.#bugCheck(0x19, [badNextHeader, block, victim, 0x0421_0021n]);
  }

  #function(symbol: string): X86Function {
    return this.#site.loaded.function(symbol);
  }

  #call(...symbols: string[]): CallChain {
    for (const symbol of symbols) this.#chain.call(this.#function(symbol));
    return this.#chain;
  }

  #systemCall(): CallChain {
    const { user } = this.#site;
    this.#chain.set({ ecx: low32(user.sp), edx: low32(user.ip), eax: 7, ebp: low32(user.sp) });
    this.#chain.enterFromUser(this.#function('nt!KiFastCallEntry'), user);
    return this.#call(
      'nt!NtDeviceIoControlFile',
      'nt!IopXxxControlFile',
      'nt!IopSynchronousServiceTail',
      'nt!IofCallDriver',
    );
  }

  /** nt!ExAllocatePoolWithTag follows an overwritten link; ends inside nt!KiDispatchException. */
  #brokenAllocation(): { fault: Fault; trapFrame: Va } {
    const freeList = low32(this.#site.loaded.address('nt!NonPagedPoolFreeList'));
    const values = { eax: overrunPattern, ebx: freeList };
    this.#chain.call(this.#function('nt!ExAllocatePoolWithTag'), values, [0x200, 0x1f0, 0x746c_6653]);
    const address = extend(overrunPattern + 4);
    const fault = this.#noteFault('nt!ExAllocatePoolWithTag', 'mov ecx,dword ptr [eax+4]', address);
    this.#chain.trap('fault', this.#function('nt!KiTrap0E'), 0);
    const trapFrame = this.#chain.trapFrame!;
    this.#call('nt!CommonDispatchException', 'nt!KiDispatchException');
    return { fault, trapFrame };
  }

  #noteFault(symbol: string, instruction: string, address: Va): Fault {
    const ip = this.#function(symbol).mark('fault');
    return { ip, function: symbol, instruction, registers: { ...this.#chain.registers, eip: ip }, address };
  }

  #bugCheck(code: number, parameters: readonly Va[], fault?: Fault): Crash {
    this.#chain.callOnly(this.#function('nt!KeBugCheckEx'), [code, ...parameters.map(low32)]);
    return {
      ...{ code, parameters, irql: 0, faultAddress: 0n },
      ...{ registers: this.#chain.registers, stackPointer: this.#chain.stackPointer },
      frames: this.#chain.frames(),
      ...(fault === undefined ? {} : { fault }),
    };
  }
}

/** EXCEPTION_RECORD32 with its information words. */
function exceptionBytes(code: number, address: Va, information: readonly number[]): Uint8Array {
  const writer = new StructWriter(EXCEPTION_RECORD32).setAll({
    ExceptionCode: code,
    ExceptionAddress: low32(address),
    NumberParameters: information.length,
  });
  for (const [index, word] of information.entries()) writer.set('ExceptionInformation', word, index);
  return writer.bytes;
}
