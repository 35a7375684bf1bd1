import { createContext } from 'preact';

/** Is the dump that a part of the page tells of open here? Of a stored report nothing but the report is: no command can be run. */
export const DumpHere = createContext(true);
