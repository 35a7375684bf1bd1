export * from './annotation.ts';
export * from './branch-condition.ts';
export * from './disassemble-backwards.ts';
export * from './effective-address.ts';
export * from './instruction.ts';
export * from './instruction-text.ts';
export * from './load.ts';
export { type RegisterValue, registerPart, registerValue } from './register-value.ts';
