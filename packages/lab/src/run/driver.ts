import { asciiBytes } from '../bytes/integers.ts';
import type { DataSpec, FunctionSpec } from '../image/image-spec.ts';
import type { PrologStep } from '../image/x64-prolog.ts';
import { type ImageAddress, Routine, type Value, type Variable } from './routine.ts';

/** What a device control brings: the copy of the caller's buffer, and its length. */
export interface ControlBuffer {
  readonly buffer: Variable;
  readonly length: Variable;
}

/** A device control that a driver answers. */
export interface Control {
  /** IOCTL code. */
  readonly code: number;
  readonly body: (routine: Routine, request: ControlBuffer) => void;
}

/** Offsets in IRP, IO_STACK_LOCATION and DRIVER_OBJECT of x64. */
const offsets = { systemBuffer: 0x18, status: 0x30, information: 0x38, location: 0xb8 };
const location = { inputLength: 0x10, code: 0x18 };
const majorFunction = 0x70;
const driverUnload = 0x68;
const deviceControl = 0x0e;
const powerRequest = 0x16;
const invalidRequest = 0xc000_0010;

/**
 * A driver that can be loaded into a running machine. A class of its own says what it is called, which controls it answers and
 * which functions it has beside these; the code, its import table, its texts and its symbols follow from that.
 */
export abstract class Driver {
  /** Name of the image without `.sys`, and of its symbols. */
  abstract readonly name: string;
  /** Variables of the image, in bytes. */
  readonly globals: Readonly<Record<string, number>> = {};
  /** Texts of the image by the name of their symbols. */
  readonly texts: Readonly<Record<string, string>> = {};
  /** Time stamp of the image; absent: it follows from the contents and the build of Windows. */
  readonly stamp?: number;

  controls(): readonly Control[] {
    return [];
  }

  /** It has no device that anybody could hold, so that it can be taken out of memory again. */
  readonly isLone: boolean = false;

  /** What happens when the driver is loaded. */
  entry(_routine: Routine): void {}

  /** What happens when the driver is unloaded; one that has no such routine cannot be. */
  unload?(routine: Routine): void;

  /** What happens to a request for power: device in the first argument, IRP in the second one. Its device stands on one of the bus. */
  power?(routine: Routine): void;

  /** Functions beside the entry and the dispatch routine. */
  routines(): Readonly<Record<string, (routine: Routine) => void>> {
    return {};
  }

  protected text(name: string): ImageAddress {
    return { symbol: name };
  }

  protected global(name: string): ImageAddress {
    return { symbol: name };
  }

  /** Names of symbols: Myfault for myfault. */
  get #title(): string {
    return this.name.charAt(0).toUpperCase() + this.name.slice(1);
  }

  get #unloadName(): string {
    return `${this.#title}Unload`;
  }

  get #powerName(): string {
    return `${this.#title}Power`;
  }

  get dispatchName(): string {
    return `${this.#title}Dispatch`;
  }

  get functions(): readonly FunctionSpec<PrologStep>[] {
    const more = Object.entries(this.routines()).map(([name, body]) => build(name, body));
    const unload = this.unload?.bind(this);
    const power = this.power?.bind(this);
    const last = [
      ...(unload === undefined ? [] : [build(this.#unloadName, unload)]),
      ...(power === undefined ? [] : [build(this.#powerName, power)]),
    ];
    return [this.#driverEntry(), this.#dispatch(), this.#deviceControl(), ...more, ...last];
  }

  get variables(): readonly DataSpec[] {
    return Object.entries(this.globals).map(([name, size]) => ({ name, size, alignment: 16 }));
  }

  get constants(): readonly DataSpec[] {
    return Object.entries(this.texts).map(([name, text]) => ({
      name,
      size: text.length + 1,
      bytes: asciiBytes(text, true),
    }));
  }

  #driverEntry(): FunctionSpec<PrologStep> {
    return build('DriverEntry', (routine) => {
      const driver = routine.argument(1);
      const dispatch: Value = { symbol: this.dispatchName };
      for (const major of [0, 2, deviceControl]) routine.store(driver, majorFunction + 8 * major, dispatch);
      if (this.power !== undefined)
        routine.store(driver, majorFunction + 8 * powerRequest, { symbol: this.#powerName });
      if (this.unload !== undefined) routine.store(driver, driverUnload, { symbol: this.#unloadName });
      this.entry(routine);
      routine.returns(0);
    });
  }

  /** Device and IRP: the control code and the buffer go to the function that knows them; then the request is complete. */
  #dispatch(): FunctionSpec<PrologStep> {
    return build(this.dispatchName, (routine) => {
      const irp = routine.argument(2);
      const stack = routine.load(irp, offsets.location);
      const length = routine.load(stack, location.inputLength, 4);
      const code = routine.load(stack, location.code, 4);
      const buffer = routine.load(irp, offsets.systemBuffer);
      const status = routine.result(`${this.#title}DeviceControl`, buffer, length, code);
      routine.store(irp, offsets.status, status, 4);
      routine.store(irp, offsets.information, 0);
      routine.call('nt!IofCompleteRequest', irp, 0);
      routine.returns(status);
    });
  }

  #deviceControl(): FunctionSpec<PrologStep> {
    return build(`${this.#title}DeviceControl`, (routine) => {
      const buffer = routine.argument(1);
      const length = routine.argument(2, 4);
      const code = routine.argument(3, 4);
      for (const control of this.controls())
        routine.when(code, 'e', control.code, () => {
          control.body(routine, { buffer, length });
          routine.returns(0);
        });
      routine.returns(invalidRequest);
    });
  }
}

function build(name: string, body: (routine: Routine) => void): FunctionSpec<PrologStep> {
  const routine = new Routine(name);
  body(routine);
  return routine.finish();
}
