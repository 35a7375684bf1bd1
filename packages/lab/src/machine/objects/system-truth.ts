import type { Pfn, Va } from '@poolscope/engine/base';
import type { PlantedObject } from './object-space.ts';

export interface TrueDriver {
  readonly address: Va;
  readonly name: string;
  readonly start: Va;
  readonly entry: Va;
  /** Every entry of MajorFunction. */
  readonly dispatch: Va;
  readonly devices: readonly Va[];
}

export interface TrueDevice {
  readonly address: Va;
  /** Empty: none. */
  readonly name: string;
  readonly driver: string;
}

export interface TrueFile {
  readonly address: Va;
  readonly name: string;
  readonly device: Va;
}

export interface TrueIrp {
  readonly address: Va;
  readonly stackCount: number;
  readonly currentLocation: number;
  readonly currentStackLocation: Va;
  readonly thread: Va;
  readonly systemBuffer: Va;
  readonly mdl: Va;
  readonly locations: readonly {
    readonly major: number;
    readonly device: Va;
    readonly control: number;
    readonly completion: Va;
  }[];
}

export interface TrueMdl {
  readonly address: Va;
  readonly startVa: Va;
  readonly byteCount: number;
  readonly byteOffset: number;
  readonly flags: number;
  readonly pages: readonly Pfn[];
}

/** An entry of the page frame database. */
export interface TruePage {
  readonly pfn: Pfn;
  /** `Active`, `Modified` (out of the working set), `Free`. */
  readonly location: 'Active' | 'Modified' | 'Free';
  /** Of a page in use: where it is mapped, and where the PTE is. */
  readonly va?: Va;
  readonly pte?: Va;
  /** The page with that PTE. */
  readonly table?: Pfn;
}

/** A range of kernel addresses and its use. */
export interface TrueRegion {
  readonly usage: string;
  readonly start: Va;
  readonly size: bigint;
}

/** What was planted of the object manager, the I/O manager and the memory manager. */
export interface SystemTruth {
  readonly objects: readonly PlantedObject[];
  readonly root: Va | undefined;
  readonly links: readonly { readonly address: Va; readonly target: string }[];
  readonly drivers: readonly TrueDriver[];
  readonly devices: readonly TrueDevice[];
  readonly files: readonly TrueFile[];
  readonly irps: readonly TrueIrp[];
  readonly mdls: readonly TrueMdl[];
  /** Empty where the tables of the build have no page frame database. */
  readonly pages: readonly TruePage[];
  readonly regions: readonly TrueRegion[];
  /** Counters of the memory manager, by the names of their members. */
  readonly counters: Readonly<Record<string, number>>;
}
