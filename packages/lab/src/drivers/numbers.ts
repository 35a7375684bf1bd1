/** Numbers from 0 to `limit` - 1, in the order of a seed. */
export type Numbers = (limit: number) => number;

/** One of several. */
export const oneOf = <T>(numbers: Numbers, choices: readonly T[]): T => choices[numbers(choices.length)]!;

/** So many bytes that follow from the seed. */
export const randomBytes = (numbers: Numbers, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, () => numbers(0x100));
