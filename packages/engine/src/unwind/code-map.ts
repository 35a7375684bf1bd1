import type { Va } from '../base/index.ts';
import { ImageProblem, type ImageReader, isExecutableRva, readImageHeaders } from '../pe/index.ts';
import type { CodeMap, CodeModule } from './frame.ts';

/** A module's place and its image. */
export interface ModuleRange {
  readonly base: Va;
  readonly size: number;
  readonly image: ImageReader;
}

/** A CodeMap over a list of modules; section headers are read when a module is first asked about. */
export class ModuleCodeMap implements CodeMap {
  readonly #modules: readonly CodeModule[];

  constructor(modules: Iterable<ModuleRange>) {
    this.#modules = [...modules]
      .sort((a, b) => (a.base < b.base ? -1 : a.base > b.base ? 1 : 0))
      .map(({ base, size, image }) => ({
        base,
        size,
        image,
        isExecutable: (va) => isExecutable(base, image, va),
      }));
  }

  findModule(va: Va): CodeModule | undefined {
    let low = 0;
    let high = this.#modules.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#modules[middle]!.base <= va) low = middle + 1;
      else high = middle;
    }
    const found = this.#modules[low - 1];
    return found !== undefined && va - found.base < BigInt(found.size) ? found : undefined;
  }
}

function isExecutable(base: Va, image: ImageReader, va: Va): boolean | undefined {
  const headers = readImageHeaders(image);
  return headers instanceof ImageProblem ? undefined : isExecutableRva(headers, Number(va - base));
}
