/** A story that chance, or a pool that is watched, does not let happen: with other numbers it may. */
export class StoryError extends Error {}

/** Throws StoryError where the story cannot go on. */
export function goesOn(condition: unknown, message: string): asserts condition {
  if (!condition) throw new StoryError(message);
}

export function stuck(message: string): never {
  throw new StoryError(message);
}
