import { reportSchema } from '@poolscope/report';
import type { ObjectSchema } from './tool.ts';

type Properties = typeof reportSchema.properties;

/**
 * The fields of the report with their types, without what is in them: a client may show all schemas to its model at every turn, and
 * the fields that matter are told by the schema of the short form. `$id` of the whole one leads on.
 */
export const outlineOfReport: ObjectSchema = {
  type: 'object',
  description: `Fields as in ${reportSchema.$id}`,
  required: reportSchema.required,
  properties: Object.fromEntries(
    Object.entries(reportSchema.properties).map(([field, schema]) => [
      field,
      'type' in schema ? { type: schema.type } : {},
    ]),
  ),
};

/** A schema of some fields of the report, as the published one has them. */
export const partOfReport = (...fields: readonly (keyof Properties)[]): ObjectSchema => ({
  type: 'object',
  required: fields.filter((field) => (reportSchema.required as readonly string[]).includes(field)),
  properties: Object.fromEntries(fields.map((field) => [field, reportSchema.properties[field]])),
  $defs: reportSchema.$defs,
});
