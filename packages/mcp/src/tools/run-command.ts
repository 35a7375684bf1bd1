import { z } from 'zod';
import { jsonValue } from '../json-value.ts';
import { runText } from './command-text.ts';
import { dumpTool, maxChars, schemaOf } from './tool.ts';

const output = z.object({
  command: z.string(),
  text: z
    .string()
    .describe(
      "what the command printed, in the debugger's layout; ?? and ???? are bytes that the dump lacks",
    ),
  truncated: z.boolean().describe('the text was longer than max_chars, and the command was stopped there'),
  failed: z.boolean().describe('a command gave an error, which is in the text with what to do about it'),
  data: z
    .unknown()
    .describe('with want_data: the answer of the last command as data; numbers of 64 bits are 0x texts'),
  dataIsWhole: z.boolean().describe('false: the data was too large, and parts of it are null or left out'),
  call: z.string().nullable().describe("JavaScript that gives the same data through the engine's API"),
});

export const runCommand = dumpTool({
  name: 'run_command',
  title: 'Run a debugger command',
  description:
    "Runs commands of the Windows debugger over an open dump: '!analyze -v', 'k', '!pool @rcx', '!poolval ADDR', '!verifier 80', 'dt', 'db', 'u', '!irp'. Several are separated by semicolons. Registers, the current thread and variables are kept between calls. Commands that read or write files are refused. list_commands tells what there is.",
  input: z.object({
    command: z.string().min(1).max(4000).describe('a line as at the prompt of the debugger'),
    want_data: z.boolean().default(false).describe('also return the answer as data'),
    max_chars: maxChars,
  }),
  output: schemaOf(output),
  *work(session, { command, want_data, max_chars }) {
    const { text, isTruncated, failed, results } = yield* runText(session, command, max_chars);
    const last = results.at(-1);
    const data = want_data ? jsonValue(last?.data) : { value: null, isWhole: true };
    return {
      command,
      text,
      truncated: isTruncated,
      failed,
      data: data.value,
      dataIsWhole: data.isWhole,
      call: last?.call ?? null,
    } satisfies z.infer<typeof output>;
  },
});
