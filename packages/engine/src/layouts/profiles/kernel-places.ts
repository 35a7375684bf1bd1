import { kernelSymbols } from './kernel-symbols.ts';

/** Places of names in one kernel image: see docs/formats/structure-profiles.md. */
export interface KernelPlaces {
  /** Of the file, `10.0.19041.3448`. */
  readonly version: string;
  readonly machine: 'x64';
  /** What ties them to the image. */
  readonly pdb: { readonly name: string; readonly guid: string; readonly age: number };
  /** Distances from the image's base in bytes, ascending. Taken apart when they are first asked for. */
  readonly places: () => readonly { readonly name: string; readonly rva: number }[];
}

/** A line a name, with a column for each kernel: `KeBugCheckEx 93ea0 - 3f5c80`. */
export interface KernelSymbolsText {
  /** Version, machine, and the PDB's name, GUID and age, in the order of the columns. */
  readonly kernels: readonly string[];
  readonly places: string;
}

/** Kernels whose names are built in, with where those names lie; they are unpacked when they are first asked for. */
export function kernelPlaces({ kernels, places }: KernelSymbolsText): KernelPlaces[] {
  return kernels.map((kernel, column) => {
    const [version = '', , name = '', guid = '', age = ''] = kernel.split(' ');
    let known: ReturnType<KernelPlaces['places']> | undefined;
    return {
      version,
      machine: 'x64',
      pdb: { name, guid, age: Number(age) },
      places: () => (known ??= columnOf(places, column)),
    };
  });
}

function columnOf(text: string, column: number): { name: string; rva: number }[] {
  const places: { name: string; rva: number }[] = [];
  for (const line of text.split('\n')) {
    const words = line.split(' ');
    const place = words[column + 1];
    if (place !== undefined && place !== '-')
      places.push({ name: words[0]!, rva: Number.parseInt(place, 16) });
  }
  return places.sort((a, b) => a.rva - b.rva);
}

/** The kernels whose names are built in. */
export const builtInKernels: readonly KernelPlaces[] = kernelPlaces(kernelSymbols);
