import { expect, test } from 'vitest';
import { profiles } from '../layouts/index.ts';
import type { LayoutFact } from './layout-fact.ts';
import { profileTypes } from './profile-types.ts';
import { selectProfile } from './select-profile.ts';

const chosen = (machine: 'x64' | 'x86' | 'arm64', build: number, facts: readonly LayoutFact[] = []) => {
  const choice = selectProfile(machine, build, facts);
  return choice === undefined ? undefined : `${choice.profile.version} ${choice.match}`;
};

test('SP-1: a build with a profile gets it, and later releases of the same kernel too', () => {
  expect(chosen('x64', 19041)).toBe('19041.3570 build');
  expect(chosen('x64', 19045)).toBe('19041.3570 build');
  expect(chosen('x64', 18363)).toBe('18362.836 build');
  expect(chosen('x64', 15063)).toBe('15063 build');
  expect(chosen('x86', 2600)).toBe('2600 build');
  for (const { machine, build } of profiles) expect(selectProfile(machine, build)?.match).toBe('build');
});

test('SP-2: between profiles the nearest is taken, and outside of them it is a guess', () => {
  expect(chosen('x64', 7600)).toBe('7601.24540 nearest');
  expect(chosen('x64', 10586)).toBe('10240 nearest');
  expect(chosen('x64', 17134)).toBe('17763.5933 nearest');
  expect(chosen('x64', 22621)).toBe('22000.2538 guess');
  expect(chosen('x64', 26100)).toBe('22000.2538 guess');
  expect(chosen('x64', 0)).toBe('3790 guess');
  expect(chosen('x86', 0xffff_ffff)).toBe('19041 guess');
});

test('arm64 has no profile', () => {
  expect(selectProfile('arm64', 22000)).toBeUndefined();
  expect(profileTypes('arm64', 22000)).toBeUndefined();
});

const sizeOfThread = (value: number): LayoutFact => ({ structure: '_ETHREAD', member: undefined, value });

test('SP-3: of several profiles of a build, the one that the dump does not contradict', () => {
  const facts = (size: number, list: number) => [
    sizeOfThread(size),
    { structure: '_ETHREAD', member: 'IrpList', value: list },
  ];
  expect(chosen('x64', 7601, facts(0x498, 0x3e8))).toBe('7601 build');
  expect(chosen('x64', 7601, facts(0x4a8, 0x3f0))).toBe('7601.24540 build');
  expect(chosen('x64', 7601)).toBe('7601.24540 build');
});

test('SP-3: where the dump does not tell the update, structures that differ between updates are not exact', () => {
  const untold = profileTypes('x64', 7601)!;
  expect(untold.find('_ETHREAD')).toMatchObject({ trust: 'update', exact: false });
  expect(untold.find('_POOL_HEADER')).toMatchObject({ trust: 'build', exact: true });
  const told = profileTypes('x64', 7601, [sizeOfThread(0x4a8)])!;
  expect(told.find('_ETHREAD')).toMatchObject({ trust: 'build', exact: true });
});

test('SP-3: an early update takes what it lacks from the other one, and says so', () => {
  const types = profileTypes('x64', 7601, [sizeOfThread(0x498)])!;
  expect(types.source).toBe('built-in profile of build 7601');
  expect(types.offset('_ETHREAD', 'Cid')).toBe(0x3b0);
  const driver = types.find('_DRIVER_OBJECT');
  expect(driver).toMatchObject({ trust: 'update', size: 0x150 });
  expect(driver?.source).toBe('built-in profile of build 7601.24540, another update of this build');
});

test('SP-4: what is the same before and after a build holds for it', () => {
  const types = profileTypes('x64', 15063)!;
  expect(types.find('_DRIVER_OBJECT')).toMatchObject({ trust: 'around', exact: true });
  expect(types.find('_DRIVER_OBJECT')?.source).toBe(
    'built-in profiles of builds 14393 and 17763, where it is the same',
  );
  expect(types.find('_EPROCESS')).toMatchObject({ trust: 'build', exact: true });
  expect(types.find('_EPROCESS')?.offset('ImageFileName')).toBe(0x450);
  const near = profileTypes('x64', 17134)!;
  expect(near.find('_DRIVER_OBJECT')?.trust).toBe('around');
  expect(near.find('_DRIVER_OBJECT')?.source).toContain('14393 and 17763');
  expect(near.find('_EPROCESS')?.trust).toBe('nearest');
});

test('SP-5: a guess says that it is one', () => {
  const types = profileTypes('x64', 26100)!;
  expect(types.exact).toBe(false);
  expect(types.source).toBe(
    'built-in profile of build 22000.2538, a guess: this build 26100 is newer than every profile',
  );
  expect(types.find('_DRIVER_OBJECT')).toMatchObject({ trust: 'guess', exact: false });
  expect(types.find('_DRIVER_OBJECT')?.source).toBe(
    `${types.source}; _DRIVER_OBJECT is the same since build 7601`,
  );
  expect(types.find('_EPROCESS')?.source).toBe(`${types.source}; _EPROCESS is the same since build 22000`);
  expect(profileTypes('x64', 10586)?.source).toBe(
    'built-in profile of build 10240, the nearest to this build 10586',
  );
});

test('SP-6: a member that the dump puts elsewhere contradicts the structure', () => {
  const facts = [
    { structure: '_EPROCESS', member: 'Peb', value: 0x2e0 },
    { structure: '_KTHREAD', member: 'ApcState.Process', value: 0xb8 },
  ];
  const types = profileTypes('x64', 19041, facts)!;
  expect(types.exact).toBe(false);
  expect(types.contradictions).toEqual(['_EPROCESS.Peb is at 0x2e0 in this dump, at 0x550 in the profile']);
  expect(types.find('_EPROCESS')).toMatchObject({ trust: 'contradicted', exact: false });
  expect(types.find('_KTHREAD')).toMatchObject({ trust: 'build', exact: true });
});

test('SP-6: a structure that only grew keeps its members, as one of another update', () => {
  const types = profileTypes('x64', 19041, [
    { structure: '_EPROCESS', member: undefined, value: 0xa60 },
    { structure: '_EPROCESS', member: 'Peb', value: 0x550 },
  ])!;
  expect(types.find('_EPROCESS')).toMatchObject({ trust: 'update', exact: false });
  const unconfirmed = profileTypes('x64', 19041, [
    { structure: '_EPROCESS', member: undefined, value: 0xa60 },
  ])!;
  expect(unconfirmed.find('_EPROCESS')?.trust).toBe('contradicted');
});

test('facts about what no profile knows are ignored', () => {
  const types = profileTypes('x64', 19041, [
    { structure: '_NOTHING', member: 'x.y', value: 3 },
    { structure: '_EPROCESS', member: 'Nothing', value: 3 },
  ])!;
  expect(types.exact).toBe(true);
});
