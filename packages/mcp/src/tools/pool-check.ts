import { checkPool, type DamagedPage, type PoolCheck, type Session } from '@poolscope/engine';
import { z } from 'zod';
import { dumpTool, hex, rowLimit, schemaOf } from './tool.ts';

const damagedPage = z.object({
  page: hex,
  pool: z.string(),
  rules: z.array(z.string()).describe('the rules that do not hold there, each once'),
  damaged: z
    .array(z.object({ start: hex, bytes: z.number().int() }))
    .describe('bytes that no header explains; what is only missing from the dump is left out'),
});
const output = z.object({
  damaged: z.array(damagedPage),
  total: z.number().int().describe('damaged pages; more than `limit` are cut'),
  pages: z.record(z.string(), z.number().int()).describe('pages that were looked at, by what they are'),
  complete: z.boolean().describe('false: not all of the pool was looked at, and `missing` says why'),
  missing: z.array(z.string()),
});

export const poolCheck = dumpTool({
  name: 'pool_check',
  title: 'Check all of the pool for damage',
  description:
    'Validates every page of small pool blocks that is in the dump, and lists those whose headers do not agree. Damage that the crash did not lead to is found too. Go on with pool_page for a page.',
  input: z.object({ limit: rowLimit(1000, 50) }),
  output: schemaOf(output),
  *work(session, { limit }) {
    const check = yield* checkPool(session.system);
    const missing = missingOf(check);
    return {
      damaged: check.damaged.slice(0, limit).map((each) => pageRow(session, each)),
      total: check.damaged.length,
      pages: { ...check.pages },
      complete: missing.length === 0,
      missing,
    } satisfies z.infer<typeof output>;
  },
});

const missingOf = ({ bigUnknown, heapsUnknown, cut }: PoolCheck): string[] =>
  [bigUnknown, ...heapsUnknown, cut].filter((why) => why !== undefined);

function pageRow({ system }: Session, { page, pool }: DamagedPage): z.infer<typeof damagedPage> {
  const holes = page.unexplained.filter(({ reason }) => reason === 'damaged');
  return {
    page: system.hex(page.address),
    pool,
    rules: [...new Set(page.problems.map(({ rule }) => rule))],
    damaged: holes.map(({ start, end }) => ({ start: system.hex(start), bytes: Number(end - start) })),
  };
}
