import { type ProfileStructure, Series, type SeriesText } from './series.ts';

/** Structures of one build of the kernel. */
export class Profile {
  readonly machine: 'x64' | 'x86';
  readonly build: number;
  /** `build.revision`, or `build` where the revision is not known. */
  readonly version: string;
  /** Made of an ISF file: what it lacks, the build lacks (of the structures that profiles hold). */
  readonly isComplete: boolean;
  readonly #series: Series;
  readonly #structures = new Map<string, ProfileStructure>();

  constructor(machine: 'x64' | 'x86', version: string, series: Series, isComplete: boolean) {
    this.machine = machine;
    this.version = version;
    this.build = Number.parseInt(version, 10);
    this.#series = series;
    this.isComplete = isComplete;
  }

  /** By Microsoft's name, `_EPROCESS`. */
  structure(name: string): ProfileStructure | undefined {
    const known = this.#structures.get(name);
    if (known !== undefined) return known;
    const structure = this.#series.structure(name, this.build);
    if (structure !== undefined) this.#structures.set(name, structure);
    return structure;
  }

  /** Names of the structures that this build has. */
  names(): string[] {
    return [...this.#series.names()].filter((name) => this.structure(name) !== undefined);
  }
}

/** The profiles of a series of builds. */
export function profilesOf(machine: 'x64' | 'x86', text: SeriesText, isComplete: boolean): Profile[] {
  const series = new Series(text);
  return text.builds.map((version) => new Profile(machine, version, series, isComplete));
}
