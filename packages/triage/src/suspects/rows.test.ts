import { BufferSource, openSession, type Report } from '@poolscope/engine';
import { dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { payloadOf, rowOfReport } from './rows.ts';

const scenario = scenarios.find(({ name }) => name === 'overrun-hostname')!;
const machine = playScenario(scenario);

const { report } = (await openSession(new BufferSource(dumpBytes(machine, { type: 'triage' })))).analyze();

describe('the row of a report', () => {
  const row = rowOfReport(report, { id: 'one', machine: 'PC-1' });

  it('has what the report says', () => {
    expect(row).toMatchObject({
      id: 'one',
      bucket: report.signature,
      machine: 'PC-1',
      time: report.dump.crashTime,
      build: 9200,
      kind: 'pool-overrun',
      tags: [machine.truth.scenario!.block!.tag],
    });
  });

  it('has the drivers without kernel and HAL, with time stamp and size', () => {
    const netwatch = machine.truth.modules.find(({ module }) => module === 'netwatch')!;
    const version = `${netwatch.timeDateStamp.toString(16).padStart(8, '0')}-${netwatch.size.toString(16)}`;
    expect(row.drivers).toContainEqual({ module: 'netwatch.sys', version });
    expect(row.drivers.map(({ module }) => module)).not.toContain('ntoskrnl.exe');
    expect(row.drivers.map(({ module }) => module)).not.toContain('hal.dll');
    expect(row.drivers).toHaveLength(machine.truth.modules.length - 2);
  });

  it('leaves open what the report leaves open', () => {
    const modules = report.modules.map((each) => ({ ...each, timestamp: null }));
    const empty: Report = { ...report, modules, verdict: { ...report.verdict, block: null, damage: null } };
    const bare = rowOfReport(empty, { id: 'two', bucket: 'by hand', machine: null });
    expect(bare).toMatchObject({ bucket: 'by hand', machine: null, tags: [], payload: null });
    expect(new Set(bare.drivers.map(({ version }) => version))).toEqual(new Set([null]));
  });
});

describe('the text of the damage', () => {
  it('is compared without its numbers, and by its beginning', () => {
    const one = payloadOf({ text: '$GPRMC,123456.00,711234,N,*23' });
    expect(one).toBe('$GPRMC,#.#,#,N,*#');
    expect(payloadOf({ text: '$GPRMC,654321.00,83,N,*17' })).toBe(one);
    expect(payloadOf({ text: 'x'.repeat(100) })).toHaveLength(32);
  });

  it('tells nothing when there is none, or hardly any', () => {
    expect(payloadOf(null)).toBeNull();
    expect(payloadOf({ text: null })).toBeNull();
    expect(payloadOf({ text: 't' })).toBeNull();
  });
});
