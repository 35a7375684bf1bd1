import { dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import { expect, it } from 'vitest';
import { BufferSource, openSession } from '../../index.ts';
import { isListedFree } from './free-victim.ts';

const pointer = (value: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(value).buffer);

it('knows a block on a list though the bug check names its links, which is no list', async () => {
  const machine = playScenario(scenarios.find(({ name }) => name === 'use-after-free-listed')!);
  const { address } = machine.truth.scenario!.block!;
  const listed = async (): Promise<readonly boolean[]> => {
    const { system } = await openSession(new BufferSource(dumpBytes(machine, { type: 'full' })));
    return [isListedFree(system, address), isListedFree(system, address + 0x10n)];
  };
  expect(await listed()).toEqual([true, false]);
  const parameters = machine.truth.symbols.get('nt!KiBugCheckData')! + 8n;
  for (const [index, value] of [3n, address + 0x10n, 0x4141_4141n, 0n].entries())
    machine.space.write(parameters + BigInt(8 * index), pointer(value));
  expect(await listed()).toEqual([true, false]);
});
