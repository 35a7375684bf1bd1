import type { ScenarioKind } from '../machine/scenario-truth.ts';

/** Sub-codes of 0xC2 by the kind of mistake that they name. Source: Microsoft's page on the bug check. */
const badCaller: readonly (readonly [ScenarioKind, readonly number[]])[] = [
  ['double-free', [6, 7]],
  ['pool-misuse', [0, 8, 9, 0xa, 0x9a, 0x9b, 0x9c, 0x9d]],
  ['invalid-free', [0x40, 0x41, 0x42, 0x43, 0x44, 0x46, 0x47, 0x48, 0x50, 0x60, 0x99, 0x4_1286]],
];
/** Those of 0xC4 that are about pool. */
const verifierFound: readonly (readonly [ScenarioKind, readonly number[]])[] = [
  ['pool-misuse', [0, 1, 2, 3, 0x11, 0x12, 0x15, 0x17, 0x60, 0x61, 0x62, 0xcc, 0xcd, 0xd2, 0x2000]],
  ['invalid-free', [0x10, 0x16]],
  ['double-free', [0x13, 0x14]],
  ['pool-overrun', [0x51]],
];
/** Those of 0xC1, which are in the fourth parameter. */
const specialPoolFound: readonly (readonly [ScenarioKind, readonly number[]])[] = [
  ['pool-underrun', [0x23]],
  ['pool-overrun', [0x24]],
  ['pool-misuse', [0x30, 0x31]],
];
/** HEAP_FAILURE_TYPE, first parameter of 0x13A. */
const heapFound: readonly (readonly [ScenarioKind, readonly number[]])[] = [['double-free', [8, 0x11]]];
const byCode: ReadonlyMap<number, ScenarioKind> = new Map([
  [0xce, 'not-pool'],
  [0xcd, 'pool-overrun'],
  [0xd6, 'pool-overrun'],
  [0xcc, 'use-after-free'],
  [0xd5, 'use-after-free'],
]);

/** What a bug check says by its code and parameters alone; undefined: it leaves that open. */
export function statedKind(code: number, parameters: readonly bigint[]): ScenarioKind | undefined {
  const find = (rows: typeof badCaller, value: bigint | undefined) =>
    rows.find(([, values]) => value !== undefined && values.includes(Number(value)))?.[0];
  if (code === 0xc2) return find(badCaller, parameters[0]);
  if (code === 0xc4) return find(verifierFound, parameters[0]);
  if (code === 0xc1) return find(specialPoolFound, parameters[3]);
  if (code === 0x13a) return find(heapFound, parameters[0]);
  return byCode.get(code);
}

/** Bug checks of the pool itself and of its guards: where none of them stopped the machine, something else went wrong first. */
export const isPoolBugCheck = (code: number): boolean =>
  [0x13a, 0x19, 0xc1, 0xc2, 0xc4, 0xc5, 0xcc, 0xcd, 0xd0, 0xd5, 0xd6].includes(code);
