import { scenarios } from '@poolscope/lab';
import { it } from 'vitest';
import { verdictsOn } from '../bench/verdict/cases.ts';
it('x', async () => {
  for (const scenario of scenarios.slice(0, 4))
    for await (const r of verdictsOn(scenario, { seed: 2 }))
      console.log(r.scenario, r.dump, r.symbols, r.kind, r.confidence.toFixed(2), r.right, JSON.stringify(r.knowable), JSON.stringify(r.differences), JSON.stringify(r.suspects));
}, 300000);
