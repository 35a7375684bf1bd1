import { BufferSource, openSession, type Report } from '@poolscope/engine';
import { buildMachine, type DumpKind, dumpBytes, type Machine } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';

const machine = buildMachine();

/** A dump with some of its bytes changed. */
class Patched {
  readonly bytes: Uint8Array;
  readonly view: DataView;

  constructor(type: DumpKind, of: Machine = machine) {
    this.bytes = dumpBytes(of, { type });
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
  }

  u32(at: number, value: number): this {
    this.view.setUint32(at, value, true);
    return this;
  }

  u64(at: number, value: bigint): this {
    this.view.setBigUint64(at, value, true);
    return this;
  }

  async report(length = this.bytes.length): Promise<Report> {
    const session = await openSession(new BufferSource(this.bytes.subarray(0, length)), {
      path: 'damaged.dmp',
    });
    return session.analyze().report;
  }

  rules = async (length?: number): Promise<string[]> =>
    (await this.report(length)).warnings.map(({ rule }) => rule);
}

/** File offset of a virtual address in a full dump, found by its content: the lab's own tables are not asked. */
function fileOffsetOf(dump: Patched, pattern: bigint): number[] {
  const found: number[] = [];
  for (let at = 0x2000; at + 8 <= dump.bytes.length; at += 8)
    if (dump.view.getBigUint64(at, true) === pattern) found.push(at);
  return found;
}

describe('damaged containers give partial answers with warnings', () => {
  it('H-5 more runs than the header has room for', async () => {
    expect(await new Patched('full').u32(0x88, 5000).rules()).toContain('run-count');
  });

  it('a run beyond every physical address', async () => {
    expect(await new Patched('full').u64(0x98 + 16, 1n << 60n).rules()).toContain('run-range');
  });

  it('runs that overlap', async () => {
    expect(await new Patched('full').u64(0x98 + 16, 2n).rules()).toContain('runs-overlap');
  });

  it('a bitmap longer than the file', async () => {
    const rules = await new Patched('bitmap-kernel').u64(0x2030, 1n << 60n).rules();
    expect(rules).toContain('bitmap-size');
  });

  it('a first page behind the end of the file', async () => {
    expect(await new Patched('bitmap-kernel').u64(0x2020, 1n << 50n).rules()).toContain('dump-truncated');
  });

  it('a page count without end', async () => {
    expect(await new Patched('bitmap-kernel').u64(0x2028, (1n << 64n) - 1n).rules()).toContain(
      'dump-truncated',
    );
  });

  it('B-7 a page count that is not that of the bitmap', async () => {
    expect(await new Patched('bitmap-kernel').u64(0x2028, 7n).rules()).toContain('page-count');
  });

  it('B-9 sizes of a range dump that contradict each other', async () => {
    expect(await new Patched('range-kernel').u64(0x2010, 12n).rules()).toContain('range-sizes');
  });

  it.each([
    ['data blocks', 0x207c, 'block-count'],
    ['drivers', 0x2034, 'driver-count'],
  ])('T-2 four thousand million %s', async (_name, at, rule) => {
    expect(await new Patched('triage').u32(at, 0xffff_ffff).rules()).toContain(rule);
  });

  it('a list of data blocks outside the file', async () => {
    expect(await new Patched('triage').u32(0x2078, 0xffff_ff00).rules()).toContain('section-outside-file');
  });

  it('a stack outside the file', async () => {
    expect(await new Patched('triage').u32(0x2028, 0x7fff_ffff).rules()).toContain('section-outside-file');
  });

  it('a bug check that was not written', async () => {
    const dump = new Patched('full').u32(0x38, 0x45474150);
    for (let at = 0x40; at < 0x60; at += 4) dump.u32(at, 0x45474150);
    const report = await dump.report();
    expect(report.warnings.map(({ rule }) => rule)).toContain('bug-check');
    expect(report.bugcheck).toMatchObject({ code: '0x0', parameters: ['0x0', '0x0', '0x0', '0x0'] });
    expect(report.fault).toBeNull();
  });

  it('T-1 a missing end mark', async () => {
    const dump = new Patched('triage');
    expect(await dump.u32(dump.view.getUint32(0x2008, true), 0).rules()).toContain('triage-end-mark');
  });

  it.each(['full', 'bitmap-full', 'bitmap-kernel', 'summary', 'range-complete', 'triage'] as DumpKind[])(
    'B-2 a %s dump cut at any place behind its headers',
    async (type) => {
      const dump = new Patched(type);
      for (const share of [0.05, 0.3, 0.6, 0.9, 0.999]) {
        const length = Math.max(0x4000, Math.floor(dump.bytes.length * share));
        const report = await dump.report(length);
        expect(report.warnings.map(({ rule }) => rule)).toContain('dump-truncated');
        expect(report.bugcheck.code).toBe('0x3b');
      }
    },
  );
});

describe('damaged memory gives partial answers with warnings', () => {
  it('L-2 a list of modules that runs in a circle', async () => {
    const dump = new Patched('full');
    const [first, second] = machine.images.list;
    // The link that leads to the third module leads back to the second.
    for (const at of fileOffsetOf(dump, machine.images.list[2]!.loaderEntry)) {
      if (dump.view.getBigUint64(at + 8, true) === first!.loaderEntry) dump.u64(at, second!.loaderEntry);
    }
    const report = await dump.report();
    expect(report.warnings.map(({ rule }) => rule)).toContain('module-list');
    expect(report.modules.map(({ name }) => name)).toEqual(['nt', 'hal']);
  });

  it('page tables that are all self-references', async () => {
    const dump = new Patched('full');
    const root = machine.header.directoryTableBase;
    const page = root / 4096;
    const offset = 0x2000 + (page - (page >= 0x100 ? 0x100 - 0x9d : 1)) * 4096;
    for (let at = 0; at < 4096; at += 8) dump.u64(offset + at, BigInt(root) | 0x63n);
    const report = await dump.report();
    expect(report.bugcheck.code).toBe('0x3b');
    expect(report.missing.map(({ what }) => what)).toContain('the debugger data block');
  });

  it('a directory base outside of memory', async () => {
    const report = await new Patched('full').u64(0x10, 0xf_ffff_f000n).report();
    expect(report.modules).toEqual([]);
    expect(report.warnings.map(({ rule }) => rule)).toContain('directory-table-base');
    const list = report.missing.find(({ what }) => what === 'the list of modules');
    expect(list?.why).toBe('the page table that holds the PXE is not in this dump');
    expect(report.verdict.kind).toBe('unknown');
  });
});

describe('what the header says otherwise', () => {
  it('a list of modules that only the debugger data block names', async () => {
    const report = await new Patched('full').u64(0x20, 0x4547415045474150n).report();
    expect(report.modules.map(({ name }) => name)).toEqual(machine.truth.modules.map(({ module }) => module));
  });

  it('an encrypted dump is refused', async () => {
    await expect(new Patched('full').u32(0x1050, 0x100).report()).rejects.toMatchObject({
      code: 'DUMP_ENCRYPTED',
    });
    expect((await new Patched('full').u32(0x1050, 0x300).report()).bugcheck.code).toBe('0x3b');
  });

  it('a dump of a running system is not called a crash', async () => {
    const { verdict } = await new Patched('bitmap-kernel').u32(0x38, 0x161).report();
    expect(verdict.summary).toContain('nothing crashed');
    expect(verdict.evidence.map(({ claim }) => claim).join(' ')).not.toContain('stopped');
    const flagged = await new Patched('bitmap-kernel').u32(0x1050, 0x10).report();
    expect(flagged.verdict.summary).toContain('nothing crashed');
  });

  it('a file that was too small, and an active dump', async () => {
    const what = async (attributes: number) =>
      (await new Patched('bitmap-kernel').u32(0x1050, attributes).report()).missing.map((each) => each.what);
    expect(await what(0x4)).toContain('some of memory');
    expect(await what(0x40)).toContain('pages that Windows filtered out');
  });

  it('nt is known by its base when its name cannot be read', async () => {
    const dump = new Patched('full');
    const [nt] = machine.truth.modules;
    // The entry's DllBase stands 0x30 behind its links; the name buffers at 0x50 and 0x60 lead nowhere.
    for (const at of fileOffsetOf(dump, nt!.base)) {
      if (dump.view.getUint32(at + 0x10, true) !== nt!.size) continue;
      dump.u64(at + 0x20, 0x8n).u64(at + 0x30, 0x8n);
    }
    const report = await dump.report();
    expect(report.modules[0]?.name).toBe('nt');
    expect(report.warnings.map(({ rule }) => rule)).toContain('module-name');
  });
});
