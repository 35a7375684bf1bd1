import { checkPackage } from '@arethetypeswrong/core';
import { problemKindInfo } from '@arethetypeswrong/core/problems';

/**
 * How the declarations of a package are found by each way in which TypeScript looks for them: those of Node for modules, and those
 * of bundlers. Two rules are passed over, and only these:
 *
 * - `CJSResolvesToESM`: the packages are modules alone. Who writes CommonJS loads them by `import()`, or by `require` of a Node that
 *   takes modules (20.19, 22.12 and later).
 * - `NoResolution` of `node10`: that way knows no `exports`, and TypeScript 6 calls it obsolete.
 */

/** @param {import('@arethetypeswrong/core').Problem} problem */
const isPassedOver = (problem) =>
  problem.kind === 'CJSResolvesToESM' ||
  ('resolutionKind' in problem && problem.resolutionKind === 'node10' && problem.kind === 'NoResolution');

/**
 * What is wrong, a line each; nothing where all is well.
 * @param {import('@arethetypeswrong/core').Package} pkg as packed
 */
export async function resolutionProblems(pkg) {
  const result = await checkPackage(pkg);
  if (result.types === false) return [`${pkg.packageName} has no types`];
  return result.problems.filter((problem) => !isPassedOver(problem)).map(textOf);
}

/** @param {import('@arethetypeswrong/core').Problem} problem */
function textOf(problem) {
  const { title, shortDescription } = problemKindInfo[problem.kind];
  const { kind: _, ...where } = problem;
  return `${title}: ${shortDescription} ${JSON.stringify(where)}`;
}
