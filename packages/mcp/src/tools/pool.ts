import { describePool, type PoolReport, type Session, tagText } from '@poolscope/engine';
import { z } from 'zod';
import { jsonValue } from '../json-value.ts';
import { runText } from './command-text.ts';
import { address, dumpTool, hex, maxChars, schemaOf } from './tool.ts';

const block = z
  .object({
    address: hex.describe('of the header; for special pool what the caller got'),
    size: z.number().int(),
    tag: z.string().nullable(),
    state: z.string().describe('allocated, free, or cached: freed and put aside'),
  })
  .nullable();
const output = z.object({
  address: hex,
  pool: z.enum(['classic', 'segment-heap', 'special', 'not-pool']),
  block: block.describe('the block that holds the address; null where its header does not tell'),
  text: z.string().describe('what !pool prints'),
  truncated: z.boolean(),
  report: z.unknown().describe("the engine's whole answer; 64-bit numbers are 0x texts"),
  reportIsWhole: z.boolean(),
});

const input = z.object({ address, max_chars: maxChars });

export const poolBlock = dumpTool({
  name: 'pool_block',
  title: 'Show the pool block of an address',
  description:
    'Which pool block holds an address: start, size, tag, state. Classic pool, large allocations, special pool, segment heap. Says what is damaged, and what cannot be known.',
  input,
  output: schemaOf(output),
  work: (session, { address: text, max_chars }) => answer(session, text, ' 2', max_chars),
});

export const poolPage = dumpTool({
  name: 'pool_page',
  title: 'Show all pool blocks of a page',
  description:
    'All pool blocks on the page of an address, whether their headers agree, which bytes no header explains, and what a damaged header was.',
  input,
  output: schemaOf(output),
  work: (session, { address: text, max_chars }) => answer(session, text, '', max_chars),
});

function* answer(session: Session, text: string, flags: string, maxText: number) {
  const va = BigInt.asUintN(64, session.evaluate(text));
  const { system } = session;
  const report = yield* describePool(system, va);
  const shown = yield* runText(session, `!pool ${system.shortText(va)}${flags}`, maxText);
  const { value, isWhole } = jsonValue(report);
  return {
    address: system.hex(va),
    pool: report.kind,
    block: blockOf(session, report),
    text: shown.text,
    truncated: shown.isTruncated,
    report: value,
    reportIsWhole: isWhole,
  } satisfies z.infer<typeof output>;
}

function blockOf({ system }: Session, report: PoolReport): z.infer<typeof block> {
  if (report.kind === 'not-pool') return null;
  if (report.kind === 'special') {
    const { block: own, state } = report.special;
    return own === undefined
      ? null
      : { address: system.hex(own.address), size: own.size, tag: tagText(own.tag), state };
  }
  const own = report.block;
  if (own === undefined) return null;
  return { address: system.hex(own.address), size: own.size, tag: own.tag ?? null, state: own.state };
}
