import type { Va } from '@poolscope/engine/base';
import type { ObjectSpace } from './object-space.ts';
import type { TrueIrp } from './system-truth.ts';

/** IO_TYPE_IRP. */
const irpType = 6;

/** One stack location as it is written. */
export interface Location {
  readonly major: number;
  readonly flags: number;
  readonly control: number;
  readonly arguments: readonly bigint[];
  readonly device: Va;
  readonly file: Va;
  readonly completion: Va;
  readonly context: Va;
}

/** Writes an IRP with its stack locations. */
export class IrpMaker {
  readonly #objects: ObjectSpace;
  readonly #stackCount: number;
  readonly #address: Va;

  constructor(objects: ObjectSpace, stackCount: number) {
    this.#objects = objects;
    this.#stackCount = stackCount;
    this.#address = objects.allocate(this.#size, 'Irp ');
  }

  get #size(): number {
    const { tables } = this.#objects;
    return tables.size('_IRP')! + this.#stackCount * tables.size('_IO_STACK_LOCATION')!;
  }

  get view() {
    return this.#objects.view('_IRP', this.#address);
  }

  /** `current` counts from 1. */
  finish(
    current: number,
    locations: readonly Location[],
    more: { readonly thread?: Va; readonly systemBuffer?: Va; readonly mdl?: Va },
  ): TrueIrp {
    const { tables } = this.#objects;
    const first = this.#address + BigInt(tables.size('_IRP')!);
    const at = (index: number): Va => first + BigInt(index * tables.size('_IO_STACK_LOCATION')!);
    for (const [index, location] of locations.entries()) this.#writeLocation(at(index), location);
    this.view.set({
      Type: irpType,
      Size: this.#size,
      StackCount: this.#stackCount,
      CurrentLocation: current,
      'Tail.Overlay.CurrentStackLocation': at(current - 1),
    });
    const { thread = 0n, systemBuffer = 0n, mdl = 0n } = more;
    return {
      address: this.#address,
      stackCount: this.#stackCount,
      currentLocation: current,
      currentStackLocation: at(current - 1),
      thread,
      systemBuffer,
      mdl,
      locations: locations.map(({ major, device, control, completion }) => ({
        major,
        device,
        control,
        completion,
      })),
    };
  }

  #writeLocation(va: Va, location: Location): void {
    const view = this.#objects.view('_IO_STACK_LOCATION', va).set({
      MajorFunction: location.major,
      MinorFunction: 0,
      Flags: location.flags,
      Control: location.control,
      DeviceObject: location.device,
      FileObject: location.file,
      CompletionRoutine: location.completion,
      Context: location.context,
    });
    for (const [index, value] of location.arguments.entries())
      view.set({ [`Parameters.Others.Argument${index + 1}`]: value });
  }
}
