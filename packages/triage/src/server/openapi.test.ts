import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { record, shaOf, temporaryStore } from '../../test/made-up-results.ts';
import { FleetView } from '../fleet/index.ts';
import { bucketId } from '../store/bucket-id.ts';
import { buildApp } from './app.ts';
import { Events } from './events.ts';

interface Media {
  readonly schema: object;
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema: object }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, Media>> }>
  >;
}
interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly components: { readonly securitySchemes: object };
  readonly security: readonly object[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

let store: Awaited<ReturnType<typeof temporaryStore>>;
let app: ReturnType<typeof buildApp>;
let document: Document;
const ajv = new Ajv2020({ strict: true, allErrors: true });
(addFormats as unknown as (ajv: unknown) => void)(ajv);

const get = (path: string) => app.request(`http://localhost${path}`, { headers: { host: 'localhost' } });

beforeAll(async () => {
  store = await temporaryStore();
  await record(
    store,
    ...[1, 2, 3, 4].map((id) => ({ id, signature: id === 4 ? 'b' : 'a', machine: `pc${id}` })),
  );
  const { db } = store;
  app = buildApp({ db, fleet: new FleetView(db), events: new Events(db), isLocal: true });
  document = JSON.parse(await (await get('/api/openapi.json')).text());
});
afterAll(() => store.remove());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

describe('the description of the API', () => {
  it('has what OpenAPI 3.1 asks for', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect([document.info.title, document.info.version].every((text) => text !== '')).toBe(true);
    const schemes = Object.keys(document.components.securitySchemes);
    expect(document.security.flatMap(Object.keys).every((name) => schemes.includes(name))).toBe(true);
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, method, operation } of operations()) {
      const { parameters = [], responses } = operation;
      expect([path, path.startsWith('/'), /^(?:get|post|delete)$/.test(method)]).toEqual([path, true, true]);
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const inPath = parameters.filter((each) => each.in === 'path');
      expect(inPath.map(({ name, required }) => [name, required])).toEqual(named.map((name) => [name, true]));
      const names = parameters.map(({ name, in: place }) => `${place} ${name}`);
      expect(new Set(names).size).toBe(names.length);
      const codes = Object.keys(responses);
      expect(codes.some((code) => code.startsWith('2'))).toBe(true);
      expect(Object.values(responses).every(({ description }) => description !== '')).toBe(true);
    }
  });

  it('has schemas that are such', () => {
    for (const { path, operation } of operations()) {
      const { parameters = [], requestBody, responses } = operation;
      const media = [
        ...Object.values(requestBody?.content ?? {}),
        ...Object.values(responses).flatMap(({ content = {} }) => Object.values(content)),
      ];
      for (const { schema } of [...parameters, ...media]) {
        expect([path, ajv.validateSchema(schema), ajv.errorsText()]).toEqual([path, true, 'No errors']);
      }
    }
  });

  it.each([
    ['/api/buckets', '/api/buckets'],
    ['/api/buckets/{id}', `/api/buckets/${bucketId('a')}`],
    ['/api/days', '/api/days'],
    ['/api/suspects', '/api/suspects'],
    ['/api/replay', '/api/replay?without=kind'],
    ['/api/dumps', '/api/dumps?text=crash'],
    ['/api/dumps/{id}', `/api/dumps/${shaOf(1)}`],
    ['/api/set-aside', '/api/set-aside'],
    ['/api/tokens', '/api/tokens'],
    ['/api/audit', '/api/audit'],
  ])('fits the answer of %s', async (path, asked) => {
    const answer = await get(asked);
    expect(answer.status).toBe(200);
    const { schema } = document.paths[path]!['get']!.responses['200']!.content!['application/json']!;
    const fits = ajv.compile({ ...schema });
    expect([fits(JSON.parse(await answer.text())), ajv.errorsText(fits.errors)]).toEqual([true, 'No errors']);
  });

  it('names every address that answers', async () => {
    const known = new Set(operations().map(({ path }) => path));
    for (const path of ['/api/export/buckets.csv', '/api/export/dumps.jsonl', '/api/events'])
      expect(known.has(path)).toBe(true);
  });
});
