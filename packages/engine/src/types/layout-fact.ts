import type { Profile } from '../layouts/index.ts';

/** What a dump itself says about a structure, in its debugger data: the offset of a member, or the structure's size. */
export interface LayoutFact {
  readonly structure: string;
  /** Undefined: the size. */
  readonly member: string | undefined;
  /** Bytes. */
  readonly value: number;
}

/** The facts that a profile contradicts; what it does not know it does not contradict. */
export function against(profile: Profile, facts: readonly LayoutFact[]): LayoutFact[] {
  return facts.filter((fact) => {
    const told = toldBy(profile, fact);
    return told !== undefined && told !== fact.value;
  });
}

/** What the profile says instead. */
export function toldBy(profile: Profile, { structure, member }: LayoutFact): number | undefined {
  return member === undefined ? profile.structure(structure)?.size : offsetIn(profile, structure, member);
}

/** The offset of a dotted path; no arrays. */
function offsetIn(profile: Profile, structure: string, path: string): number | undefined {
  const members = profile.structure(structure)?.members;
  const direct = members?.find((member) => member.path === path);
  if (direct !== undefined) return direct.offset;
  const dot = path.indexOf('.');
  const outer = dot < 0 ? undefined : members?.find((member) => member.path === path.slice(0, dot));
  const inner = outer === undefined ? undefined : offsetIn(profile, outer.type, path.slice(dot + 1));
  return inner === undefined ? undefined : outer!.offset + inner;
}
