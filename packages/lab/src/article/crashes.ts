import { assert, type Va } from '@poolscope/engine/base';
import { KEXCEPTION_FRAME64 } from '@poolscope/engine/layouts';
import { exceptionRecord64 } from '../machine/exception-record.ts';
import type { KernelWorld } from '../machine/kernel-world.ts';
import type { LoadedImages } from '../machine/loaded-images.ts';
import type { Crash } from '../machine/platform.ts';
import type { KernelStack } from '../machine/processes.ts';
import type { FaultTruth, Registers } from '../machine/truth.ts';
import { CallChain, type X64Function } from '../machine/x64/call-chain.ts';
import { x64Context } from '../machine/x64/context.ts';
import { part1, part2, part3 } from './facts.ts';
import { contextOffset } from './first-kernel.ts';
import { coldFunction } from './later-kernel.ts';

/** What a crash plays on. */
export interface ArticleSite {
  readonly world: KernelWorld;
  readonly loaded: LoadedImages;
  readonly stack: KernelStack;
}

/** A thread that comes from user mode and runs until its bug check. */
class ArticleThread {
  readonly chain: CallChain;
  readonly #loaded: LoadedImages;
  fault: FaultTruth | undefined;
  trapFrame: Va | undefined;

  constructor({ world, loaded, stack }: ArticleSite, user: { readonly ip: Va; readonly sp: Va }) {
    this.chain = new CallChain(world.space, stack.initial);
    this.#loaded = loaded;
    this.chain.enterFromUser(this.function('nt!KiSystemCall64'), user);
    this.trapFrame = this.chain.trapFrame;
  }

  function(symbol: string): X64Function {
    return this.#loaded.function(symbol);
  }

  call(...symbols: string[]): this {
    for (const symbol of symbols) this.chain.call(this.function(symbol));
    return this;
  }

  /** The processor takes a fault at the mark of the running function. */
  trap(symbol: string, instruction: string, handler: string, address: Va, named: Va): this {
    const ip = this.function(symbol).mark('fault');
    const registers = { ...this.chain.registers, rip: ip };
    this.fault = { ip, function: symbol, instruction, registers, address };
    this.chain.trap('fault', this.function(handler), { errorCode: 0, address: named });
    this.trapFrame = this.chain.trapFrame;
    return this;
  }

  end(code: number, parameters: readonly bigint[], faultAddress: Va): Crash {
    const { registers, stackPointer } = this.chain;
    const { fault, trapFrame } = this;
    const frames = this.chain.frames();
    return { code, parameters, registers, stackPointer, frames, fault, trapFrame, irql: 0, faultAddress };
  }
}

/** Part 1: an allocation in a driver that has nothing to do with the damage follows a link that is text. */
export function firstCrash(site: ArticleSite): Crash {
  const thread = new ArticleThread(site, part2.user);
  const { chain } = thread;
  thread.call('nt!NtDeviceIoControlFile', 'nt!IopXxxControlFile', 'nt!IopSynchronousServiceTail');
  thread.call('nt!IofCallDriver', 'storfilt!DispatchDeviceControl', 'nt!ExAllocatePoolWithTag');
  const { rip, rsp, ...values } = part1.registers;
  assert(chain.stackPointer === rsp, `the stack is at ${chain.stackPointer.toString(16)}`);
  chain.set(values);
  const bad = values.rax + 8n;
  thread.trap('nt!ExAllocatePoolWithTag', 'mov r9,qword ptr [rax+8]', 'nt!KiGeneralProtectionFault', bad, 0n);
  assert(thread.fault?.ip === rip, 'the fault is where it was');
  const record = exceptionRecord64(Number(part1.status), rip, [0n, 0xffff_ffff_ffff_ffffn]);
  thread.call('nt!KiExceptionDispatch');
  const exceptionRecord = chain.store(KEXCEPTION_FRAME64.size, record);
  thread.call('nt!KiDispatchException');
  const contextRecord = chain.store(contextOffset, x64Context(thread.fault.registers));
  assert(contextRecord === part1.contextRecord, `the context is at ${contextRecord.toString(16)}`);
  thread.fault = { ...thread.fault, exceptionRecord, contextRecord };
  thread.call('nt!RtlDispatchException', 'nt!RtlpExecuteHandlerForException');
  thread.call('nt!KiSystemServiceHandler', 'nt!KiBugCheckDispatch');
  const parameters = [part1.status, rip, contextRecord, 0n];
  chain.stopAt(thread.function('nt!KeBugCheckEx'), [BigInt(part1.bugCheck), ...parameters]);
  return thread.end(part1.bugCheck, parameters, 0n);
}

/** From user mode into the driver of parts 2 and 3, which the verifier watches. */
function enterDriver(site: ArticleSite, user: { readonly ip: Va; readonly sp: Va }): ArticleThread {
  const thread = new ArticleThread(site, user);
  thread.chain.moveTo(thread.function('nt!KiSystemServiceCopyEnd'));
  thread.call('nt!NtDeviceIoControlFile', 'nt!IopXxxControlFile', 'nt!IovCallDriver');
  return thread.call('myfault!MyfaultDispatch', 'myfault!MyfaultDeviceControl');
}

/** From the fault to the rare part of nt!MiSystemFault. */
function leadToBugCheck(thread: ArticleThread, part: 'beyond' | 'freed'): void {
  thread.call('nt!MmAccessFault', 'nt!MiSystemFault');
  thread.chain.moveTo(thread.function(`nt!${coldFunction(part)}`));
}

/** Part 2: the driver fills its block and goes on: there is no page. */
export function secondCrash(site: ArticleSite): Crash {
  const thread = enterDriver(site, part2.user);
  const { chain } = thread;
  chain.set({ rdi: part2.guard, rax: 0x4fn, rcx: BigInt(part2.block.size) });
  const symbol = 'myfault!MyfaultDeviceControl';
  thread.trap(symbol, 'mov byte ptr [rdi],al', 'nt!KiPageFault', part2.guard, part2.guard);
  assert(thread.fault?.ip === part2.fault, 'the fault is where it was');
  leadToBugCheck(thread, 'beyond');
  const parameters = [part2.guard, part2.write, part2.fault, 0n];
  chain.stopAt(thread.function('nt!KeBugCheckEx'), [BigInt(part2.bugCheck), ...parameters]);
  return thread.end(part2.bugCheck, parameters, part2.guard);
}

/** Registers that calls need not keep. */
const volatile = ['rax', 'rcx', 'rdx', 'r8', 'r9', 'r10', 'r11'] as const;

/** Part 3: the driver frees its block once more: the kernel looks at a header that is gone. A debugger was attached. */
export function thirdCrash(site: ArticleSite): Crash {
  const thread = enterDriver(site, part3.user);
  const { chain } = thread;
  chain.set(part3.registers);
  thread.call('nt!VerifierExFreePoolWithTag', 'nt!ExFreePoolSanityChecks');
  const values: Registers = part3.registers;
  chain.set(Object.fromEntries(volatile.map((name) => [name, values[name]!])));
  const symbol = 'nt!ExFreePoolSanityChecks';
  thread.trap(symbol, 'mov eax,dword ptr [r9]', 'nt!KiPageFault', part3.header, part3.header);
  assert(thread.fault?.ip === part3.fault, 'the fault is where it was');
  leadToBugCheck(thread, 'freed');
  const parameters = [part3.header, part3.read, part3.fault, part3.kind];
  const bugCheck = thread.function('nt!KeBugCheckEx');
  const [rcx, rdx, r8, r9] = [BigInt(part3.bugCheck), ...parameters];
  chain.call(bugCheck, { rcx: rcx!, rdx: rdx!, r8: r8!, r9: r9! });
  thread.call('nt!KeBugCheck2', 'nt!KiBugCheckDebugBreak');
  chain.stopAt(thread.function('nt!DbgBreakPointWithStatus'), [3n]);
  return thread.end(part3.bugCheck, parameters, part3.header);
}

/** Part 3 before special pool: the allocator itself sees that the block is free already. */
export function thirdPlainCrash(site: ArticleSite): Crash {
  const thread = new ArticleThread(site, part3.user);
  const { bugCheck, parameters } = part3.plain;
  thread.call('nt!NtDeviceIoControlFile', 'nt!IopXxxControlFile', 'nt!IopSynchronousServiceTail');
  thread.call('nt!IofCallDriver', 'myfault!MyfaultDispatch', 'myfault!MyfaultDeviceControl');
  thread.call('nt!ExFreePoolWithTag');
  thread.chain.stopAt(thread.function('nt!KeBugCheckEx'), [BigInt(bugCheck), ...parameters]);
  return thread.end(bugCheck, parameters, 0n);
}
