import { BufferSource, checkPool, findPoolBlocks, lineText, openSession, runToEnd, tagPattern } from '@poolscope/engine';
import { dumpBytes, RunningMachine } from '@poolscope/lab';
import { it } from 'vitest';

it('shows', async () => {
  const machine = new RunningMachine({ build: 19041, memoryPages: 0x4000 });
  machine.populate(19041);
  for (let index = 0; index < 100; index++) {
    const va = machine.pool.allocate(0x200, index % 2 === 0 ? 0x90 : 0x1d0, 'Many');
    if (index % 7 === 0) machine.pool.free(va, 'Many');
  }
  const big = machine.pool.allocate(0x200, 0x5000, 'V2lg');
  const huge = machine.pool.allocate(0x200, 0x81_1234, 'Huge');
  const vs = machine.pool.allocate(0x200, 0x1337, 'Vs2p');
  try { machine.systemThread('nt!KeBugCheckEx', 0xe2n); } catch {}
  const truth = machine.pool.truth() as any;
  const session = await openSession(new BufferSource(dumpBytes(machine.finish(), { type: 'full' })));
  const run = (line: string) => {
    const t = Date.now();
    let text: string;
    try { text = session.execute(line).lines.map(lineText).slice(0, 40).join('\n'); } catch (e) { text = String((e as Error).stack); }
    console.log(`kd> ${line}   [${Date.now() - t} ms]\n${text}`);
  };
  const lfh = truth.blocks.find((b: any) => b.allocator === 'lfh' && b.state === 'allocated');
  const small = truth.blocks.find((b: any) => b.allocator === 'vs' && b.state === 'allocated');
  console.log(truth.blocks.length, lfh, small);
  for (const va of [lfh.header, small.header, big, huge, vs, vs + 0x1000n]) run(`!pool ${va.toString(16)}`);
  run(`!poolval ${lfh.header.toString(16)}`);
  run(`!poolmap ${lfh.header.toString(16)}`);
  run(`!poolmap ${small.header.toString(16)}`);
  run('!poolcheck -all');
  run('!poolfind Many');
  run('!poolfind -tag "Many" -nonpaged -small');
  run('!poolused 2 Many');
  run('!poolbig');
  run(`!address ${lfh.header.toString(16)}`);
});
