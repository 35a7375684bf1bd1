import type { Va } from '@poolscope/engine/base';
import type { LoadedImages } from '../loaded-images.ts';
import type { ThreadObject } from '../processes.ts';
import { type Device, DriverMaker } from './driver-maker.ts';
import { IrpMaker } from './irp-maker.ts';
import type { ObjectSpace } from './object-space.ts';
import type { ObjectTree } from './object-tree.ts';
import type { TrueDevice, TrueDriver, TrueFile, TrueIrp, TrueMdl } from './system-truth.ts';

/** Drivers, devices and requests of the machine. */
export interface PlantedDrivers {
  readonly drivers: readonly TrueDriver[];
  readonly devices: readonly TrueDevice[];
  readonly files: readonly TrueFile[];
  readonly irps: readonly TrueIrp[];
  readonly mdls: readonly TrueMdl[];
}

/** IO_TYPE_FILE. */
const fileType = 5;

/** IRP_MJ_XXX. */
const readFunction = 0x03;
const deviceControl = 0x0e;

/**
 * Three drivers of one dispatch routine each. `sampledrv` has a device with a name, to which `storfilt` is attached; a
 * request of the crashed thread is pending in the lower one. `netsamp` has a busy device with a request that waits in its
 * queue and describes its buffer with an MDL. `requests` are list entries of others that the thread has made.
 */
export function plantDrivers(
  objects: ObjectSpace,
  tree: ObjectTree | undefined,
  loaded: LoadedImages,
  thread: ThreadObject,
  requests: readonly Va[] = [],
): PlantedDrivers {
  return new DriverStory(objects, tree, loaded, requests).tell(thread);
}

class DriverStory {
  readonly #objects: ObjectSpace;
  readonly #maker: DriverMaker;
  readonly #loaded: LoadedImages;
  readonly #requests: readonly Va[];

  constructor(
    objects: ObjectSpace,
    tree: ObjectTree | undefined,
    loaded: LoadedImages,
    requests: readonly Va[],
  ) {
    this.#requests = requests;
    this.#objects = objects;
    this.#maker = new DriverMaker(objects, tree, loaded);
    this.#loaded = loaded;
  }

  tell(thread: ThreadObject): PlantedDrivers {
    const [filter, network, sample] = ['storfilt', 'netsamp', 'sampledrv'].map((name) =>
      this.#maker.driver(name),
    );
    const lower = this.#maker.device(sample!, 'SampleRecords', { stackSize: 1 });
    const upper = this.#maker.device(filter!, undefined, { stackSize: 2 });
    const adapter = this.#maker.device(network!, 'NetSample0', { stackSize: 1 });
    const second = this.#maker.device(network!, 'NetSample1', { stackSize: 1 });
    this.#maker.attach(upper, lower);
    this.#maker.node(lower, 'ROOT\\SAMPLERECORDS\\0000', 'sampledrv');
    this.#maker.linkDevices([
      [sample!, [lower]],
      [filter!, [upper]],
      [network!, [second, adapter]],
    ]);
    const file = this.#file(lower, '\\records.dat');
    const pending = this.#pendingControl(thread, lower, upper, file);
    const { irp: queued, mdl } = this.#queuedRead(adapter);
    const truth = [filter!, network!, sample!].map(({ truth: each }) => each);
    const devices = [lower, upper, adapter, second].map(({ truth: each }) => each);
    return { drivers: truth, devices, files: [file], irps: [pending, queued], mdls: [mdl] };
  }

  #file(device: Device, name: string): TrueFile {
    const objects = this.#objects;
    const size = objects.tables.size('_FILE_OBJECT')!;
    const { va } = objects.create('File', size, { handles: 1, pointers: 0x7fff });
    const view = objects.view('_FILE_OBJECT', va).set({
      Type: fileType,
      Size: size,
      DeviceObject: device.object.va,
      ReadAccess: 1,
      WriteAccess: 1,
      SharedRead: 1,
      // Synchronous, and a handle was made.
      Flags: 0x4_0002,
    });
    objects.writeText(view.at('FileName'), name);
    return { address: va, name, device: device.object.va };
  }

  /** A device control that the filter passed on, and the driver below keeps. */
  #pendingControl(thread: ThreadObject, lower: Device, upper: Device, file: TrueFile): TrueIrp {
    const systemBuffer = this.#objects.allocate(0x200);
    const completion = this.#loaded.address('storfilt!DispatchDeviceControl');
    const irp = new IrpMaker(this.#objects, 2);
    const link = irp.view.at('ThreadListEntry')!;
    this.#objects.world.linkList(thread.at('IrpList'), [...this.#requests, link]);
    irp.view.set({
      Flags: 0x70,
      'AssociatedIrp.SystemBuffer': systemBuffer,
      RequestorMode: 1,
      'Tail.Overlay.Thread': thread.va,
      'Tail.Overlay.OriginalFileObject': file.address,
    });
    const control = { major: deviceControl, arguments: [0x200n, 0x20n, 0x22_2004n, 0n], file: file.address };
    const locations = [
      // Invoke on success, error and cancel; pending.
      { ...control, flags: 5, control: 0xe1, device: lower.object.va, completion, context: upper.object.va },
      { ...control, flags: 5, control: 0x01, device: upper.object.va, completion: 0n, context: 0n },
    ];
    return irp.finish(1, locations, { thread: thread.va, systemBuffer });
  }

  /** A read that waits until the device is free. */
  #queuedRead(device: Device): { irp: TrueIrp; mdl: TrueMdl } {
    const objects = this.#objects;
    const mdl = this.#mdl(0x1800, 0x340);
    const irp = new IrpMaker(objects, 1);
    const list = irp.view.at('ThreadListEntry')!;
    objects.world.linkList(list, []);
    const entry = irp.view.at('Tail.Overlay.DeviceQueueEntry')!;
    const view = objects.view('_DEVICE_OBJECT', device.object.va);
    objects.world.linkList(view.at('DeviceQueue.DeviceListHead')!, [entry]);
    view.set({ 'DeviceQueue.Busy': 1, CurrentIrp: 0n });
    irp.view.set({ MdlAddress: mdl.address });
    const location = {
      major: readFunction,
      arguments: [0x1800n, 0n, 0n, 0n],
      file: 0n,
      flags: 0,
      control: 1,
      device: device.object.va,
      completion: 0n,
      context: 0n,
    };
    return { irp: irp.finish(1, [location], { mdl: mdl.address }), mdl };
  }

  /** A locked buffer of the kernel, with its pages. */
  #mdl(byteCount: number, byteOffset: number): TrueMdl {
    const objects = this.#objects;
    const { world, tables } = objects;
    const pages = Math.ceil((byteOffset + byteCount) / 0x1000);
    const startVa = objects.region.allocate(pages * 0x1000, 0x1000);
    const fixed = tables.size('_MDL')!;
    const size = fixed + pages * world.pointerSize;
    const address = objects.allocate(size, 'Mdl ');
    const mapped = startVa + BigInt(byteOffset);
    // Source is nonpaged pool, pages are locked.
    const flags = 0x6;
    objects.view('_MDL', address).set({
      Size: size,
      MdlFlags: flags,
      MappedSystemVa: mapped,
      StartVa: startVa,
      ByteCount: byteCount,
      ByteOffset: byteOffset,
    });
    const frames = Array.from(
      { length: pages },
      (_, index) => world.space.pfnOf(startVa + BigInt(index * 0x1000))!,
    );
    for (const [index, pfn] of frames.entries())
      world.writePointer(address + BigInt(fixed + index * world.pointerSize), BigInt(pfn));
    return { address, startVa, byteCount, byteOffset, flags, pages: frames };
  }
}
