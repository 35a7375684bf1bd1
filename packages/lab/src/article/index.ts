export { type ArticlePart, articleMachine } from './article-machine.ts';
export { part1, part2, part3 } from './facts.ts';
