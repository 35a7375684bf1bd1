/** The report of `poolscope analyze --json` as types, and its published schema. Nothing here reads dumps. */

export type * from './report.ts';
export { reportSchema } from './tables/schema.ts';
