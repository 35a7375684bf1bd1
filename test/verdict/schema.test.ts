import { readFileSync } from 'node:fs';
import { BufferSource, openSession, redact } from '@poolscope/engine';
import { type DumpKind, dumpBytes, playScenario, type Scenario, scenarios } from '@poolscope/lab';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';

const schema = JSON.parse(
  readFileSync(new URL('../../docs/schema/poolscope.analysis-1.schema.json', import.meta.url), 'utf8'),
) as object;

/** The same schema for the producer: objects may have nothing that is not described. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const parts = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, closed(each)]));
  return isObject(value) ? { ...parts, additionalProperties: false } : parts;
}

const isObject = (value: object): boolean =>
  'type' in value && 'properties' in value && [value.type].flat().includes('object');

const validate: ValidateFunction = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(
  closed(schema) as object,
);

/** Problems of the reports on one dump of a scenario. */
async function problemsOf(scenario: Scenario, type: DumpKind): Promise<unknown[]> {
  const bytes = dumpBytes(playScenario(scenario, { seed: 5 }), { type });
  const session = await openSession(new BufferSource(bytes), { path: `${type}.dmp` });
  const { report, signatureParts } = session.analyze();
  return [report, redact(report), { ...report, signatureParts }].flatMap((each) => {
    validate(each);
    return validate.errors ?? [];
  });
}

describe('the published schema describes every field', () => {
  // Every third story has a field of each kind, and all of them would take too long.
  const some = scenarios.filter((_, index) => index % 3 === 0);
  it.each(some.map((scenario) => [scenario.name, scenario] as const))(
    'of the report of %s',
    async (_name, scenario) => {
      expect(await problemsOf(scenario, 'bitmap-kernel')).toEqual([]);
    },
  );

  it.each(['full', 'triage', 'header'] as const)('of a report on a %s dump', async (type) => {
    expect(await problemsOf(scenarios[0]!, type)).toEqual([]);
  });
});

it('refuses what is not described', async () => {
  const session = await openSession(
    new BufferSource(dumpBytes(playScenario(scenarios[0]!), { type: 'bitmap-kernel' })),
  );
  const { report } = session.analyze();
  expect(validate({ ...report, more: 1 })).toBe(false);
  expect(validate({ ...report, verdict: { ...report.verdict, more: 1 } })).toBe(false);
  expect(validate({ ...report, verdict: { ...report.verdict, kind: 'overrun' } })).toBe(false);
});
