export * from './analyze.ts';
export * from './redact.ts';
export * from './report.ts';
export type { SignaturePart } from './signature.ts';
