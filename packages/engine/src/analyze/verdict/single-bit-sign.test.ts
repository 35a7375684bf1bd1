import { buildMachine, dumpBytes } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { BufferSource, openSession } from '../../index.ts';

const [codeAt, parametersAt] = [0x38, 0x40];
const plain = dumpBytes(buildMachine({ crash: 'page-fault' }), { type: 'triage' });

/** The dump with another bug check in its header. */
async function verdictOn(code: number, ...parameters: bigint[]) {
  const bytes = plain.slice();
  const view = new DataView(bytes.buffer);
  view.setUint32(codeAt, code, true);
  for (const [index, value] of parameters.entries()) view.setBigUint64(parametersAt + 8 * index, value, true);
  const session = await openSession(new BufferSource(bytes), { path: 'MEMORY.DMP' });
  return session.analyze().report.verdict;
}

/** Where the access was made. */
const ip = 0xffff_f800_0100_1000n;
const entry = 0xffff_dd01_0bc5_d3f8n;
const test = expect.stringContaining('mdsched.exe');

describe('a value with one bit', () => {
  it.each([
    ['in its low part', [0x20_0000_0000n, 0n], 37],
    ['in its high part', [0n, 0x8000_0000n], 63],
  ])('in a page table entry, %s, is a sign of faulty memory and no verdict', async (_name, parts, bit) => {
    const { kind, summary, next } = await verdictOn(0x1a, 0x4_1792n, entry, ...parts);
    expect(kind).toBe('unknown');
    expect(summary).toContain(`its bit ${bit},`);
    expect(next).toContainEqual(test);
  });

  it.each([
    ['two bits', 0x1a, [0x4_1792n, entry, 0x21_0000_0000n, 0n]],
    ['no bit', 0x1a, [0x4_1792n, entry, 0n, 0n]],
    ['another sub-code', 0x1a, [0x4_1287n, entry, 0x20_0000_0000n, 0n]],
  ])('is told from %s', async (_name, code, parameters) => {
    const { summary, next } = await verdictOn(code, ...parameters);
    expect(summary).not.toContain('faulty memory');
    expect(next).not.toContainEqual(test);
  });

  it('is a sign in the address that was read', async () => {
    const { kind, summary } = await verdictOn(0x50, 0x20_0000_0068n, 0n, ip, 2n);
    expect(kind).toBe('unknown');
    expect(summary).toContain('a NULL pointer with the offset 68 but for its bit 37');
  });

  it.each([0x68n, 0xffffn, 0x30_0000_0068n, 0xffff_8000_0000_0068n])(
    'is none in the address %s',
    async (address) => {
      const { summary } = await verdictOn(0x50, address, 0n, ip, 2n);
      expect(summary).not.toContain('but for its bit');
    },
  );
});
