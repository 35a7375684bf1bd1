import { assert, type Va } from '@poolscope/engine/base';
import { KEXCEPTION_FRAME64, KTRAP_FRAME64 } from '@poolscope/engine/layouts';
import type { X64Cpu } from '../image/x64-registers.ts';
import type { KernelWorld } from '../machine/kernel-world.ts';
import type { LoadedImage, LoadedImages } from '../machine/loaded-images.ts';
import type { ObjectSpace } from '../machine/objects/object-space.ts';
import type { PlantedStructure, StructureTable } from '../machine/structure-table.ts';
import type { UnloadedDriverFacts } from '../machine/unloaded-drivers.ts';
import { x64Context } from '../machine/x64/context.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import type { MachinePool } from '../pool/index.ts';
import { quotaBit } from '../pool/pool-type.ts';
import type { Cpu } from './cpu.ts';
import type { ControlRequest, FaultVerdict, KernelServices, WaitingDpc } from './kernel-services.ts';
import type { RunningThread } from './running-thread.ts';

/** What the services work on; there is nothing before the kernel is in memory. */
export interface Host {
  readonly world: KernelWorld;
  readonly loaded: LoadedImages;
  readonly system: AddressSpace;
  readonly tables: StructureTable;
  readonly pool: MachinePool;
  readonly cpu: Cpu;
  /** Number of the processor that runs. */
  readonly processor: number;
  readonly objects: ObjectSpace;
  readonly unloadedDrivers: readonly UnloadedDriverFacts[];
}

/** What faults in special pool are about: the page behind a block, or a block that is gone. */
export interface SpecialPoolPages {
  kindOf(address: Va): 'guard' | 'freed' | undefined;
  /** Is an address in special pool at all? */
  holds?(address: Va): boolean;
}

/** IO_TYPE_FILE and IO_TYPE_IRP. */
const types = { file: 5, irp: 6 } as const;
const deviceControl = 0x0e;
const power = { major: 0x16, setPower: 2, devicePowerState: 1, d3: 4 } as const;
const dispatchLevel = 2;
/** First build whose page fault bug checks tell a write as 2. */
const newAccessCodes = 10_240;
const writeBit = 2;
const protectionBit = 1;
const executeBit = 0x10;
/** How such builds tell an instruction that was to be executed. */
const executeAccess = 0x10n;

const bugChecks = {
  irql: 0x0a,
  nonPaged: 0x50,
  readOnly: 0xbe,
  unloadedDriver: 0xce,
  corruptedPool: 0xc5,
  driverIrql: 0xd1,
  /** Of the kernel, and of a driver. */
  guard: [0xcd, 0xd6],
  freed: [0xcc, 0xd5],
} as const;
/** PAGE_FAULT_IN_NONPAGED_AREA: a page that is not there, or not even its page table. */
const faultKinds = { freedPte: 0n, noPageTable: 2n } as const;

/** Functions of the pool, whose faults at DISPATCH_LEVEL the kernel tells apart. */
const poolFunctions = /^Ex(Allocate|Free|DeferredFree)Pool/;

const trap = KTRAP_FRAME64.fields;
const saved = KEXCEPTION_FRAME64.fields;

/** What functions of the kernel leave to the machine. */
export class HostServices implements KernelServices {
  #host: Host | undefined;
  readonly #files = new Map<Va, ControlRequest>();
  /** List entries of the requests that are on their way. */
  readonly requests = new Set<Va>();
  /** Who runs. */
  thread: RunningThread | undefined;
  /** What the address of an input buffer in user mode stands for. */
  input: Uint8Array = new Uint8Array(0);
  /** Whose pages fault on purpose. */
  specialPool: SpecialPoolPages | undefined;
  /** What the processor has to do next. */
  waitingDpc: WaitingDpc | undefined;
  /** The request for power that was made last. */
  powerIrp: Va = 0n;
  #records: { readonly record: Va; readonly context: Va } | undefined;

  attach(host: Host): void {
    this.#host = host;
  }

  get host(): Host {
    assert(this.#host !== undefined, 'the machine is not up');
    return this.#host;
  }

  /** Where the exception's records are that the kernel made last; 0: it made none. */
  get records(): { readonly record: Va; readonly context: Va } | undefined {
    return this.#records;
  }

  allocatePool(poolType: number, bytes: bigint, tag: number): Va {
    const { pool, cpu, processor } = this.host;
    // What no machine has is not worth a search.
    if (bytes > 0x4000_0000n) return 0n;
    const [type, caller] = [poolType & ~quotaBit, { processor, irql: cpu.irql }];
    const { payer } = this;
    return (poolType & quotaBit) === 0 || payer === undefined
      ? pool.allocate(type, Number(bytes), tag, caller)
      : pool.allocateWithQuota(type, Number(bytes), tag, payer, caller);
  }

  get payer(): Va | undefined {
    return this.thread?.kind === 'service' ? this.thread.thread.get('Process') : undefined;
  }

  freePool(address: Va, tag: number): void {
    const { pool, cpu, processor } = this.host;
    pool.free(address, tag, { processor, irql: cpu.irql });
  }

  judgeFault(address: Va, errorCode: number, ip: Va): FaultVerdict {
    const { system, world } = this.host;
    const writes = (errorCode & writeBit) !== 0;
    const written = world.profile.build >= newAccessCodes ? 2n : 1n;
    const special = this.specialPool?.kindOf(address);
    if (special !== undefined && (errorCode & protectionBit) === 0) {
      const [ofKernel, ofDriver] = bugChecks[special];
      const code = this.driverAt(ip) === undefined ? ofKernel : ofDriver;
      return { kind: 'bug-check', code, access: writes ? written : 0n, fourth: 0n };
    }
    if ((errorCode & protectionBit) !== 0)
      return {
        kind: 'bug-check',
        code: bugChecks.readOnly,
        access: system.tables.entry(address),
        fourth: 0n,
      };
    if (this.#wasDriver(address)) {
      const executes = (errorCode & executeBit) !== 0 && world.profile.build >= newAccessCodes;
      const access = executes ? executeAccess : writes ? written : 0n;
      return { kind: 'bug-check', code: bugChecks.unloadedDriver, access, fourth: 0n };
    }
    const directory = system.tables.entry(address, 'PDE');
    return {
      kind: 'bug-check',
      code: bugChecks.nonPaged,
      access: writes ? written : 0n,
      fourth:
        directory === 0n || this.specialPool?.holds?.(address) === true
          ? faultKinds.noPageTable
          : faultKinds.freedPte,
    };
  }

  /** An image was there, and is on the list of unloaded drivers. */
  #wasDriver(address: Va): boolean {
    return this.host.unloadedDrivers.some(({ start, end }) => address >= start && address < end);
  }

  isUserAddress(address: Va): boolean {
    return address < 0x8000_0000_0000n;
  }

  /** The driver whose code an address is; undefined for the kernel, the HAL and everything else. */
  driverAt(ip: Va): LoadedImage | undefined {
    const { loaded } = this.host;
    return loaded.list.find(
      ({ image: { spec, size } }) =>
        ip >= spec.base && ip < spec.base + BigInt(size) && spec.module !== 'nt' && spec.module !== 'hal',
    );
  }

  irqlBugCheck(ip: Va): number {
    if (this.driverAt(ip) !== undefined) return bugChecks.driverIrql;
    const running = this.host.loaded.list
      .flatMap(({ image }) => [...image.functions])
      .find((each) => ip >= each.address && ip < each.address + BigInt(each.size));
    // Code that no image has: nobody but a driver runs there.
    if (running === undefined) return bugChecks.driverIrql;
    return poolFunctions.test(running.spec.name) ? bugChecks.corruptedPool : bugChecks.irql;
  }

  exceptionHandler(): 'service' | 'thread' | 'none' {
    const { cpu } = this.host;
    const { kind = 'idle' } = this.thread ?? {};
    return cpu.irql > dispatchLevel || kind === 'idle' ? 'none' : kind;
  }

  /** A file object of a device, and the handle that leads to it. */
  openFile(objects: ObjectSpace, handle: Va, device: Va): Va {
    const size = objects.tables.size('_FILE_OBJECT')!;
    const { va } = objects.create('File', size, { handles: 1, pointers: 0x7fff });
    objects.view('_FILE_OBJECT', va).set({
      Type: types.file,
      Size: size,
      DeviceObject: device,
      ReadAccess: 1,
      WriteAccess: 1,
      Flags: 0x4_0002,
    });
    this.#files.set(handle, { file: va, device });
    return va;
  }

  fileOf(handle: Va): ControlRequest {
    const request = this.#files.get(handle);
    assert(request !== undefined, `no file has the handle ${handle.toString(16)}`);
    return request;
  }

  prepareIrp(
    irp: Va,
    { file, device }: ControlRequest,
    { code, buffer, input, length }: { code: number; buffer: Va; input: Va; length: number },
  ): void {
    const { system, objects } = this.host;
    const { view, location } = this.#blankIrp(irp);
    view.set({
      Flags: buffer === 0n ? 0x60 : 0x70,
      RequestorMode: 1,
      'AssociatedIrp.SystemBuffer': buffer,
      UserBuffer: input,
      'Tail.Overlay.Thread': this.thread!.thread.va,
      'Tail.Overlay.OriginalFileObject': file,
    });
    objects.view('_IO_STACK_LOCATION', location).set({
      MajorFunction: deviceControl,
      Flags: 5,
      DeviceObject: device,
      FileObject: file,
      'Parameters.Others.Argument2': length,
      'Parameters.Others.Argument3': code,
      'Parameters.Others.Argument4': input,
    });
    this.requests.add(this.#threadEntry(irp));
    if (buffer !== 0n) system.write(buffer, this.input.subarray(0, length));
  }

  preparePowerIrp(irp: Va): void {
    const { view, location } = this.#blankIrp(irp);
    this.powerIrp = irp;
    view.set({ 'IoStatus.Status': 0xc000_00bb });
    this.host.objects.view('_IO_STACK_LOCATION', location).set({
      MajorFunction: power.major,
      MinorFunction: power.setPower,
      'Parameters.Others.Argument2': power.devicePowerState,
      'Parameters.Others.Argument3': power.d3,
    });
  }

  takeDpc(): WaitingDpc {
    const dpc = this.waitingDpc;
    assert(dpc !== undefined, 'a DPC waits');
    this.waitingDpc = undefined;
    return dpc;
  }

  /** An IRP whose stack is still to be used: the first driver's location is the last one. */
  #blankIrp(irp: Va): { readonly view: PlantedStructure; readonly location: Va } {
    const { system, tables, objects } = this.host;
    const [size, each] = [tables.size('_IRP')!, tables.size('_IO_STACK_LOCATION')!];
    const count = system.read(irp + 0x42n, 1)[0]!;
    system.write(irp, new Uint8Array(size + count * each));
    const view = objects.view('_IRP', irp).set({
      Type: types.irp,
      Size: size + count * each,
      StackCount: count,
      // Above the first location: the call of the driver steps to it.
      CurrentLocation: count + 1,
      'Tail.Overlay.CurrentStackLocation': irp + BigInt(size + count * each),
    });
    return { view, location: irp + BigInt(size + (count - 1) * each) };
  }

  forgetIrp(irp: Va): void {
    this.requests.delete(this.#threadEntry(irp));
  }

  #threadEntry(irp: Va): Va {
    return irp + BigInt(this.host.tables.offset('_IRP', 'ThreadListEntry') ?? 0);
  }

  noteTrapFrame(trapFrame: Va): void {
    this.host.cpu.calls.trapFrame = trapFrame;
  }

  writeContext(va: Va, trapFrame: Va, exceptionFrame: Va): void {
    const { system, cpu } = this.host;
    const word = (at: Va, field: { readonly offset: number }): bigint =>
      cpu.read(at + BigInt(field.offset), 8);
    const fromTrap = ['Rax', 'Rcx', 'Rdx', 'R8', 'R9', 'R10', 'R11', 'Rbp', 'Rip', 'Rsp'] as const;
    const fromException = ['Rbx', 'Rdi', 'Rsi', 'R12', 'R13', 'R14', 'R15'] as const;
    const registers = Object.fromEntries([
      ...fromTrap.map((name) => [name.toLowerCase(), word(trapFrame, trap[name])]),
      ...fromException.map((name) => [name.toLowerCase(), word(exceptionFrame, saved[name])]),
      ['efl', word(trapFrame, trap.EFlags) & 0xffff_ffffn],
    ]) as Record<string, bigint>;
    system.write(va, x64Context(registers));
  }

  noteRecords(record: Va, context: Va): void {
    this.#records = { record, context };
  }

  pageNumber(va: Va): bigint {
    const pfn = this.host.system.pfnOf(va);
    assert(pfn !== undefined, `nothing is mapped at ${va.toString(16)}`);
    return BigInt(pfn);
  }

  address(symbol: string): Va {
    return this.host.loaded.address(symbol);
  }

  leave(_cpu: X64Cpu): void {
    this.host.cpu.leave();
  }
}
