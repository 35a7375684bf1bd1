import type { Scenario } from '@poolscope/lab';
import { UsageError } from '../usage-error.ts';
import { allScenarios } from './all-scenarios.ts';

/** The scenario of a name, or wrong usage with the names that are near. */
export function findScenario(name: string): Scenario {
  const found = allScenarios.find((scenario) => scenario.name === name.toLowerCase());
  if (found !== undefined) return found;
  const near = nearNames(
    name,
    allScenarios.map((scenario) => scenario.name),
  );
  throw new UsageError(
    `there is no scenario '${name}'${near.length === 0 ? '' : `; is it ${near.join(' or ')}?`}`,
    'poolscope lab list names them all.',
  );
}

/** The names with the fewest letters to change, or with the text in them; none where all are far. */
export function nearNames(name: string, names: readonly string[]): string[] {
  const wanted = name.toLowerCase();
  const rated = names
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate) }))
    .sort((a, b) => a.distance - b.distance);
  const least = rated[0]?.distance ?? 0;
  const near = rated.filter(
    ({ distance }) => distance === least && distance <= Math.max(2, wanted.length / 3),
  );
  const holding = wanted.length < 3 ? [] : names.filter((candidate) => candidate.includes(wanted));
  return [...new Set([...near.map(({ candidate }) => candidate), ...holding])].slice(0, 3);
}

/** Letters to insert, drop or change. A name that is far too long is not compared. */
function editDistance(from: string, to: string): number {
  if (from.length > 64) return from.length;
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
