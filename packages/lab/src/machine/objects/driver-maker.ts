import type { Va } from '@poolscope/engine/base';
import type { LoadedImages } from '../loaded-images.ts';
import type { ObjectSpace, PlantedObject } from './object-space.ts';
import type { ObjectTree } from './object-tree.ts';
import type { TrueDevice, TrueDriver } from './system-truth.ts';

export interface Driver {
  readonly object: PlantedObject;
  readonly truth: TrueDriver & { readonly devices: Va[] };
}

export interface Device {
  readonly object: PlantedObject;
  readonly ioExtension: Va;
  readonly truth: TrueDevice;
}

/** IO_TYPE_XXX. */
const types = { device: 3, driver: 4, deviceExtension: 13 } as const;

/** IRP_MJ_MAXIMUM_FUNCTION, and one. */
const majorFunctions = 28;

const unknownDevice = 0x22;
/** DO_BUFFERED_IO, and that the device has a name. */
const bufferedIo = 0x04;
const hasName = 0x40;
const secureOpen = 0x100;

/** Makes driver objects and device objects. */
export class DriverMaker {
  readonly #objects: ObjectSpace;
  readonly #tree: ObjectTree | undefined;
  readonly #loaded: LoadedImages;

  constructor(objects: ObjectSpace, tree: ObjectTree | undefined, loaded: LoadedImages) {
    this.#objects = objects;
    this.#tree = tree;
    this.#loaded = loaded;
  }

  /** `service`: what it is called, where that is not the name of the image. */
  driver(module: string, dispatchName = 'DispatchDeviceControl', service = module): Driver {
    const objects = this.#objects;
    const size = objects.tables.size('_DRIVER_OBJECT')!;
    const directory = this.#tree?.directories.Driver.va ?? 0n;
    const object = objects.create('Driver', size, { name: service, directory, pointers: 3 });
    this.#tree?.insert(object);
    const image = this.#loaded.truth.find((each) => each.module === module)!;
    const dispatch = this.#loaded.address(`${module}!${dispatchName}`);
    const extension = this.#driverExtension(object.va, service);
    const view = objects.view('_DRIVER_OBJECT', object.va).set({
      Type: types.driver,
      Size: size,
      Flags: 0x12,
      DriverStart: image.base,
      DriverSize: image.size,
      DriverExtension: extension,
      DriverInit: image.entryPoint,
    });
    for (let index = 0; index < majorFunctions; index++) view.setElement('MajorFunction', index, dispatch);
    const name = `\\Driver\\${service}`;
    objects.writeText(view.at('DriverName'), name);
    return {
      object,
      truth: { address: object.va, name, start: image.base, entry: image.entryPoint, dispatch, devices: [] },
    };
  }

  #driverExtension(driver: Va, service: string): Va {
    const objects = this.#objects;
    const va = objects.allocate(objects.tables.size('_DRIVER_EXTENSION')!);
    const view = objects.view('_DRIVER_EXTENSION', va).set({ DriverObject: driver });
    objects.writeText(view.at('ServiceKeyName'), service);
    return va;
  }

  device(
    { object: driver, truth }: Driver,
    name: string | undefined,
    { stackSize }: { stackSize: number },
  ): Device {
    const objects = this.#objects;
    const { tables } = objects;
    const size = tables.size('_DEVICE_OBJECT')!;
    const extensionSize = 0x80;
    const directory = this.#tree?.directories.Device.va ?? 0n;
    const object = objects.create(
      'Device',
      size + extensionSize,
      name === undefined ? {} : { name, directory, pointers: 2 },
    );
    if (name !== undefined) this.#tree?.insert(object);
    const ioExtension = objects.allocate(tables.size('_DEVOBJ_EXTENSION')!);
    objects.view('_DEVOBJ_EXTENSION', ioExtension).set({
      Type: types.deviceExtension,
      Size: 0,
      DeviceObject: object.va,
      ExtensionFlags: 0x800,
    });
    const view = objects.view('_DEVICE_OBJECT', object.va).set({
      Type: types.device,
      Size: size + extensionSize,
      DriverObject: driver.va,
      Flags: bufferedIo | (name === undefined ? 0 : hasName),
      Characteristics: secureOpen,
      DeviceType: unknownDevice,
      DeviceExtension: object.va + BigInt(size),
      StackSize: stackSize,
      DeviceObjectExtension: ioExtension,
    });
    objects.world.linkList(view.at('DeviceQueue.DeviceListHead')!, []);
    return { object, ioExtension, truth: { address: object.va, name: name ?? '', driver: truth.name } };
  }

  attach(upper: Device, lower: Device): void {
    this.#objects.view('_DEVICE_OBJECT', lower.object.va).set({ AttachedDevice: upper.object.va });
    this.#objects.view('_DEVOBJ_EXTENSION', upper.ioExtension).set({ AttachedTo: lower.object.va });
  }

  /** Only where the tables have the members: the headers of the driver kit do not show them. */
  node(device: Device, instancePath: string, serviceName: string): void {
    const objects = this.#objects;
    const size = objects.tables.size('_DEVICE_NODE');
    if (size === undefined) return;
    const va = objects.allocate(size);
    const node = objects.view('_DEVICE_NODE', va).set({ PhysicalDeviceObject: device.object.va });
    objects.writeText(node.at('InstancePath'), instancePath);
    objects.writeText(node.at('ServiceName'), serviceName);
    objects.view('_DEVOBJ_EXTENSION', device.ioExtension).set({ DeviceNode: va });
  }

  linkDevices(lists: readonly (readonly [Driver, readonly Device[]])[]): void {
    for (const [driver, devices] of lists) {
      const addresses = devices.map(({ object }) => object.va);
      this.#objects.view('_DRIVER_OBJECT', driver.object.va).set({ DeviceObject: addresses[0] ?? 0n });
      for (const [index, va] of addresses.entries())
        this.#objects.view('_DEVICE_OBJECT', va).set({ NextDevice: addresses[index + 1] ?? 0n });
      driver.truth.devices.push(...addresses);
    }
  }
}
