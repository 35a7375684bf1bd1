/** Longest word that is compared: no name is longer. */
const maxLength = 30;

/**
 * The name that a misspelt word comes nearest to: at most two letters wrong, missing, too many or swapped; one in words of
 * up to four letters, none in shorter ones. Undefined when nothing is that near.
 */
export function closestName(word: string, names: readonly string[]): string | undefined {
  if (word.length > maxLength || word.length < 3) return undefined;
  const lower = word.toLowerCase();
  let closest: string | undefined;
  let least = word.length <= 4 ? 2 : 3;
  for (const name of names) {
    // Names of one or two letters are near to everything.
    if (name.length < 3 || Math.abs(name.length - word.length) >= least) continue;
    const distance = distanceBetween(lower, name.toLowerCase());
    if (distance >= least) continue;
    closest = name;
    least = distance;
  }
  return closest;
}

/** Changes from one word to another, a swap of neighbours counting as one (optimal string alignment). */
function distanceBetween(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const change = a[row - 1] === b[column - 1] ? 0 : 1;
      let least = Math.min(above[column]! + 1, current[column - 1]! + 1, above[column - 1]! + change);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) least = Math.min(least, before[column - 2]! + 1);
      current.push(least);
    }
    before = above;
    above = current;
  }
  return above[b.length]!;
}
