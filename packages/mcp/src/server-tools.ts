import { z } from 'zod';
import type { AllowedFolders } from './allowed-folders.ts';
import type { DumpTable } from './dump-table.ts';
import type { DumpOpener } from './open-dump.ts';
import { ToolError } from './tool-error.ts';
import { type ObjectSchema, schemaOf } from './tools/index.ts';

/** What the tools that open and close dumps work with. */
export interface Desk {
  readonly folders: AllowedFolders;
  readonly dumps: DumpTable;
  readonly open: DumpOpener;
}

/** A tool that is not about one open dump. */
export interface ServerTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodObject;
  readonly output: ObjectSchema;
  run(desk: Desk, input: object, signal: AbortSignal): Promise<object>;
}

const serverTool = <Shape extends z.ZodRawShape>(
  tool: Omit<ServerTool, 'input' | 'run'> & {
    readonly input: z.ZodObject<Shape>;
    run(desk: Desk, input: z.infer<z.ZodObject<Shape>>, signal: AbortSignal): Promise<object>;
  },
): ServerTool => tool as unknown as ServerTool;

const opened = z.object({ dump: z.string().describe('id for the other tools'), path: z.string() });

const openDump = serverTool({
  name: 'open_dump',
  title: 'Open a dump',
  description:
    'Opens a Windows kernel crash dump of any kind, also inside a gz, zip or 7z file, and gives an id for the other tools. Nothing is uploaded. Go on with summarize.',
  input: z.object({
    path: z
      .string()
      .min(1)
      .max(4096)
      .describe('path of the file, below an allowed folder; relative ones begin there'),
  }),
  output: schemaOf(opened),
  async run({ folders, dumps, open }, { path }, signal) {
    const real = folders.resolve(path);
    const listed = await dumps.add(path, async () => {
      const dump = await open(real, signal);
      // Whoever can write to the folder may have put a link there while the file was being opened.
      if (isStill(folders, path, real)) return dump;
      dump.close();
      throw new ToolError('PATH_NOT_ALLOWED', 'the file was replaced while it was being opened');
    });
    return { dump: listed.id, path } satisfies z.infer<typeof opened>;
  },
});

function isStill(folders: AllowedFolders, path: string, real: string): boolean {
  try {
    return folders.resolve(path) === real && folders.resolve(real) === real;
  } catch {
    return false;
  }
}

const closed = z.object({ closed: z.string() });

const closeDump = serverTool({
  name: 'close_dump',
  title: 'Close a dump',
  description: 'Closes an open dump and frees its memory.',
  input: z.object({
    dump: z.string().max(40).optional().describe('id of open_dump; the only open one unless given'),
  }),
  output: schemaOf(closed),
  async run({ dumps }, { dump }) {
    const { id } = dumps.find(dump);
    dumps.close(id);
    return { closed: id } satisfies z.infer<typeof closed>;
  },
});

const listed = z.object({ dumps: z.array(opened), allowed: z.array(z.string()).describe('folders') });

const listDumps = serverTool({
  name: 'list_dumps',
  title: 'List open dumps and allowed folders',
  description: 'The dumps that are open with their ids, and the folders whose files may be opened.',
  input: z.object({}),
  output: schemaOf(listed),
  async run({ dumps, folders }) {
    return {
      dumps: dumps.list.map(({ id, path }) => ({ dump: id, path })),
      allowed: [...folders.list],
    } satisfies z.infer<typeof listed>;
  },
});

const found = z.object({
  files: z.array(z.object({ path: z.string(), bytes: z.number().int(), modified: z.string() })),
  complete: z.boolean().describe('false: there is more than was looked at'),
});

const findDumps = serverTool({
  name: 'find_dumps',
  title: 'Find files that may be dumps',
  description: 'Files below the allowed folders with the names of dumps or archives: .dmp, .gz, .zip, .7z.',
  input: z.object({}),
  output: schemaOf(found),
  async run({ folders }) {
    const { files, isWhole } = folders.find();
    return { files: files.map((file) => ({ ...file })), complete: isWhole } satisfies z.infer<typeof found>;
  },
});

export const serverTools: readonly ServerTool[] = [openDump, closeDump, listDumps, findDumps];
