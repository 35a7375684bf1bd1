import { dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import { beforeAll, expect, it } from 'vitest';
import { BufferSource, openSession } from '../../index.ts';
import { builtInOwners } from '../../pool/index.ts';
import { powerFinding } from './power-finding.ts';
import type { Scene } from './scene.ts';

type Finding = ReturnType<typeof powerFinding>;

let culprit: string | undefined;
const found = new Map<string, Finding>();

/** Where the code of the bug check and its fourth parameter, the request, are in the header of a dump of x64. */
const [codeAt, requestAt] = [0x38, 0x58];

beforeAll(async () => {
  const machine = playScenario(scenarios.find(({ name }) => name === 'power-irp-held')!);
  culprit = machine.truth.scenario?.culprit;
  const bytes = dumpBytes(machine, { type: 'full' });
  const find = async (name: string, change: (view: DataView) => void): Promise<void> => {
    const copy = bytes.slice();
    change(new DataView(copy.buffer));
    const { system } = await openSession(new BufferSource(copy));
    found.set(name, powerFinding({ system, fault: undefined, frames: [], owners: builtInOwners() } as Scene));
  };
  await find('held', () => {});
  await find('lost', (view) => view.setBigUint64(requestAt, 0xffff_fa80_0000_0010n, true));
  await find('of another bug check', (view) => view.setUint32(codeAt, 0xa, true));
});

it('names the driver that has the request', () => {
  expect(culprit).toBeDefined();
  expect(found.get('held')).toMatchObject({
    kind: 'not-pool',
    suspects: [{ module: culprit, rule: 'holds-request' }],
  });
});

it('names nobody where the request is not in the dump, or the bug check is another', () => {
  expect(found.get('lost')).toBeUndefined();
  expect(found.get('of another bug check')).toBeUndefined();
});
