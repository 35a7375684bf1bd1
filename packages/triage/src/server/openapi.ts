import { z } from 'zod';
import type { Route } from './route.ts';
import { errorShape, stateShape } from './shapes.ts';

const jsonSchema = (shape: z.ZodType, io: 'input' | 'output' = 'output') => {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io, unrepresentable: 'any' });
  return schema as Record<string, unknown> & { properties?: Record<string, unknown>; required?: string[] };
};

/** The description of the API, made of its routes. */
export function openApi(routes: readonly Route[], version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'poolscope triage', version, license: { name: 'MIT' } },
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    security: [{ token: [] }, {}],
    paths: { ...paths, '/api/events': { get: events() } },
  };
}

/** An answer that does not end. */
const events = (): Record<string, unknown> => ({
  operationId: 'getEvents',
  summary: 'Server-sent events: the state of the store now, and at each change',
  description:
    'Needs the permission to read. Each event is called `state`; its data are of this schema, as JSON.',
  responses: {
    '200': {
      description: 'the events',
      content: { 'text/event-stream': { schema: jsonSchema(stateShape) } },
    },
  },
});

/** `GET /api/buckets/{id}` is `getBucketsId`. */
const operationId = ({ method, path }: Route): string =>
  method +
  path
    .replace(/^\/api/, '')
    .replaceAll(/[^a-z0-9]+([a-z0-9]?)/gi, (_, letter: string) => letter.toUpperCase());

function operation(route: Route): Record<string, unknown> {
  const problem = { content: { 'application/json': { schema: jsonSchema(errorShape) } } };
  const media = route.media ?? 'application/json';
  const schema = route.answer === undefined ? {} : jsonSchema(route.answer);
  return {
    operationId: operationId(route),
    summary: route.summary,
    description: `Needs the permission to ${route.permission}.`,
    parameters: parametersOf(route),
    ...bodyOf(route),
    responses: {
      [route.takesBytes === true ? '202' : '200']: {
        description: 'the answer',
        content: { [media]: { schema } },
      },
      '400': { description: 'wrong arguments', ...problem },
      '401': { description: 'no token, or none that counts', ...problem },
      '403': { description: 'the token does not allow it', ...problem },
      ...(route.takesBytes === true
        ? {
            '413': { description: 'larger than is taken', ...problem },
            '503': { description: 'no room now; try again later', ...problem },
          }
        : {}),
      ...(route.idShape === undefined ? {} : { '404': { description: 'there is none', ...problem } }),
    },
  };
}

function parametersOf({ idShape, query }: Route): unknown[] {
  const path =
    idShape === undefined ? [] : [{ name: 'id', in: 'path', required: true, schema: jsonSchema(idShape) }];
  const { properties = {} } = query === undefined ? {} : jsonSchema(query, 'input');
  return [...path, ...Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', schema }))];
}

function bodyOf({ body, takesBytes }: Route): Record<string, unknown> {
  if (takesBytes === true) {
    return { requestBody: { required: true, content: { 'application/octet-stream': { schema: {} } } } };
  }
  if (body === undefined) return {};
  const schema = jsonSchema(body, 'input');
  return { requestBody: { required: true, content: { 'application/json': { schema } } } };
}
