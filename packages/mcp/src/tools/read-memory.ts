import { describeFault, Fault, readBytes } from '@poolscope/engine';
import { z } from 'zod';
import { address, dumpTool, hex, schemaOf } from './tool.ts';

const output = z.object({
  address: hex,
  bytes: z.string().describe('two digits for each byte; ?? where the dump does not hold it'),
  present: z.number().int().describe('how many of the bytes are there'),
  ascii: z.string().describe('printable characters, . for others, ? for absent ones'),
  why: z.string().nullable().describe('why the first absent byte cannot be read'),
});

/** Bytes in one answer. */
const most = 0x4000;

export const readMemory = dumpTool({
  name: 'read_memory',
  title: 'Read memory',
  description:
    'Bytes of virtual memory of the current process and the kernel. An absent byte is ??, never zero.',
  input: z.object({
    address,
    length: z.number().int().min(1).max(most).default(0x100).describe('bytes'),
  }),
  output: schemaOf(output),
  // oxlint-disable-next-line eslint/require-yield -- So few bytes are read at once.
  *work(session, { address: text, length }) {
    const va = BigInt.asUintN(64, session.evaluate(text));
    const { memory } = session.console;
    const { bytes, mask } = readBytes(memory, va, length);
    const each = <T>(show: (byte: number) => string, absent: T) =>
      [...bytes].map((byte, at) => (mask[at] === 1 ? show(byte) : absent));
    const hole = mask.indexOf(0);
    const fault = hole < 0 ? undefined : memory.tryRead(BigInt.asUintN(64, va + BigInt(hole)), 1);
    return {
      address: session.system.hex(va),
      bytes: each((byte) => byte.toString(16).padStart(2, '0'), '??').join(' '),
      present: mask.reduce((sum, one) => sum + one, 0),
      ascii: each((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCodePoint(byte) : '.'), '?').join(''),
      why: fault instanceof Fault ? describeFault(fault) : null,
    } satisfies z.infer<typeof output>;
  },
});
