import type { Machine } from './machine/machine.ts';
import { article1 } from './scenarios/article-1.ts';
import { playScenario } from './scenarios/index.ts';

/** A crash for a first look: that of the article's first part. */
export const demoMachine = (): Machine => playScenario(article1);
