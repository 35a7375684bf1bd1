import { DebuggerError, reportPoolUse, tagPattern } from '@poolscope/engine';
import { z } from 'zod';
import { dumpTool, rowLimit, schemaOf } from './tool.ts';

const use = z
  .object({ outstanding: z.string(), bytes: z.string() })
  .describe('decimal texts: the counters have 64 bits');
const output = z.object({
  tags: z.array(
    z.object({
      tag: z.string(),
      nonpaged: use,
      paged: use,
      owner: z.string().nullable().describe('who is said to use the tag'),
    }),
  ),
  total: z.number().int().describe('how many fit; more than `limit` are cut'),
  from: z
    .string()
    .nullable()
    .describe('how the counters were found; null: they were not, and `missing` says why'),
  missing: z.array(z.string()),
});

export const poolTags = dumpTool({
  name: 'pool_tags',
  title: 'List pool in use by tag',
  description:
    "The kernel's own account of its pools by tag, the most memory first, with who is said to own each tag.",
  input: z.object({
    sort: z.enum(['nonpaged', 'paged']).default('nonpaged').describe('the pool whose bytes decide the order'),
    tag: z.string().min(1).max(4).optional().describe('only tags that fit; * and ? stand for letters'),
    limit: rowLimit(2000, 50),
  }),
  output: schemaOf(output),
  *work({ system, console }, { sort, tag, limit }) {
    const pattern = tag === undefined ? undefined : tagPattern(tag);
    if (tag !== undefined && pattern === undefined)
      throw new DebuggerError('COMMAND_USAGE', `${tag} is no pattern of a tag`);
    const report = yield* reportPoolUse(system, { sort, pattern });
    return {
      tags: report.tags.slice(0, limit).map((each) => ({
        tag: each.tag,
        nonpaged: usage(each.nonPaged),
        paged: usage(each.paged),
        owner: console.poolTags.find(each.tag)?.description ?? null,
      })),
      total: report.tags.length,
      from: report.from ?? null,
      missing: [...report.missing],
    } satisfies z.infer<typeof output>;
  },
});

const usage = ({ outstanding, bytes }: { readonly outstanding: bigint; readonly bytes: bigint }) => ({
  outstanding: outstanding.toString(),
  bytes: bytes.toString(),
});
