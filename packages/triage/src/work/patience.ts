import { isPassing } from './passing-error.ts';

/** How long a store that does not answer is waited for, in milliseconds. */
export const longestPatience = 60_000;

/** Tries again while the store is gone for a while: what is done here may be done twice. */
export async function patiently<Result>(
  work: () => Promise<Result>,
  patience = longestPatience,
): Promise<Result> {
  const end = Date.now() + patience;
  for (let time = 100; ; time = Math.min(time * 2, 3000)) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || Date.now() + time > end) throw error;
      await new Promise((resolve) => {
        setTimeout(resolve, time);
      });
    }
  }
}
