import { reportSchema } from '@poolscope/report';
import type { ObjectSchema } from './tool.ts';

type Properties = typeof reportSchema.properties;

const { $schema: _dialect, $id: _id, ...rest } = reportSchema;

/** The published schema of the report, without a dialect, which some clients cannot read. */
export const plainReportSchema: ObjectSchema = rest;

/** A schema of some fields of the report, as the published one has them. */
export const partOfReport = (...fields: readonly (keyof Properties)[]): ObjectSchema => ({
  type: 'object',
  required: fields.filter((field) => (reportSchema.required as readonly string[]).includes(field)),
  properties: Object.fromEntries(fields.map((field) => [field, reportSchema.properties[field]])),
  $defs: reportSchema.$defs,
});
