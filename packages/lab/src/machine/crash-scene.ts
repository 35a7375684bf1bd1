import type { Va } from '@poolscope/engine/base';
import type { PlacedFunction } from '../image/built-image.ts';
import type { Crash, CrashKind, CrashSite } from './platform.ts';
import type { FaultReport, SimulatedThread } from './simulated-thread.ts';
import type { FaultTruth, Registers } from './truth.ts';

/** A function on the way from a trap handler to the exception dispatcher, and what it keeps in its frame. */
export interface DispatchStep {
  readonly function: string;
  /** Offset of the exception record. */
  readonly record?: number;
  /** Offset of the context record. */
  readonly context?: number;
}

/** How the same crash looks on one kind of processor. */
export interface CrashDialect<Step> {
  newThread(site: Pick<CrashSite, 'world' | 'stack'>): SimulatedThread<Step>;
  context(registers: Registers): Uint8Array;
  exceptionRecord(code: number, address: Va, information: readonly Va[]): Uint8Array;
  readonly instructionPointer: 'rip' | 'eip' | 'pc';
  readonly systemCall: {
    readonly handler: string;
    /** The part of the handler that calls the service, when it is a symbol of its own. */
    readonly part?: string;
    registers(user: CrashSite['user']): Registers;
  };
  /** First functions of a thread of the kernel. */
  readonly systemThread: readonly [string, string];
  /** The allocator follows a link that the overrun has destroyed. */
  readonly allocation: {
    readonly instruction: string;
    readonly link: Va;
    /** Address that the instruction reads, and the one that the exception record tells. */
    readonly address: Va;
    readonly reported: Va;
    readonly handler: string;
    readonly dispatch: readonly DispatchStep[];
    registers(link: Va, freeList: Va): Registers;
  };
  /** A driver writes to an address that is not mapped. */
  readonly write: {
    readonly instruction: string;
    readonly handler: string;
    readonly dispatch: readonly string[];
    registers(address: Va): Registers;
  };
  /** A driver frees its block; `movedPart` is where the call lies when not in the function itself. */
  readonly free: { readonly movedPart?: string; registers(data: Va): Registers };
  /** What the kernel makes of an exception in a system call: the bug check, and who raises it. */
  readonly unhandled: {
    readonly code: number;
    readonly third: 'context' | 'trap-frame';
    readonly raisedBy: readonly string[];
  };
  /** The same in a thread of the kernel. */
  readonly unhandledInThread: readonly string[];
}

const accessViolation = 0xc000_0005;
/** A status as a bug check parameter: sign-extended. */
const accessViolationParameter = 0xffff_ffff_c000_0005n;
const dispatchLevel = 2;
const sampleTag = 0x446d_6153n;
const allocationArguments = [0x200n, 0x1f0n, 0x746c_6653n];

/** Plays one crash: see `CrashKind`. */
export function playCrash<Step>(dialect: CrashDialect<Step>, kind: CrashKind, site: CrashSite): Crash {
  const scene = new CrashScene(dialect, site);
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

class CrashScene<Step> {
  readonly #dialect: CrashDialect<Step>;
  readonly #site: CrashSite;
  readonly #thread: SimulatedThread<Step>;
  #trapFrame: Va | undefined;
  #faultAddress: Va = 0n;

  constructor(dialect: CrashDialect<Step>, site: CrashSite) {
    this.#dialect = dialect;
    this.#site = site;
    this.#thread = dialect.newThread(site);
  }

  serviceException(): Crash {
    this.#systemCall('storfilt!DispatchDeviceControl');
    const fault = this.#brokenAllocation();
    const { code, third, raisedBy } = this.#dialect.unhandled;
    this.#call(raisedBy);
    const record = third === 'context' ? fault.contextRecord : this.#trapFrame;
    return this.#bugCheck(code, [accessViolationParameter, fault.ip, record!, 0n], fault);
  }

  systemThread(): Crash {
    const [first, second] = this.#dialect.systemThread;
    this.#thread.start(this.#function(first));
    this.#call([second, 'storfilt!WorkerThread']);
    const fault = this.#brokenAllocation();
    this.#call(this.#dialect.unhandledInThread);
    const records = [fault.exceptionRecord!, fault.contextRecord!];
    return this.#bugCheck(0x7e, [accessViolationParameter, fault.ip, ...records], fault);
  }

  pageFault(): Crash {
    const { instruction, handler, dispatch, registers } = this.#dialect.write;
    const address = this.#site.pool.block + 0x10_0000n;
    this.#systemCall('sampledrv!DispatchDeviceControl');
    this.#thread.call(this.#function('sampledrv!FillRecord'), registers(address), [address]);
    const fault = this.#noteFault('sampledrv!FillRecord', instruction, address);
    this.#trap(handler, { errorCode: 2, address });
    this.#call(dispatch);
    const writeAccess = 1n;
    return this.#bugCheck(
      0xd1,
      [address, BigInt(dispatchLevel), writeAccess, fault.ip],
      fault,
      dispatchLevel,
    );
  }

  poolFree(): Crash {
    const { movedPart, registers } = this.#dialect.free;
    const { block, data, victim } = this.#site.pool;
    this.#systemCall('sampledrv!DispatchDeviceControl');
    this.#thread.call(this.#function('sampledrv!FillRecord'), registers(data), [data]);
    if (movedPart !== undefined) this.#thread.moveTo(this.#function(movedPart));
    this.#thread.call(this.#function('nt!ExFreePoolWithTag'), {}, [data, sampleTag]);
    const badNextHeader = 0x20n;
    return this.#bugCheck(0x19, [badNextHeader, block, victim, 0x0421_0021n]);
  }

  #function(symbol: string): PlacedFunction<Step> {
    return this.#site.loaded.function(symbol);
  }

  #call(symbols: readonly string[]): void {
    for (const symbol of symbols) this.#thread.call(this.#function(symbol));
  }

  /** From user mode down to a driver's dispatch routine. */
  #systemCall(dispatch: string): void {
    const { handler, registers } = this.#dialect.systemCall;
    const { user } = this.#site;
    this.#thread.set(registers(user)).enterFromUser(this.#function(handler), user);
    this.#call(['nt!NtDeviceIoControlFile', 'nt!IopXxxControlFile']);
    this.#call(['nt!IopSynchronousServiceTail', 'nt!IofCallDriver', dispatch]);
  }

  /** From the allocator's fault to the exception dispatcher, in whose frame it ends. */
  #brokenAllocation(): FaultTruth {
    const { instruction, link, address, reported, handler, dispatch, registers } = this.#dialect.allocation;
    const values = registers(link, this.#site.loaded.address('nt!NonPagedPoolFreeList'));
    this.#thread.call(this.#function('nt!ExAllocatePoolWithTag'), values, allocationArguments);
    const fault = this.#noteFault('nt!ExAllocatePoolWithTag', instruction, address);
    this.#trap(handler, { errorCode: 0, address: address === reported ? address : 0n });
    const records: { exceptionRecord?: Va; contextRecord?: Va } = {};
    for (const step of dispatch) {
      this.#call([step.function]);
      if (step.record !== undefined) {
        const bytes = this.#dialect.exceptionRecord(accessViolation, fault.ip, [0n, reported]);
        records.exceptionRecord = this.#thread.store(step.record, bytes);
      }
      if (step.context !== undefined)
        records.contextRecord = this.#thread.store(step.context, this.#dialect.context(fault.registers));
    }
    return { ...fault, ...records };
  }

  #noteFault(symbol: string, instruction: string, address: Va): FaultTruth {
    const ip = this.#function(symbol).mark('fault');
    const registers = { ...this.#thread.registers, [this.#dialect.instructionPointer]: ip };
    return { ip, function: symbol, instruction, registers, address };
  }

  #trap(handler: string, report: FaultReport): void {
    this.#thread.trap('fault', this.#function(handler), report);
    this.#trapFrame = this.#thread.trapFrame;
    this.#faultAddress = report.address;
  }

  #bugCheck(code: number, parameters: readonly Va[], fault?: FaultTruth, irql = 0): Crash {
    this.#thread.stopAt(this.#function('nt!KeBugCheckEx'), [BigInt(code), ...parameters]);
    const { registers, stackPointer } = this.#thread;
    return {
      code,
      parameters,
      registers,
      stackPointer,
      fault,
      irql,
      frames: this.#thread.frames(),
      trapFrame: this.#trapFrame,
      faultAddress: this.#faultAddress,
    };
  }
}
