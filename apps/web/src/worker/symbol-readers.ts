/** Loaded when the first file is given besides a dump. */
export { identifySymbolFile } from '@poolscope/engine';
export { unpackedSymbols } from './unpacked-symbols.ts';
