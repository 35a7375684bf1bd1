export * from './analyze.ts';
export type { Block, BlockValue, StackTextFrame } from './blocks/block.ts';
export { type ClassicReport, classicReport } from './blocks/classic-report.ts';
export type { Followup } from './blocks/followup.ts';
export { shortOffset } from './blocks/short-offset.ts';
export type { Detector, OwnFinding } from './own-detector.ts';
export * from './redact.ts';
export * from './report.ts';
export {
  explainSignature,
  type SignatureFrame,
  type SignatureInput,
  type SignaturePart,
  signatureText,
} from './signature.ts';
export type { Scene } from './verdict/scene.ts';
