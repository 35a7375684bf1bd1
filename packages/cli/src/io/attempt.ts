/** What an operation gives; undefined where it fails, for those whose failure is no error. */
export function attempt<Result>(operate: () => Result): Result | undefined {
  try {
    return operate();
  } catch {
    return undefined;
  }
}
