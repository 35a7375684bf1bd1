import type { DataSpec, FunctionSpec } from '../image/image-spec.ts';
import { type Settlement, settled } from './settled-function.ts';

/** The functions of an image, those with a place of their own at the end and in its order. */
export function arrangeFunctions(
  functions: readonly FunctionSpec[],
  places: Readonly<Record<string, Settlement>>,
): FunctionSpec[] {
  const settlements = functions.map((each) => {
    const place = places[each.name];
    return place === undefined ? each : settled(each, place);
  });
  return inOrder(settlements);
}

/** The variables of an image, those with a place of their own at the end and in its order. */
export function arrangeVariables(
  variables: readonly DataSpec[],
  places: Readonly<Record<string, number>>,
): DataSpec[] {
  const placed = variables.map((each) => {
    const at = places[each.name];
    return at === undefined ? each : { ...each, at };
  });
  return inOrder(placed);
}

/** Those without a place come first, in the order that they had. */
const inOrder = <T extends { readonly at?: number }>(all: readonly T[]): T[] =>
  all.toSorted((one, other) => (one.at ?? -1) - (other.at ?? -1));
