import { findSymbols } from '@poolscope/engine';
import { z } from 'zod';
import { dumpTool, hex, rowLimit, schemaOf } from './tool.ts';

const output = z.object({
  symbols: z.array(
    z.object({
      name: z.string(),
      address: hex,
      kind: z.enum(['code', 'data']).nullable(),
      size: z.number().int().nullable(),
    }),
  ),
  total: z.number().int().describe('how many fit; more than `limit` are cut'),
});

export const searchSymbols = dumpTool({
  name: 'search_symbols',
  title: 'Search symbols',
  description:
    'Names of functions and variables by a pattern, such as nt!Ex*Pool*. Which names there are depends on the symbols: list_modules tells whose are known.',
  input: z.object({
    pattern: z.string().min(1).max(200).describe("module!name with the debugger's wildcards"),
    limit: rowLimit(5000, 200),
  }),
  output: schemaOf(output),
  *work({ system }, { pattern, limit }) {
    const found = yield* findSymbols(system, pattern);
    return {
      symbols: found.slice(0, limit).map(({ module, name, address, kind, size }) => ({
        name: `${module}!${name}`,
        address: system.hex(address),
        kind: kind ?? null,
        size: size ?? null,
      })),
      total: found.length,
    } satisfies z.infer<typeof output>;
  },
});
