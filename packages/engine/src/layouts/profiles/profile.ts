import { type ProfileStructure, Series } from './series.ts';
import { x64 } from './x64.ts';
import { x64More } from './x64-more.ts';
import { x86 } from './x86.ts';

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

const profilesOf = (
  machine: 'x64' | 'x86',
  text: ConstructorParameters<typeof Series>[0],
  isComplete: boolean,
): Profile[] => {
  const series = new Series(text);
  return text.builds.map((version) => new Profile(machine, version, series, isComplete));
};

/** All built-in profiles; several of one build come from different updates of it. */
export const profiles: readonly Profile[] = [
  ...profilesOf('x64', x64, true),
  ...profilesOf('x64', x64More, false),
  ...profilesOf('x86', x86, false),
];
