export * from './address.ts';
export * from './bytes.ts';
export * from './errors.ts';
export * from './fault.ts';
export * from './hex.ts';
export * from './version.ts';
export * from './warnings.ts';
