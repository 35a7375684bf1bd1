/** Points of a curve from the judged chance to the measured one, both rising, both above 0.5. */
export type Curve = readonly (readonly [judged: number, measured: number])[];

/**
 * What the judged weights of weights.ts turned out to be worth. Written by `npm run bench:verdict -- --fit`, from faults that
 * were planted in the lab: that is not the field.
 */
export const confidenceCurve: Curve = [
  [0.62, 0.75],
  [0.74, 0.97],
  [0.84, 0.98],
  [0.96, 0.99],
];

export const suspicionCurve: Curve = [
  [0.58, 0.79],
  [0.72, 0.95],
  [0.82, 0.95],
  [0.93, 0.99],
];
