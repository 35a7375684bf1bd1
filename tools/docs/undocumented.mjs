import { ReflectionKind } from 'typedoc';

/**
 * What stands at a door, or is met in what stands there, without a docstring. Members are named by what they are; those whose unit or
 * source is not plain have a docstring too, which no program can demand. The namespaces of the lab's assemblers count as one thing each.
 */

const wanted =
  ReflectionKind.Class |
  ReflectionKind.Enum |
  ReflectionKind.Function |
  ReflectionKind.Interface |
  ReflectionKind.Namespace |
  ReflectionKind.TypeAlias |
  ReflectionKind.Variable;

/** @param {import('typedoc').Models.DeclarationReflection} each */
const isTold = (each) =>
  each.hasComment() || (each.signatures ?? []).some((signature) => signature.hasComment());

/**
 * @param {import('typedoc').Models.ProjectReflection} project
 * @returns {string[]} package, name and source of each
 */
export function undocumented(project) {
  // With one door the project is the door.
  const modules = project.getChildrenByKind(ReflectionKind.Module);
  return (modules.length === 0 ? [project] : modules).flatMap((door) =>
    (door.children ?? [])
      .filter((each) => each.kindOf(wanted) && !isTold(each))
      .map((each) => `${door.name}: ${each.name} has no docstring (${each.sources?.[0]?.fileName})`),
  );
}
