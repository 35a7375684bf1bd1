import {
  DebuggerError,
  type FoundBlocks,
  findPoolBlocks,
  type Session,
  tagPattern,
  tagText,
} from '@poolscope/engine';
import { z } from 'zod';
import { dumpTool, hex, rowLimit, schemaOf } from './tool.ts';

const found = z.object({
  address: hex.describe('of the header; of large allocations and special pool what the caller got'),
  size: z.string().describe('bytes as a decimal text, header included'),
  tag: z.string().nullable(),
  state: z.string(),
  pool: z.string(),
  allocator: z.string().describe('classic, vs, lfh, segment, large, big or special'),
});
const output = z.object({
  blocks: z.array(found).describe('large allocations first, then by address in each range'),
  complete: z.boolean().describe('false: there may be more, and `missing` or `stopped_at` says why'),
  stopped_at: hex.nullable().describe('the limit ended the search here'),
  missing: z.array(z.string()),
});

const pools = ['nonpaged', 'paged', 'paged-session', 'special'] as const;

export const poolBlocks = dumpTool({
  name: 'pool_blocks',
  title: 'Find pool blocks by tag',
  description:
    'All blocks of a tag in all of the pool, in use or not: small ones, large allocations, special pool; classic pool and segment heap. For sums by tag use pool_tags.',
  input: z.object({
    tag: z.string().min(1).max(4).describe('up to four characters; * and ? stand for letters'),
    pools: z
      .array(z.enum(pools))
      .min(1)
      .max(4)
      .default([...pools])
      .describe('where to look'),
    least: z.number().int().min(0).optional().describe('bytes that a block has at least, without its header'),
    most: z.number().int().min(0).optional().describe('bytes that a block has at most, without its header'),
    limit: rowLimit(2000, 100),
  }),
  output: schemaOf(output),
  *work(session, { tag, pools: wanted, least, most, limit }) {
    const pattern = tagPattern(tag);
    if (pattern === undefined) throw new DebuggerError('COMMAND_USAGE', `${tag} is no pattern of a tag`);
    const blocks = yield* findPoolBlocks(session.system, {
      tag: pattern,
      pools: wanted,
      limit,
      ...(least === undefined ? {} : { least: BigInt(least) }),
      ...(most === undefined ? {} : { most: BigInt(most) }),
    });
    const rows = rowsOf(session, blocks);
    const missing = [blocks.bigUnknown, ...blocks.heapsUnknown, blocks.cut].filter(
      (why) => why !== undefined,
    );
    const stopped = blocks.stoppedAt;
    return {
      blocks: rows.slice(0, limit),
      complete: missing.length === 0 && stopped === undefined && rows.length <= limit,
      stopped_at: stopped === undefined ? null : session.system.hex(stopped),
      missing,
    } satisfies z.infer<typeof output>;
  },
});

function rowsOf({ system }: Session, { large, blocks, heap, special }: FoundBlocks) {
  return [
    ...large.map(({ allocation: { address, size, tag }, pool }) => ({
      ...{ address: system.hex(address), size: size.toString(), tag, state: 'allocated' },
      ...{ pool, allocator: 'big' },
    })),
    ...blocks.map(({ block, pool }) => ({
      ...{ address: system.hex(block.address), size: String(block.size), tag: block.tag, state: block.state },
      ...{ pool, allocator: block.heapPart ?? 'classic' },
    })),
    ...heap.map(({ block, pool }) => ({
      ...{ address: system.hex(block.address), size: String(block.size), tag: block.tag ?? null },
      ...{ state: block.state, pool, allocator: block.allocator },
    })),
    ...special.map(({ block }) => ({
      ...{ address: system.hex(block.address), size: String(block.size), tag: tagText(block.tag) },
      ...{ state: 'allocated', pool: 'special', allocator: 'special' },
    })),
  ] satisfies z.infer<typeof found>[];
}
