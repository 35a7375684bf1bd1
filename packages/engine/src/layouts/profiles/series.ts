/**
 * Structures of a series of builds, out of one text: see docs/formats/structure-profiles.md.
 *
 *     _EPROCESS 4f8 9600:708 14393:7d0
 *      ImageFileName u8[15] 2e0 9600:438 14393:450
 */

/** A member as the text gives it: its type is not taken apart yet. */
export interface ProfileMember {
  /** Name; members of structures without a name have a dot: `u1.Flink`. */
  readonly path: string;
  readonly type: string;
  readonly offset: number;
}

/** A structure with where its members lie, in one build of Windows. */
export interface ProfileStructure {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** By offset in the newest build; empty where only the size is in the profile. */
  readonly members: readonly ProfileMember[];
}

/** The text form of a series of profiles: the builds, and a line for each structure. */
export interface SeriesText {
  /** `build` or `build.revision`, in ascending order. */
  readonly builds: readonly string[];
  readonly structures: string;
}

/** A series, taken apart when it is first asked. */
export class Series {
  readonly builds: readonly string[];
  readonly #text: string;
  #lines: readonly string[] = [];
  #starts: ReadonlyMap<string, number> | undefined;

  constructor({ builds, structures }: SeriesText) {
    this.builds = builds;
    this.#text = structures;
  }

  names(): IterableIterator<string> {
    return this.#index().keys();
  }

  /** The structure in a build; undefined when the build does not have it, or the series does not tell. */
  structure(name: string, build: number): ProfileStructure | undefined {
    const start = this.#index().get(name);
    if (start === undefined) return undefined;
    const [, ...sizes] = this.#lines[start]!.split(' ');
    const size = valueAt(sizes, build);
    if (size === undefined) return undefined;
    const members: ProfileMember[] = [];
    for (let at = start + 1; this.#lines[at]?.startsWith(' ') === true; at++) {
      const [, path, type, ...offsets] = this.#lines[at]!.split(' ');
      const offset = valueAt(offsets, build);
      if (offset !== undefined) members.push({ path: path!, type: type!, offset });
    }
    return { name, size, members };
  }

  #index(): ReadonlyMap<string, number> {
    if (this.#starts !== undefined) return this.#starts;
    this.#lines = this.#text.split('\n');
    const starts = new Map<string, number>();
    for (const [at, line] of this.#lines.entries()) {
      if (line !== '' && !line.startsWith(' ')) starts.set(line.slice(0, line.indexOf(' ')), at);
    }
    this.#starts = starts;
    return starts;
  }
}

/** The last value whose build is not above `build`: `4f8 9600:708 14393:-`, the first without a build; `-` is none. */
function valueAt(values: readonly string[], build: number): number | undefined {
  let found: string | undefined;
  for (const text of values) {
    const colon = text.indexOf(':');
    if (colon >= 0 && Number(text.slice(0, colon)) > build) break;
    found = text.slice(colon + 1);
  }
  return found === undefined || found === '-' ? undefined : Number.parseInt(found, 16);
}
