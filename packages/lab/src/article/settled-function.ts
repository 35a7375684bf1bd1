import { assert } from '@poolscope/engine/base';
import { codeLength, type Instruction } from '../image/code.ts';
import type { FunctionSource, FunctionSpec } from '../image/image-spec.ts';
import { noOperation } from './placed-function.ts';

/** A point of a function's code, in bytes behind the function's beginning: a label, or where a call comes back to. */
export type Anchor =
  | {
      readonly label: string;
      readonly at: number /** What is done right before. */;
      readonly lead?: readonly Instruction[];
    }
  | { readonly calls: string; readonly returnsAt: number };

/** Where a function has to be, and what symbol files tell of it. */
export interface Settlement extends FunctionSource {
  /** Offset in the image. */
  readonly at: number;
  /** In the order of the code. */
  readonly anchors?: readonly Anchor[];
  /** Bytes that do nothing behind it. */
  readonly padding?: number;
}

const isAt = (instruction: Instruction, anchor: Anchor): boolean =>
  'label' in anchor ? instruction.mark === anchor.label : instruction.calls === anchor.calls;

/**
 * A function at its place in the image, with its code pulled apart so that the anchors are where they have to be. What stands
 * between are instructions that do nothing: nobody knows what the real ones were.
 */
export function settled<Step>(
  spec: FunctionSpec<Step>,
  { at, anchors = [], padding = 0, ...source }: Settlement,
): FunctionSpec<Step> {
  const waiting = [...anchors];
  const code: Instruction[] = [];
  let length = 0;
  const add = (instruction: Instruction): void => {
    code.push(instruction);
    length += instruction.length;
  };
  for (const instruction of spec.code) {
    const anchor = waiting[0];
    if (anchor !== undefined && isAt(instruction, anchor)) {
      waiting.shift();
      const lead = 'label' in anchor ? (anchor.lead ?? []) : [];
      const end = 'label' in anchor ? anchor.at : anchor.returnsAt - instruction.length;
      const gap = end - codeLength(lead) - length;
      assert(gap >= 0, `${spec.name} is too long by ${-gap} bytes`);
      if (gap > 0) add(noOperation(gap));
      for (const each of lead) add(each);
    }
    add(instruction);
  }
  if (padding > 0) add(noOperation(padding));
  assert(waiting.length === 0, `${spec.name} has no ${JSON.stringify(waiting[0])}`);
  return { ...spec, ...source, code, at };
}
