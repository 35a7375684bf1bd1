import { commands } from '@poolscope/engine';
import { z } from 'zod';
import { dumpTool, schemaOf } from './tool.ts';

const row = z.object({
  names: z.array(z.string()),
  usage: z.string(),
  summary: z.string(),
  group: z.string(),
  details: z.array(z.string()).optional(),
  examples: z.array(z.string()).optional(),
});
const output = z.object({ commands: z.array(row) });

export const listCommands = dumpTool({
  name: 'list_commands',
  title: 'List the debugger commands',
  description: 'Lists the commands that run_command takes, or explains those with a name, such as !pool.',
  input: z.object({
    name: z.string().max(40).optional().describe('only commands with this name, with details and examples'),
    group: z.string().max(40).optional().describe('only this group: pool, memory, stack, objects, ...'),
  }),
  output: schemaOf(output),
  // oxlint-disable-next-line eslint/require-yield -- It is done at once; tools that are not yield.
  *work(_session, { name, group }) {
    const wanted = commands.filter(
      (each) =>
        (name === undefined || each.names.includes(name)) && (group === undefined || each.group === group),
    );
    return {
      commands: wanted.map(({ names, usage, summary, group: of, details, examples }) => ({
        names: [...names],
        usage,
        summary,
        group: of,
        ...(name === undefined ? {} : { details: [...(details ?? [])], examples: [...(examples ?? [])] }),
      })),
    } satisfies z.infer<typeof output>;
  },
});
