import { type Profile, type ProfileStructure, profiles } from '../layouts/index.ts';
import type { TypeSource } from './kernel-types.ts';
import { against, type LayoutFact, toldBy } from './layout-fact.ts';
import type { ProfileChoice } from './select-profile.ts';
import type { FoundStructure, LayoutTrust } from './structure-type.ts';

type Known = Pick<FoundStructure, 'trust' | 'source'> & { readonly structure: ProfileStructure };

/** Layouts by the built-in profiles: the chosen one first, then its neighbours. */
export class ProfileSource implements TypeSource {
  readonly source: string;
  readonly contradictions: readonly string[];
  readonly #choice: ProfileChoice;
  /** Structures of which the dump tells another place of a member, and those of which only the size differs. */
  readonly #misplaced: ReadonlySet<string>;
  readonly #resized: ReadonlySet<string>;
  /** Profiles of the same build, other than the chosen one. */
  readonly #sameBuild: readonly Profile[];
  /** Complete profiles in the order of their builds, and those next to this build. */
  readonly #complete: readonly Profile[];
  readonly #before: Profile | undefined;
  readonly #after: Profile | undefined;

  constructor(choice: ProfileChoice, facts: readonly LayoutFact[]) {
    const { profile, kernel: build } = choice;
    this.#choice = choice;
    this.source = describe(choice);
    const wrong = against(profile, facts);
    const named = (found: readonly LayoutFact[]) => new Set(found.map(({ structure }) => structure));
    const confirmed = named(
      facts.filter((fact) => fact.member !== undefined && toldBy(profile, fact) === fact.value),
    );
    // A bigger structure with its members in place has grown at its end, as updates let them grow.
    const isResized = ({ structure, member }: LayoutFact) => member === undefined && confirmed.has(structure);
    this.#misplaced = named(wrong.filter((fact) => !isResized(fact)));
    this.#resized = named(wrong.filter(isResized));
    this.contradictions = wrong.map((fact) => describeContradiction(profile, fact));
    const known = profiles.filter((other) => other.machine === profile.machine);
    this.#sameBuild = known.filter((other) => other.build === profile.build && other !== profile);
    this.#complete = known.filter((other) => other.isComplete);
    this.#before = this.#complete.findLast((other) => other.build < build);
    this.#after = this.#complete.find((other) => other.build > build);
  }

  get exact(): boolean {
    return this.#choice.match === 'build' && this.contradictions.length === 0;
  }

  names(): Iterable<string> {
    return this.#choice.profile.names();
  }

  structure(name: string): FoundStructure | undefined {
    const known = this.#known(name);
    if (known === undefined) return undefined;
    const { structure, trust, source } = known;
    if (this.#misplaced.has(name)) return { ...structure, trust: 'contradicted', source };
    const isResized = trust === 'build' && this.#resized.has(name);
    return { ...structure, trust: isResized ? 'update' : trust, source: source + this.#history(structure) };
  }

  /** How long a structure has been the same, which makes a guess about a newer build better or worse. */
  #history(structure: ProfileStructure): string {
    const { match, kernel } = this.#choice;
    const newest = this.#complete.at(-1);
    if (match !== 'guess' || newest === undefined || kernel < newest.build) return '';
    const changed = this.#complete.findLastIndex((profile) => {
      const other = profile.structure(structure.name);
      return other === undefined || !equal(other, structure);
    });
    const since = this.#complete[changed + 1];
    return since === undefined ? '' : `; ${structure.name} is the same since build ${since.build}`;
  }

  #known(name: string): Known | undefined {
    const own = this.#choice.profile.structure(name);
    if (own !== undefined && this.#choice.profile.isComplete && this.#choice.match === 'build')
      return { structure: own, trust: this.#ownTrust(own), source: this.source };
    const around = this.#around(name);
    if (around !== undefined && (own === undefined || agree(around.structure, own))) return around;
    return this.#completed(own) ?? this.#ofSameBuild(name);
  }

  #ownTrust(own: ProfileStructure): LayoutTrust {
    const { match, rivals } = this.#choice;
    if (match !== 'build') return match;
    const isDoubtful = rivals.some((rival) => {
      const other = rival.structure(own.name);
      return other !== undefined && !agree(own, other);
    });
    return isDoubtful ? 'update' : 'build';
  }

  /** The chosen profile's structure; with more members, where another of the same build agrees with it. */
  #completed(own: ProfileStructure | undefined): Known | undefined {
    if (own === undefined) return undefined;
    const trust = this.#ownTrust(own);
    for (const profile of this.#sameBuild) {
      const structure = profile.structure(own.name);
      if (structure === undefined || structure.members.length <= own.members.length) continue;
      if (agree(structure, own)) return { structure, trust, source: this.source };
      if (!agree({ ...structure, size: own.size }, own)) continue;
      // They differ in size only: members of the other update up to the size of this one.
      const members = structure.members.filter(({ offset }) => offset < own.size);
      return {
        structure: { name: own.name, size: own.size, members },
        trust: trust === 'build' ? 'update' : trust,
        source: `built-in profiles of builds ${this.#choice.profile.version} and ${profile.version}`,
      };
    }
    return { structure: own, trust, source: this.source };
  }

  /** Known of another update of the same build only. */
  #ofSameBuild(name: string): Known | undefined {
    const { match } = this.#choice;
    for (const profile of this.#sameBuild) {
      const structure = profile.structure(name);
      if (structure !== undefined)
        return {
          structure,
          trust: match === 'build' ? 'update' : match,
          source: `built-in profile of build ${profile.version}, another update of this build`,
        };
    }
    return undefined;
  }

  /** A structure that is the same before and after this build. */
  #around(name: string): Known | undefined {
    const [before, after] = [this.#before?.structure(name), this.#after?.structure(name)];
    if (before === undefined || after === undefined || !equal(before, after)) return undefined;
    const source = `built-in profiles of builds ${this.#before!.build} and ${this.#after!.build}, where it is the same`;
    return { structure: before, trust: 'around', source };
  }
}

function describe({ profile, kernel: build, match }: ProfileChoice): string {
  const text = `built-in profile of build ${profile.version}`;
  if (match === 'build') return text;
  if (match === 'nearest') return `${text}, the nearest to this build ${build}`;
  return `${text}, a guess: this build ${build} is ${build > profile.build ? 'newer' : 'older'} than every profile`;
}

function describeContradiction(profile: Profile, fact: LayoutFact): string {
  const [told, found] = [toldBy(profile, fact) ?? 0, fact.value].map((value) => `0x${value.toString(16)}`);
  return fact.member === undefined
    ? `${fact.structure} has ${found} bytes in this dump, ${told} in the profile`
    : `${fact.structure}.${fact.member} is at ${found} in this dump, at ${told} in the profile`;
}

/** Do two layouts say nothing different? */
function agree(a: ProfileStructure, b: ProfileStructure): boolean {
  if (a.size !== b.size) return false;
  const offsets = new Map(a.members.map(({ path, type, offset }) => [path, `${offset} ${bitsOf(type)}`]));
  return b.members.every(({ path, type, offset }) => {
    const other = offsets.get(path);
    return other === undefined || other === `${offset} ${bitsOf(type)}`;
  });
}

const equal = (a: ProfileStructure, b: ProfileStructure): boolean =>
  a.members.length === b.members.length &&
  agree(a, b) &&
  a.members.every((member, at) => member.path === b.members[at]!.path && member.type === b.members[at]!.type);

/** Position and width of a bit field: names of types differ between sources. */
const bitsOf = (type: string): string => /:.*$/.exec(type)?.[0] ?? '';
