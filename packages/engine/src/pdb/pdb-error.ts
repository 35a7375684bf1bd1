import { DebuggerError } from '../base/index.ts';

/** The file is no program database, or it is damaged where it must not be. */
export const pdbError = (message: string): DebuggerError => new DebuggerError('PDB_UNREADABLE', message);
