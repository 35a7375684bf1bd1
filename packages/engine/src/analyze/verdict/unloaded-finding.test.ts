import { dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import { beforeAll, expect, it } from 'vitest';
import { BufferSource, openSession } from '../../index.ts';
import { builtInOwners } from '../../pool/index.ts';
import { findFault } from '../fault.ts';
import type { Scene } from './scene.ts';
import { unloadedFinding } from './unloaded-finding.ts';

const machine = playScenario(scenarios.find(({ name }) => name === 'unloaded-worker')!);
let scene: Scene;

beforeAll(async () => {
  const { system } = await openSession(new BufferSource(dumpBytes(machine, { type: 'triage' })));
  scene = { system, fault: findFault(system), frames: [], owners: builtInOwners() };
});

const withUnloaded = (unloadedModules: Scene['system']['unloadedModules']): Scene => ({
  ...scene,
  system: Object.create(scene.system, { unloadedModules: { value: unloadedModules } }) as Scene['system'],
});

it('names the driver whose code was to run after it was unloaded', () => {
  const finding = unloadedFinding(scene)!;
  expect(finding.suspects).toMatchObject([{ module: machine.truth.scenario!.culprit, rule: 'named' }]);
  expect(finding).toMatchObject({ kind: 'not-pool', victims: [], damage: null });
  expect(finding.grounds[0]!.command).toMatch(/^\.bugcheck; ln \w+$/);
});

it('says nothing of an address in a module that is loaded, though one was unloaded there before', () => {
  const [module] = scene.system.modules;
  const ip = module!.base + 0x10n;
  const there = {
    ...scene.system.unloadedModules[0]!,
    start: module!.base,
    end: module!.base + BigInt(module!.size),
  };
  const other = { ...withUnloaded([there]), fault: { ...scene.fault!, ip } };
  expect(unloadedFinding(other)).toBeUndefined();
});

it('says nothing of an address right behind a driver, nor of one without a name', () => {
  const [unloaded, ...rest] = scene.system.unloadedModules;
  expect(unloaded).toBeDefined();
  const places = rest.concat({ ...unloaded!, end: unloaded!.start });
  expect(unloadedFinding(withUnloaded(places))).toBeUndefined();
  expect(unloadedFinding(withUnloaded([{ ...unloaded!, name: 'unknown' }]))).toBeUndefined();
});
