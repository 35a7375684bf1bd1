import { z } from 'zod';
import { runText } from './command-text.ts';
import { address, dumpTool, hex, maxChars, schemaOf } from './tool.ts';

const output = z.object({ address: hex, text: z.string(), truncated: z.boolean() });

export const explainAddress = dumpTool({
  name: 'explain_address',
  title: 'Explain an address',
  description:
    'What an address is and why it can be read or not: module, stack, pool, page table entries, where its bytes stand in the file.',
  input: z.object({ address, max_chars: maxChars }),
  output: schemaOf(output),
  *work(session, { address: text, max_chars }) {
    const va = BigInt.asUintN(64, session.evaluate(text));
    const shown = yield* runText(session, `why ${session.system.shortText(va)}`, max_chars);
    return {
      address: session.system.hex(va),
      text: shown.text,
      truncated: shown.isTruncated,
    } satisfies z.infer<typeof output>;
  },
});
