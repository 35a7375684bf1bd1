import { assert } from '@poolscope/engine/base';
import { concatBytes, u32Bytes } from '../bytes/integers.ts';
import {
  addSp,
  arm64Register,
  eret,
  loadPair,
  loadPairPop,
  restoreFromFramePointer,
  ret,
  setFramePointer,
  storePair,
  storePairPush,
  subSp,
} from './arm64-code.ts';
import { codeLength, type Instruction } from './code.ts';
import type { FunctionSpec } from './image-spec.ts';

const { fp, lr } = arm64Register;

/** What a function of arm64 does to its stack before its body. */
export type Arm64Step =
  /** stp fp,lr,[sp,#-size]! */
  | { readonly op: 'pushFrame'; readonly size: number }
  /** mov fp,sp */
  | { readonly op: 'setFrame' }
  /** stp xN,xN+1,[sp,#offset]; N is 19 or higher. */
  | { readonly op: 'savePair'; readonly first: number; readonly offset: number }
  | { readonly op: 'allocate'; readonly size: number }
  /** The interrupted sp and pc, stored by the handler's entry. */
  | { readonly op: 'machineFrame' };

export interface Arm64Frame {
  /** Bytes of the frame; fp and lr lie at its bottom. */
  readonly frame?: number;
  /** First registers of saved pairs, stored from offset 16 on. */
  readonly pairs?: readonly number[];
  /** Bytes below fp and lr. */
  readonly locals?: number;
}

export interface Arm64FunctionOptions {
  readonly exported?: boolean;
  readonly noEpilog?: boolean;
}

/** A function with a frame record. */
export function arm64Function(
  name: string,
  { frame = 16, pairs = [], locals = 0 }: Arm64Frame,
  body: readonly Instruction[],
  options: Arm64FunctionOptions = {},
): FunctionSpec<Arm64Step> {
  const prolog: Arm64Step[] = [
    { op: 'pushFrame', size: frame },
    { op: 'setFrame' },
    ...pairs.map((first, index) => ({ op: 'savePair', first, offset: 16 + 16 * index }) as const),
    ...(locals > 0 ? [{ op: 'allocate', size: locals } as const] : []),
  ];
  return assemble(name, prolog, body, options);
}

/** A trap handler: sp and pc of the interrupted code, then a frame record below. */
export const arm64TrapHandler = (name: string, body: readonly Instruction[]): FunctionSpec<Arm64Step> =>
  assemble(name, [{ op: 'machineFrame' }, { op: 'pushFrame', size: 0x120 }, { op: 'setFrame' }], body, {});

/** A function without a frame of its own. */
export const arm64Leaf = (
  name: string,
  body: readonly Instruction[],
  exported = false,
): FunctionSpec<Arm64Step> => ({
  name,
  exported,
  prolog: [],
  code: body,
  prologSize: 0,
});

function assemble(
  name: string,
  prolog: readonly Arm64Step[],
  body: readonly Instruction[],
  { exported = false, noEpilog = false }: Arm64FunctionOptions,
): FunctionSpec<Arm64Step> {
  const head = prolog.flatMap(instruction);
  const code = [...head, ...body, ...(noEpilog ? [] : epilog(prolog))];
  const bytes = unwindInfo(prolog, codeLength(code), !noEpilog);
  return { name, exported, prolog, code, prologSize: codeLength(head), unwind: { encode: () => bytes } };
}

function instruction(step: Arm64Step): Instruction[] {
  switch (step.op) {
    case 'pushFrame':
      return [storePairPush(fp, lr, step.size)];
    case 'setFrame':
      return [setFramePointer()];
    case 'savePair':
      return [storePair(step.first, step.first + 1, step.offset)];
    case 'allocate':
      return [subSp(step.size)];
    case 'machineFrame':
      return [];
  }
}

/** Mirrors the prolog, one instruction for each unwind code. */
function epilog(prolog: readonly Arm64Step[]): Instruction[] {
  const undo = prolog.toReversed().flatMap((step): Instruction[] => {
    switch (step.op) {
      case 'pushFrame':
        return [loadPairPop(fp, lr, step.size)];
      case 'setFrame':
        return [restoreFromFramePointer()];
      case 'savePair':
        return [loadPair(step.first, step.first + 1, step.offset)];
      case 'allocate':
        return [addSp(step.size)];
      case 'machineFrame':
        return [];
    }
  });
  return [...undo, prolog.some(({ op }) => op === 'machineFrame') ? eret() : ret()];
}

const endCode = 0xe4;
const firstSavedRegister = 19;

function unwindCode(step: Arm64Step): number[] {
  switch (step.op) {
    case 'pushFrame':
      assert(step.size <= 512, 'save_fplr_x holds at most 512 bytes');
      return [0x80 | (step.size / 8 - 1)];
    case 'setFrame':
      return [0xe1];
    case 'savePair': {
      const code = 0xc800 | ((step.first - firstSavedRegister) << 6) | (step.offset / 8);
      return [code >>> 8, code & 0xff];
    }
    case 'allocate': {
      if (step.size < 512) return [step.size / 16];
      const code = 0xc000 | (step.size / 16);
      return [code >>> 8, code & 0xff];
    }
    case 'machineFrame':
      return [0xe9];
  }
}

/**
 * .xdata record. With an epilog at the end of the function it uses the prolog's codes (E bit, index 0).
 * Source: the public ARM64 exception documentation.
 */
function unwindInfo(prolog: readonly Arm64Step[], functionSize: number, hasEpilog: boolean): Uint8Array {
  const codes = [...prolog.toReversed().flatMap(unwindCode), endCode];
  while (codes.length % 4 !== 0) codes.push(endCode);
  const singleEpilog = hasEpilog ? 1 << 21 : 0;
  const header = (functionSize / 4) | singleEpilog | ((codes.length / 4) << 27);
  return concatBytes([u32Bytes(header >>> 0), Uint8Array.from(codes)]);
}
