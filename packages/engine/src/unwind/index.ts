export * from './arm64.ts';
export { stripSignature } from './arm64-state.ts';
export * from './code-map.ts';
export * from './frame.ts';
export * from './frame-registers.ts';
export { type CallEvidence, isReturnAddress } from './return-address.ts';
export * from './walk-stack.ts';
export * from './x64.ts';
export { readX64UnwindInfo } from './x64-unwind-info.ts';
