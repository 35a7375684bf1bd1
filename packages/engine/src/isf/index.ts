export * from './isf-file.ts';
export { IsfTypes } from './isf-types.ts';
