import { markdown, type Table } from '../verdict/tables.ts';

/** The page of what was measured. */
export const documentText = (tables: readonly Table[], first: number, fleets: number): string =>
  [
    '# How good suspects of fleets are',
    '',
    'Written by `node test/bench/fleet/main.mjs --write`. What the numbers are made of is told in [fleet.md](fleet.md).',
    '',
    `${fleets} fleets of each kind, seeds ${first} to ${first + fleets - 1}; the weights were fitted to other seeds. A fleet has 200 machines`,
    'with mixed builds, about 40 % of which write kernel dumps. Of the crashes 10 % are single bits of bad memory, 20 % leave the pool',
    'whole, and 5 % are done by drivers that hardly ever fail; the rest are by the guilty driver, which is drawn from nineteen that are on',
    '5 % to 100 % of the machines, guilty in all versions or in the newer ones. Verdicts on single dumps are drawn from measured ones.',
    '',
    '- first: the first driver of all crashes by damaged pool is guilty. all first: all guilty ones stand in front.',
    '- accused: some driver has a probability of 0.5 or more. falsely: one of those has done none of these crashes.',
    `- buckets: those with three crashes or more, half of them by one driver; first in bucket: that driver is the bucket's first.`,
    '- version right: where versions were told, all of them are guilty ones.',
    '',
    'The faults, the drivers and the fleets are made up. How often suspects in the field are right is not known from this.',
    '',
    ...tables.map(markdown),
  ].join('\n');
