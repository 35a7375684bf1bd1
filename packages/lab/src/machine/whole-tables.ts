import { sharedStructure, x64Profiles } from '@poolscope/engine/layouts';
import { type ProcessorTables, useTables } from './structure-table.ts';

const x64Tables: ProcessorTables = {
  profiles: x64Profiles,
  shared: (build, name) => sharedStructure('x64', build, name),
};

/** Makes every structure known that the tables have of x64, not only those that machines are made of. */
export const useWholeTables = (): void => useTables('x64', x64Tables);
