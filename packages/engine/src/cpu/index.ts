export * from './context.ts';
export * from './exception-record.ts';
export * from './floating-registers.ts';
export * from './machine.ts';
export * from './registers.ts';
export * from './trap-frame.ts';
