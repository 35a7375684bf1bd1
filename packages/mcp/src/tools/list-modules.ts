import { listModules as modulesOf } from '@poolscope/engine';
import { z } from 'zod';
import { dumpTool, hex, rowLimit, schemaOf } from './tool.ts';

const output = z.object({
  modules: z.array(
    z.object({
      name: z.string(),
      image: z.string(),
      base: hex,
      end: hex,
      timestamp: hex.nullable(),
      symbols: z.enum(['pdb', 'isf', 'profile', 'exports', 'none']),
    }),
  ),
  unloaded: z.array(z.object({ name: z.string(), start: hex, end: hex })),
  total: z.number().int().describe('how many fit; more than `limit` are cut'),
});

export const listModules = dumpTool({
  name: 'list_modules',
  title: 'List loaded modules',
  description:
    'Loaded drivers and those that were unloaded before, with base, end and where their symbols come from.',
  input: z.object({
    name: z.string().max(200).optional().describe("name with the debugger's wildcards: *fault*"),
    limit: rowLimit(2000, 300),
  }),
  output: schemaOf(output),
  // oxlint-disable-next-line eslint/require-yield -- The list is read already.
  *work({ system }, { name, limit }) {
    const { modules, unloaded } = modulesOf(system, name === undefined ? {} : { name });
    return {
      modules: modules.slice(0, limit).map((module) => ({
        name: module.name,
        image: module.image,
        base: system.hex(module.base),
        end: system.hex(module.end),
        timestamp: module.timeDateStamp === undefined ? null : `0x${module.timeDateStamp.toString(16)}`,
        symbols: module.symbols,
      })),
      unloaded: unloaded
        .slice(0, limit)
        .map((each) => ({ name: each.name, start: system.hex(each.start), end: system.hex(each.end) })),
      total: modules.length,
    } satisfies z.infer<typeof output>;
  },
});
