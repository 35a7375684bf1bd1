import type { Va } from '@poolscope/engine/base';
import type { BootedKernel } from '../machine/kernel-boot.ts';
import { type Device, DriverMaker, type Driver as DriverObject } from '../machine/objects/driver-maker.ts';
import type { ObjectSpace } from '../machine/objects/object-space.ts';
import { type EarlyObjects, plantNames } from '../machine/objects/plant-objects.ts';
import type { StructureTable } from '../machine/structure-table.ts';
import type { Driver } from './driver.ts';
import type { HostServices } from './host-services.ts';

/** The first handle of the machine's process for a device; they are 4 apart. */
const firstHandle = 0x2c;

/** Objects of the drivers, each with one device of its name and a file that the process has opened, unless it is a lone one. */
export class DriverObjects {
  /** Handles of the files, by the names of the drivers. */
  readonly handles = new Map<string, Va>();
  readonly devices = new Map<string, Va>();
  readonly #objects = new Map<Driver, DriverObject>();
  readonly #names: Omit<EarlyObjects, 'drivers' | 'requests'>;
  readonly #bus: DriverObject | undefined;
  readonly #below: ReadonlyMap<Driver, Device>;
  readonly #own: Device[] = [];
  readonly #files: { readonly address: Va; readonly name: string; readonly device: Va }[] = [];

  constructor(
    { world, loaded }: BootedKernel,
    services: HostServices,
    drivers: readonly Driver[],
    tables: StructureTable,
  ) {
    const { objects, tree } = plantNames(world, tables, loaded);
    this.#names = { objects, tree };
    const maker = new DriverMaker(objects, tree, loaded);
    const stands = drivers.filter(({ power }) => power !== undefined);
    const bus = stands.length === 0 ? undefined : maker.driver('nt', 'IopInvalidDeviceRequest', 'PnpManager');
    this.#bus = bus;
    this.#below = new Map(stands.map((driver) => [driver, maker.device(bus!, undefined, { stackSize: 1 })]));
    const made = drivers.map((driver) => this.#make(maker, driver));
    if (bus !== undefined) maker.linkDevices([[bus, [...this.#below.values()]]]);
    for (const [index, device] of made.entries()) {
      if (device === undefined) continue;
      const handle = BigInt(firstHandle + 4 * index);
      const file = services.openFile(objects, handle, device.object.va);
      this.handles.set(drivers[index]!.name, handle);
      this.#files.push({ address: file, name: '', device: device.object.va });
    }
  }

  get space(): ObjectSpace {
    return this.#names.objects;
  }

  find(name: string): Driver | undefined {
    return [...this.#objects.keys()].find((each) => each.name === name);
  }

  /** Address of a driver's object. */
  of(driver: Driver): Va {
    return this.#objects.get(driver)!.object.va;
  }

  /** A driver is gone, and its object with it. */
  remove(driver: Driver): void {
    const made = this.#objects.get(driver);
    if (made === undefined) return;
    this.#objects.delete(driver);
    this.#names.tree?.remove(made.object);
  }

  get early(): Omit<EarlyObjects, 'requests'> {
    const drivers = [...(this.#bus === undefined ? [] : [this.#bus]), ...this.#objects.values()];
    return {
      ...this.#names,
      drivers: {
        drivers: drivers.map(({ truth }) => truth),
        devices: [...this.#below.values(), ...this.#own].map(({ truth }) => truth),
        files: this.#files,
      },
    };
  }

  #make(maker: DriverMaker, each: Driver): Device | undefined {
    const { name, dispatchName } = each;
    const driver = maker.driver(name, dispatchName);
    this.#objects.set(each, driver);
    if (each.isLone) return undefined;
    const lower = this.#below.get(each);
    const title = name.charAt(0).toUpperCase() + name.slice(1);
    const device = maker.device(driver, title, { stackSize: lower === undefined ? 1 : 2 });
    if (lower !== undefined) maker.attach(device, lower);
    maker.linkDevices([[driver, [device]]]);
    this.devices.set(name, device.object.va);
    this.#own.push(device);
    return device;
  }
}
