/** Points of a curve from the judged chance to the measured one, both rising, both above 0.5. */
export type Curve = readonly (readonly [judged: number, measured: number])[];

/**
 * What the judged weights of weights.ts turned out to be worth. Written by `npm run bench:verdict -- --fit`, from faults that
 * were planted in the lab: that is not the field.
 */
export const confidenceCurve: Curve = [
  [0.62, 0.92],
  [0.73, 0.95],
  [0.85, 0.98],
  [0.95, 0.98],
];

export const suspicionCurve: Curve = [
  [0.59, 0.9],
  [0.72, 0.94],
  [0.83, 0.95],
  [0.92, 0.98],
];
