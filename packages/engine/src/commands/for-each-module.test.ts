import * as lab from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { machineWithModules } from '../../../../test/more-modules.mjs';
import { BufferSource, lineText, openSession, type Session } from '../index.ts';

/** What a line prints, errors included. */
function printed(session: Session, line: string): string[] {
  const lines: string[] = [];
  const run = session.run(line);
  for (let step = run.next(); step.done !== true; step = run.next()) {
    if (step.value.kind === 'lines') lines.push(...step.value.lines.map(lineText));
    else if (step.value.kind === 'error') lines.push(`error: ${step.value.error.message}`);
  }
  return lines;
}

const open = async (machine: lab.Machine): Promise<Session> =>
  openSession(new BufferSource(lab.dumpBytes(machine, { type: 'bitmap-kernel' })));

describe('!for_each_module', () => {
  it('runs the command once for each module, by address', async () => {
    const session = await open(lab.buildMachine());
    expect(printed(session, '!for_each_module .echo @#ModuleName @#Base')).toEqual(
      [...session.system.modules]
        .sort((a, b) => (a.base < b.base ? -1 : 1))
        .map(({ name, base }) => `${name} ${base.toString(16)}`),
    );
  });

  it('searches as in the article, as typed', async () => {
    const machine = lab.buildMachine();
    const session = await open(machine);
    const lines = printed(session, '!for_each_module s -a @#Base @#End "sample driver"');
    const found = ['storfilt', 'netsamp', 'sampledrv'].map((name) => {
      const text = machine.images.address(`${name}!BuildPath`) + BigInt(name.length + 1);
      return session.system.addressText(text);
    });
    expect(lines.filter((line) => /^[\da-f]{8}`/.test(line)).map((line) => line.slice(0, 17))).toEqual(found);
  });

  it('keeps what it does for the run', async () => {
    const session = await open(lab.buildMachine());
    printed(session, '!for_each_module ".echo a"');
    expect(session.console.locals).toEqual([]);
    expect(printed(session, '.echo @#ModuleName')).toEqual(['@#ModuleName']);
  });

  it('ends when a command leaves', async () => {
    const session = await open(lab.buildMachine());
    expect(printed(session, '!for_each_module ".echo @#ModuleName; q"')).toEqual(['hal']);
  });

  it('does not let a name out of the dump run commands', async () => {
    const base = 0xfffff804_77000000n;
    const bytes = new Uint8Array(0x1000);
    const name = 'a;.echo hit;"b" {c} `d` $$<e\n.echo hit.sys';
    const session = await open(machineWithModules(lab, {}, [{ name, base, bytes }]));
    const lines = printed(session, '!for_each_module .echo @#ImageName');
    expect(lines).toHaveLength(6);
    expect(lines.filter((line) => line === 'hit')).toEqual([]);
    expect(lines.at(-1)).toMatch(/^a_\.echo hit__b_ _c_ _d_ \$\$_e_\.echo hit\.sys$/);
  });
});
