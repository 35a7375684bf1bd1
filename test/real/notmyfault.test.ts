import { lineText, type Session } from '@poolscope/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasShared, openShared, sharedText } from '../shared-files.ts';

/** A loaded module as the real debugger listed it. */
interface Listed {
  readonly start: bigint;
  readonly end: bigint;
  readonly name: string;
  readonly image: string;
  readonly stamp: number;
}

function listedModules(text: string): Listed[] {
  const loaded = text.slice(0, text.indexOf('Unloaded modules:'));
  const pattern = /^([0-9a-f`]{17}) ([0-9a-f`]{17})\s+(\S+)\s+(\S+)\s.*?([0-9A-F]{8})/gm;
  const address = (digits: string) => BigInt(`0x${digits.replace('`', '')}`);
  return [...loaded.matchAll(pattern)].map(([, start, end, name, image, stamp]) => ({
    start: address(start!),
    end: address(end!),
    name: name!,
    image: image!,
    stamp: Number.parseInt(stamp!, 16),
  }));
}

/** The debugger takes the kernel's image name from its symbols, the dump has the one it was loaded under. */
const imageInDump = (image: string) => (image === 'ntkrnlmp.exe' ? 'ntoskrnl.exe' : image);

describe.skipIf(!hasShared)('notmyfault_4a against the real debugger', () => {
  let session: Session;
  beforeAll(async () => {
    session = await openShared('notmyfault_4a/083125-14875-01.dmp');
  });

  it('lists the same modules with the same ranges, names, images and stamps', () => {
    const listed = listedModules(sharedText('dumps/notmyfault_4a/lm_t_n.txt'));
    expect(listed.length).toBe(156);
    const ours = [...session.system.modules]
      .sort((a, b) => (a.base < b.base ? -1 : 1))
      .map(({ base, size, name, image, timeDateStamp }) => ({
        start: base,
        end: base + BigInt(size),
        name,
        image,
        stamp: timeDateStamp,
      }));
    expect(ours).toEqual(listed.map((module) => ({ ...module, image: imageInDump(module.image) })));
  });

  it('lists the same unloaded modules in the same order', () => {
    const text = sharedText('dumps/notmyfault_4a/lm_t_n.txt');
    const listed = [
      ...text.slice(text.indexOf('Unloaded modules:')).matchAll(/^([0-9a-f`]{17}) ([0-9a-f`]{17})\s+(\S+)/gm),
    ];
    const ours = session.system.unloadedModules.map(({ start, end, name }) => [
      session.system.addressText(start),
      session.system.addressText(end),
      name,
    ]);
    expect(ours).toEqual(listed.map(([, start, end, name]) => [start, end, name]));
  });

  it('agrees on the bug check and its parameters', () => {
    const real = sharedText('dumps/notmyfault_4a/analyze_v.txt');
    const { report } = session.analyze();
    expect(report.bugcheck.code).toBe(`0x${/BUGCHECK_CODE: {2}(\w+)/.exec(real)![1]}`);
    expect(report.bugcheck.parameters).toEqual(
      [1, 2, 3, 4].map((index) => `0x${new RegExp(`BUGCHECK_P${index}: (\\w+)`).exec(real)![1]}`),
    );
    expect(report.bugcheck.name).toBe(/^(\w+) \(4a\)/m.exec(real)![1]);
    expect(report.system.process?.value).toBe(/PROCESS_NAME: {2}(\S+)/.exec(real)![1]);
  });

  it('begins the stack where the real one begins, and finds its return addresses', () => {
    const real = [
      ...sharedText('dumps/notmyfault_4a/kv.txt').matchAll(/^(\d\d) ([0-9a-f`]{17}) ([0-9a-f`]{17})/gm),
    ].map(([, , sp, ret]) => ({
      sp: BigInt(`0x${sp!.replace('`', '')}`),
      ret: BigInt(`0x${ret!.replace('`', '')}`),
    }));
    const frames = session.system.stackFrom(session.system.start!.registers);
    expect(frames[0]).toMatchObject({ sp: real[0]!.sp, trust: 'context' });
    const addresses = frames.map((frame) => frame.ip);
    expect(addresses).toContain(real[0]!.ret);
    expect(addresses).toContain(real[1]!.ret);
  });

  it('shows the attributes that the real debugger shows', () => {
    expect(session.system.target.dump.header.attributes).toBe(8);
    expect(session.execute('.bugcheck').lines.map(lineText)).toEqual([
      'Bugcheck code 0000004A',
      'Arguments 00007ffe`7350d0c4 00000000`00000002 00000000`00000000 ffffa704`eeb6bec0',
    ]);
  });
});
