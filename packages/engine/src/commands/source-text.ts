import type { SourceLine } from '../symbols/index.ts';

/** ` [d:\src\file.c @ 12]` with the blank before it; empty where the file is not known. */
export const placeInSource = (source: SourceLine | undefined): string =>
  source?.file === undefined ? '' : ` [${source.file} @ ${source.line}]`;
