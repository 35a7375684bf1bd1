export * from './debug-directory.ts';
export * from './exception-directory.ts';
export * from './exports.ts';
export * from './file-image.ts';
export * from './headers.ts';
export * from './image-reader.ts';
export * from './version-info.ts';
