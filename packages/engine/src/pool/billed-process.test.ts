import { buildMachine, dumpBytes, type KernelWorld, type PrepareSite } from '@poolscope/lab';
import { expect, it } from 'vitest';
import { type PlannedBlock, poolPage } from '../../test/pool-page.ts';
import { lineText } from '../commands/index.ts';
import { BufferSource } from '../io/index.ts';
import { openSession, type Session } from '../session.ts';

interface Planted {
  readonly session: Session;
  readonly page: bigint;
  readonly process: bigint;
}

/** A page of pool of a machine whose header says `build`; `blocksOf` gets the page and a process to bill. */
async function pageOf(
  architecture: 'x64' | 'x86',
  build: number,
  blocksOf: (page: bigint, process: bigint) => readonly PlannedBlock[],
  more: (world: KernelWorld, site: PrepareSite, page: bigint) => void = () => undefined,
): Promise<Planted> {
  let page = 0n;
  let process = 0n;
  const machine = buildMachine({
    architecture,
    prepare: (world, site) => {
      page = world.nonPagedPool.allocate(0x1000, 0x1000);
      process = world.nonPagedPool.allocate(0x600, 0x40);
      world.space.write(page, poolPage(architecture === 'x64' ? 8 : 4, page, blocksOf(page, process)));
      more(world, site, page);
    },
  });
  const bytes = dumpBytes(
    { ...machine, header: { ...machine.header, minorVersion: build } },
    { type: 'full' },
  );
  return { session: await openSession(new BufferSource(bytes)), page, process };
}

/** Type of a block of nonpaged pool that somebody is charged for. */
const quota = 0x0a;

const linesOf = ({ session, page }: Planted): string[] =>
  session.execute(`!pool ${page.toString(16)}`).lines.map(lineText);

it('x64 up to Windows 7: the header names the process', async () => {
  const planted = await pageOf('x64', 7601, (_page, process) => [
    { tag: 'Even', size: 0x80, type: quota, billed: process },
    { tag: 'Mdl ', size: 0x100 },
    { tag: 'Free', type: 0 },
  ]);
  const lines = linesOf(planted);
  expect(lines[1]).toMatch(new RegExp(`Even Process: ${planted.process.toString(16)}$`));
  expect(lines.join('\n').match(/Process:/g)).toHaveLength(1);
});

it('x64 from Windows 8 on: the name is encoded, and blocks of nobody give the key away', async () => {
  const key = 0x9a3c_51de_0f27_6b84n;
  const planted = await pageOf('x64', 9200, (page, process) => {
    const nobody = (at: bigint): bigint => (page + at) ^ key;
    return [
      { tag: 'Mdl ', size: 0x100, billed: nobody(0n) },
      { tag: 'Even', size: 0x80, type: quota, billed: nobody(0x100n) ^ process },
      { tag: 'Irp ', size: 0x200, billed: nobody(0x180n) },
      { tag: 'File', size: 0x140, billed: nobody(0x380n) },
      { tag: 'Sema', size: 0x80, type: quota, billed: 0x1234n },
      { tag: 'Free', type: 0 },
    ];
  });
  const lines = linesOf(planted);
  expect(lines.find((line) => line.includes('Even'))).toMatch(
    new RegExp(`Process: ${planted.process.toString(16)}$`),
  );
  // What decodes to no address of the kernel is not stated.
  expect(lines.find((line) => line.includes('Sema'))).not.toContain('Process');
});

it('x64 from Windows 8 on: without blocks of nobody the process is not known', async () => {
  const planted = await pageOf('x64', 9200, (page, process) => [
    { tag: 'Even', size: 0x80, type: quota, billed: page ^ process ^ 0x9a3c_51de_0f27_6b84n },
    { tag: 'Free', type: 0 },
  ]);
  expect(linesOf(planted).join('\n')).not.toContain('Process:');
});

it('x86: the last pointer of the block', async () => {
  const planted = await pageOf(
    'x86',
    7601,
    () => [
      { tag: 'Even', size: 0x40, type: quota },
      { tag: 'Sema', size: 0x40, type: quota },
      { tag: 'Free', type: 0 },
    ],
    (world, _site, page) => world.writePointer(page + 0x3cn, page + 0x1000n),
  );
  const lines = linesOf(planted);
  const process = BigInt.asUintN(32, planted.page + 0x1000n).toString(16);
  expect(lines[1]).toMatch(new RegExp(`Even Process: ${process}$`));
  expect(lines.find((line) => line.includes('Sema'))).not.toContain('Process');
});

it('protected tags are shown without their bit, and said to be so', async () => {
  const planted = await pageOf('x64', 7601, () => [
    { tag: 'Thre', size: 0x200, isProtected: true },
    { tag: 'Free', type: 0 },
  ]);
  expect(linesOf(planted)[1]).toMatch(/\*Thre \(Protected\)$/);
});
