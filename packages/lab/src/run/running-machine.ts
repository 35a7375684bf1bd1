import { assert, readU64, type Va } from '@poolscope/engine/base';
import type { DriverVerifier } from '../driver-verifier/index.ts';
import { finishMachine, type StartedMachine, startMachine, startPool } from '../machine/build-machine.ts';
import { choosePlatform } from '../machine/choose-platform.ts';
import type { PoolStart } from '../machine/heap-pool.ts';
import { bootKernel } from '../machine/kernel-boot.ts';
import type { Machine, MachineOptions } from '../machine/machine.ts';
import { populatePool } from '../machine/pool-story.ts';
import { createStack, createThread, placedStack } from '../machine/processes.ts';
import { createCrashThread } from '../machine/running-threads.ts';
import { processStory } from '../machine/story.ts';
import { StructureTable } from '../machine/structure-table.ts';
import { userPlaces } from '../machine/user-memory.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import { KernelPool, type MachinePool } from '../pool/index.ts';
import type { SpecialPool } from '../special-pool/index.ts';
import { CodeMap } from './code-map.ts';
import { Cpu } from './cpu.ts';
import { SystemStopped } from './cpu-fault.ts';
import { CpuMemory } from './cpu-memory.ts';
import { crashOf } from './crash-facts.ts';
import type { Driver } from './driver.ts';
import { DriverObjects } from './driver-objects.ts';
import { heapPart } from './heap-part.ts';
import { HostServices, type SpecialPoolPages } from './host-services.ts';
import { createDpc } from './kernel/dpc-calls.ts';
import { runningPlatform } from './kernel/running-kernel.ts';
import type { SystemCall } from './kernel/system-call.ts';
import { WatchedPool } from './kernel/watched-pool.ts';
import { type MachinePlaces, placedPlatform } from './machine-places.ts';
import type { RunningThread } from './running-thread.ts';
import { unloadImage } from './unload-image.ts';
import { bootWatchedPools, ramFor, type WatchOptions } from './watched-pools.ts';

export interface RunningOptions
  extends Pick<MachineOptions, 'build' | 'memoryPages' | 'processors'>,
    WatchOptions {
  readonly drivers?: readonly Driver[];
  /** Driver Verifier's I/O verification is on: drivers are called through nt!IovCallDriver. */
  readonly verifiesIo?: boolean;
  /** What differs from start to start: the keys of segment heaps. */
  readonly bootSeed?: number;
  /** Where the kernel, its functions and its pools have to be; where they usually are when absent. */
  readonly places?: MachinePlaces;
}

/** The article's machine. */
const windows8 = 9200;

/** A request of the machine's process: its input is a buffer of user mode. */
export interface DeviceControl {
  readonly driver: string;
  readonly code: number;
  readonly input?: Uint8Array;
}

/**
 * A machine of x64 that runs: its kernel and its drivers are code that is executed, instruction by instruction, until
 * something goes wrong. Then it is a `Machine`, whose stacks, registers and memory are those that the code left.
 */
export class RunningMachine {
  readonly cpu: Cpu;
  readonly pool: MachinePool;
  /** Where the machine uses it. */
  readonly special: SpecialPool | undefined;
  readonly #started: StartedMachine;
  readonly #services = new HostServices();
  readonly #user: RunningThread;
  readonly #objects: DriverObjects;
  #system: RunningThread | undefined;
  #stopped: RunningThread | undefined;
  #call: SystemCall = { service: '', arguments: [] };

  constructor({ drivers = [], verifiesIo = false, bootSeed = 0, places, ...options }: RunningOptions = {}) {
    const { build = places?.build ?? windows8 } = options;
    const { memoryPages = places?.memoryPages ?? ramFor(options, build) } = options;
    const machineOptions: MachineOptions = {
      ...options,
      build,
      ...(memoryPages === undefined ? {} : { memoryPages }),
      ...(places?.highMemory && { highMemory: places.highMemory }),
      ...(places?.keptPages && { keptPages: places.keptPages }),
    };
    const { platform: usual, paging } = choosePlatform(machineOptions);
    const platform = placedPlatform(usual, places);
    const services = this.#services;
    const watchedPool = new WatchedPool();
    const pendingCall = () => this.#call;
    const running = runningPlatform(platform, { services, watchedPool, drivers, pendingCall, places });
    const kernel = bootKernel(running, paging, machineOptions);
    const { world, loaded, system } = kernel;
    places?.prepare?.(kernel);
    const { ranges, ...pooled }: PoolStart =
      startPool(kernel, options.processors, places?.pools) ??
      heapPart().startPool(kernel, options.processors, bootSeed);
    this.pool = pooled.pool;
    this.#started = { ...startMachine(machineOptions, kernel), ...pooled };
    const stack = places && placedStack(world, places.stackTop);
    this.#user = { kind: 'service', ...createCrashThread(kernel, this.#started.processes, stack) };
    const tables = new StructureTable('x64', platform.profile.build);
    this.cpu = this.#newCpu(places);
    if (this.pool instanceof KernelPool) places?.preparePool?.(this.pool);
    this.#objects = new DriverObjects(kernel, services, drivers, tables);
    services.attach({
      world,
      loaded,
      system,
      tables,
      pool: this.pool,
      cpu: this.cpu,
      processor: this.processor,
      objects: this.#objects.space,
      unloadedDrivers: kernel.unloadedDrivers,
    });
    if (verifiesIo) world.writePointer(this.address('nt!IopFunctionPointerMask'), 1n);
    const { special, verifier } = bootWatchedPools(kernel, tables, options, ranges);
    this.special = special;
    services.specialPool = special;
    const thread = () => services.thread?.thread.va ?? 0n;
    watchedPool.attach({ cpu: this.cpu, processor: this.processor, special, verifier, thread });
    for (const name of ['ExNPagedLookasideListHead', 'ExPagedLookasideListHead'])
      world.linkList(this.address(`nt!${name}`), []);
    places?.prepareLoad?.(kernel);
    for (const driver of drivers) this.#load(driver, verifier);
  }

  /** Address of `module!name`. */
  address(symbol: string): Va {
    return this.#started.kernel.loaded.address(symbol);
  }

  /** The pool of a machine that keeps classic pool. */
  get classicPool(): KernelPool {
    assert(this.pool instanceof KernelPool, 'this build keeps classic pool');
    return this.pool;
  }

  get stopped(): boolean {
    return this.#stopped !== undefined;
  }

  /** DeviceIoControl of the machine's process: the status that comes back. */
  deviceControl({ driver, code, input = new Uint8Array(0) }: DeviceControl): number {
    const handle = this.#objects.handles.get(driver);
    assert(handle !== undefined, `no driver is called ${driver}`);
    const { userStack } = this.#started.kernel.platform.profile.addresses;
    this.#services.input = input;
    const buffer = input.length === 0 ? 0n : userStack + 0x800n;
    const status = userStack + 0x7c0n;
    const values = [handle, 0n, 0n, 0n, status, BigInt(code), buffer, BigInt(input.length), 0n, 0n];
    this.systemCall({ service: 'nt!NtDeviceIoControlFile', arguments: values });
    return Number(this.cpu.registers.rax & 0xffff_ffffn);
  }

  /** A system call of the machine's process. */
  systemCall(call: SystemCall): void {
    this.#call = call;
    const { kernel } = this.#started;
    const { ip, sp } = userPlaces(kernel.platform);
    const thread = this.#user;
    this.#run(thread, () => {
      Object.assign(this.cpu.registers, {
        ...emptyRegisters,
        rcx: ip,
        r11: 0x246n,
        rbp: sp + 0x60n,
        rsp: sp,
      });
      this.cpu.enterFromUser(this.address('nt!KiSystemCall64'), { ip, sp }, thread.stack.initial);
    });
  }

  /** Runs a function in a thread of the kernel: it gets `argument` in rcx. An address may lead to nothing. */
  systemThread(routine: string | Va, argument: Va = 0n): void {
    const thread = (this.#system ??= this.#createSystemThread());
    const start = typeof routine === 'string' ? this.address(routine) : routine;
    this.#run(thread, () => {
      const { registers } = this.cpu;
      Object.assign(registers, { ...emptyRegisters, rcx: start, rdx: argument });
      registers.rsp = thread.stack.initial;
      this.cpu.start(this.address('nt!KiStartSystemThread'));
    });
  }

  /**
   * The processor has nothing to do, and gets a deferred procedure call: `routine` runs in the idle thread at DISPATCH_LEVEL,
   * with the KDPC and `context` as its first arguments. It was queued, or its timer has expired.
   */
  deferredCall(routine: string, context: Va = 0n, by: 'queue' | 'timer' = 'queue'): void {
    const { idle, kernel } = this.#started;
    const { thread, state } = idle[this.processor]!;
    const address = createDpc(kernel.world, this.address(routine), context);
    this.#services.waitingDpc = { address, isTimer: by === 'timer' };
    this.#run({ kind: 'idle', thread, stack: state.stack }, () => {
      Object.assign(this.cpu.registers, { ...emptyRegisters, ...state.registers });
      this.cpu.goOn(kernel.loaded.function('nt!KiIdleLoop').mark('retire'));
    });
  }

  /** Asks the device of a driver for a state of power: the request that its driver got. */
  powerRequest(driver: string): Va {
    const device = this.#objects.devices.get(driver);
    assert(device !== undefined, `no driver is called ${driver}`);
    this.systemThread('nt!PopIrpWorker', device);
    return this.#services.powerIrp;
  }

  /** Number of the processor that runs the code. */
  get processor(): number {
    return this.#started.idle.length - 1;
  }

  /** Fills the pool as on a system that has run for a while. */
  populate(seed: number): void {
    const { processes, idle } = this.#started;
    populatePool(this.pool, processes.system.va, idle.length, seed);
    if (this.pool.rebalance !== undefined)
      heapPart().populate(this.pool, processes.system.va, idle.length, seed);
  }

  /**
   * Unloads a driver: its own routine runs, and the verifier looks whether it has left blocks behind. Then its image goes out
   * of memory, if it is one without a device.
   */
  unloadDriver(name: string): void {
    const driver = this.#objects.find(name);
    assert(driver?.unload !== undefined, `no driver is called ${name}, or it cannot be unloaded`);
    this.systemThread('nt!IopUnloadDriver', this.#objects.of(driver));
    assert(driver.isLone, `${name} left nothing behind, and its device is in use`);
    unloadImage(this.#started.kernel, this.cpu, driver);
    this.#objects.remove(driver);
  }

  /** What a variable of an image holds. */
  readPointer(symbol: string): Va {
    return this.readPointerAt(this.address(symbol));
  }

  readPointerAt(va: Va): Va {
    return readU64(this.space.read(va, 8), 0);
  }

  /** Kernel memory. */
  get space(): AddressSpace {
    return this.#started.kernel.system;
  }

  /** The machine as it stopped, ready for a dump. */
  finish(): Machine {
    const thread = this.#stopped;
    assert(thread !== undefined, 'the machine has not stopped');
    const { processes } = this.#started;
    const inKernel = thread.kind !== 'service';
    const current = thread.kind === 'idle' ? processes.idle : processes.system;
    const started = inKernel
      ? { ...this.#started, processes: { ...processes, current, user: processes.current } }
      : this.#started;
    const crash = crashOf(this.cpu, this.#services);
    const { parameters } = crash;
    this.#nameDriver(crash.fault?.ip);
    // The pool is as the crash left it: what is still to be made goes elsewhere.
    this.#started.kernel.world.pool = undefined;
    return finishMachine(started, {
      thread: thread.thread,
      stack: thread.stack,
      crash,
      triaged: parameters,
      early: { ...this.#objects.early, requests: inKernel ? [] : this.#requestsThere() },
    });
  }

  /** Of the requests on their way: a damaged heap may have given back pages that it still needs. */
  #requestsThere(): readonly Va[] {
    const { system } = this.#started.kernel;
    return [...this.#services.requests].filter((entry) => system.pfnOf(entry) !== undefined);
  }

  /** nt!KiBugCheckDriver points to the name of the driver in which the fault was, as the loader keeps it. */
  #nameDriver(ip: Va | undefined): void {
    const driver = ip === undefined ? undefined : this.#services.driverAt(ip);
    if (driver === undefined) return;
    const { world } = this.#started.kernel;
    const name = world.profile.loaderEntry.members.BaseDllName[0];
    world.writePointer(this.address('nt!KiBugCheckDriver'), driver.loaderEntry + BigInt(name));
  }

  /** Pages that fault on purpose: who makes them says what they are for. */
  set specialPool(pages: SpecialPoolPages) {
    this.#services.specialPool = pages;
  }

  #run(thread: RunningThread, go: () => void): void {
    assert(this.#stopped === undefined, 'the machine has stopped');
    this.cpu.calls.clear();
    this.#services.thread = thread;
    try {
      go();
    } catch (error) {
      if (!(error instanceof SystemStopped)) throw error;
      this.#stopped = thread;
      throw error;
    }
  }

  #newCpu({ stopsAt = 'nt!KeBugCheckEx', hasHypervisor = false }: Partial<MachinePlaces> = {}): Cpu {
    const { loaded, system } = this.#started.kernel;
    const code = new CodeMap();
    const readOnly = new Set<Va>();
    for (const { image } of loaded.list) {
      code.add(image);
      for (const { rva, writable } of image.pages())
        if (!writable) readOnly.add(image.spec.base + BigInt(rva));
    }
    return new Cpu(new CpuMemory(system, readOnly), code, {
      bugCheck: this.address(stopsAt),
      hasHypervisor,
      doubleFault: {
        handler: this.address('nt!KiDoubleFaultAbort'),
        stack: () => createStack(this.#started.kernel.world).initial,
      },
      handlers: {
        page: this.address('nt!KiPageFault'),
        'general-protection': this.address('nt!KiGeneralProtectionFault'),
        breakpoint: this.address('nt!KiBreakpointTrap'),
        'invalid-opcode': this.address('nt!KiInvalidOpcodeFault'),
        'fast-fail': this.address(
          this.#started.kernel.platform.profile.build < windows8
            ? 'nt!KiGeneralProtectionFault'
            : 'nt!KiRaiseSecurityCheckFailure',
        ),
      },
    });
  }

  #createSystemThread(): RunningThread {
    const { world } = this.#started.kernel;
    const stack = createStack(world);
    const { id: processId, threadId: id } = processStory.system;
    const process = this.#started.processes.system;
    return { kind: 'thread', stack, thread: createThread(world, { process, stack, id, processId }) };
  }

  #load(driver: Driver, verifier: DriverVerifier | undefined): void {
    const image = this.#started.kernel.loaded.list.find((each) => each.image.spec.module === driver.name);
    assert(image !== undefined, `driver ${driver.name} is in memory`);
    verifier?.load(image);
    this.systemThread('nt!IopLoadDriver', this.#objects.of(driver));
  }
}

const emptyRegisters = Object.fromEntries(
  ['rax', 'rbx', 'rdx', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r12', 'r13', 'r14', 'r15'].map((name) => [
    name,
    0n,
  ]),
);
