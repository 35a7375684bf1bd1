import { assert } from '@poolscope/engine/base';
import type { Numbers } from '../drivers/index.ts';
import { randomNumbers } from '../machine/pool-story.ts';

const steps = 0x1_0000_0000;

/** What is left to chance, in the order of a seed. */
export class Chance {
  readonly numbers: Numbers;

  constructor(seed: number) {
    // Seeds that follow each other give numbers that have nothing to do with each other.
    this.numbers = randomNumbers(Math.imul(seed, 0x9e37_79b1) ^ 0x666c_6565);
  }

  /** From 0 up to 1. */
  share(): number {
    return this.numbers(steps) / steps;
  }

  happens(probability: number): boolean {
    return this.share() < probability;
  }

  oneOf<T>(choices: readonly T[]): T {
    assert(choices.length > 0, 'there is something to choose from');
    return choices[this.numbers(choices.length)]!;
  }

  /** One of several, each as likely as its weight says. */
  byWeight<T>(choices: readonly T[], weightOf: (choice: T) => number): T {
    const total = choices.reduce((sum, each) => sum + weightOf(each), 0);
    let left = this.share() * total;
    for (const choice of choices) {
      left -= weightOf(choice);
      if (left < 0) return choice;
    }
    return choices.at(-1)!;
  }

  /** How much more than others something happens to: about 1, now and then several times as often. */
  proneness(): number {
    // The sum of uniform numbers is about normal.
    const normal = Array.from({ length: 6 }, () => this.share()).reduce((sum, each) => sum + each, -3);
    return Math.exp(normal * 1.2);
  }

  shuffled<T>(items: readonly T[]): T[] {
    const all = [...items];
    for (let at = all.length - 1; at > 0; at--) {
      const other = this.numbers(at + 1);
      [all[at], all[other]] = [all[other]!, all[at]!];
    }
    return all;
  }
}
