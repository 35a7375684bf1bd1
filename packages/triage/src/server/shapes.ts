import { z } from 'zod';
import type { BucketSummary, DayCount } from '../store/buckets.ts';
import type { DumpLine } from '../store/search.ts';

/** What goes over the wire: checked where it comes in, published as OpenAPI. */

export const bucketIdShape = z.string().regex(/^[0-9a-f]{12}$/);
export const sha256Shape = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.string().nullable();

export const bucketShape = z.object({
  id: bucketIdShape,
  title: z.string(),
  count: z.number().int(),
  machines: z.number().int(),
  kind: z.string().nullable(),
  suspect: z.string().nullable(),
  firstSeen: time,
  lastSeen: time,
  createdAt: z.string(),
}) satisfies z.ZodType<BucketSummary>;

export const bucketListShape = z.object({ total: z.number().int(), buckets: z.array(bucketShape) });

export const dayShape = z.object({
  bucket: bucketIdShape,
  day: z.string(),
  count: z.number().int(),
}) satisfies z.ZodType<DayCount>;

export const dumpShape = z.object({
  sha256: sha256Shape,
  bucket: bucketIdShape,
  bucketBy: z.string().nullable().describe('why it is there, where that was decided by hand'),
  signature: z.string(),
  kind: z.string(),
  confidence: z.number(),
  summary: z.string(),
  bugcheck: z.string(),
  build: z.number().int(),
  arch: z.string(),
  format: z.string(),
  crashTime: time,
  machine: z.string().nullable(),
  suspect: z.string().nullable(),
  source: z.string().nullable(),
}) satisfies z.ZodType<DumpLine>;

export const dumpListShape = z.object({ total: z.number().int(), dumps: z.array(dumpShape) });

export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  offset: z.coerce.number().int().min(0).max(10_000_000).default(0),
});

const words = z.string().max(200);

export const searchQuery = pageQuery.extend({
  text: words
    .optional()
    .describe('words that stand in signature, summary, bug check, suspect, machine or tag'),
  bucket: bucketIdShape.optional(),
  kind: words.optional(),
  machine: words.optional(),
  suspect: words.optional(),
  build: z.coerce.number().int().min(0).optional(),
  from: z.iso.datetime().or(z.iso.date()).optional(),
  before: z.iso.datetime().or(z.iso.date()).optional(),
});

export const uploadQuery = z.object({
  name: z.string().max(500).optional().describe('what reports call the dump'),
  machine: z.string().max(200).optional().describe('the machine that it comes from'),
});

export const uploadShape = z.object({
  sha256: sha256Shape,
  bytes: z.number().int(),
  state: z.enum(['queued', 'done']),
});

export const mergeBody = z.object({ into: bucketIdShape });
export const splitBody = z.object({
  dumps: z.array(sha256Shape).min(1).max(10_000),
  title: z.string().min(1).max(200),
});
export const replayQuery = z.object({
  without: z
    .array(words)
    .or(words.transform((text) => [text]))
    .default([]),
  passOver: z
    .array(words)
    .or(words.transform((text) => [text]))
    .default([]),
});
export const tokenBody = z.object({
  name: z.string().min(1).max(100),
  role: z.enum(['reader', 'uploader', 'editor', 'admin']),
});
export const errorShape = z.object({ error: z.string(), remedy: z.string().optional() });

const counts = z.array(z.object({ value: z.string(), count: z.number().int() }));

const presenceShape = z.object({
  casesWith: z.number().int().describe('machines with these crashes that have the driver'),
  cases: z.number().int(),
  othersWith: z.number().int().describe('machines without such crashes that have it'),
  others: z.number().int(),
  logOdds: z.number().describe('natural logarithm of the odds ratio, shrunk to 0'),
  from: z.number(),
  to: z.number(),
  p: z.number().describe("Fisher's exact test, one-sided"),
  q: z.number().describe('false discovery rate'),
});

const suspectShape = z.object({
  what: z.enum(['driver', 'memory']),
  module: z.string().nullable(),
  versions: z.array(z.string()),
  probability: z.number(),
  accused: z.boolean(),
  presence: presenceShape.nullable(),
  naming: z.object({ named: z.number().int(), crashes: z.number().int(), score: z.number() }),
  machines: z.array(z.object({ machine: z.string(), crashes: z.number().int() })),
  reasons: z.array(z.string()),
});

export const rankingShape = z.object({
  bucket: z.string().nullable(),
  crashes: z.number().int(),
  machines: z.number().int(),
  others: z.number().int(),
  suspects: z.array(suspectShape),
  recurrences: z.array(
    z.object({
      what: z.enum(['tag', 'payload']),
      value: z.string(),
      crashes: z.number().int(),
      machines: z.number().int(),
      module: z.string().nullable(),
      named: z.number().int(),
    }),
  ),
});

export const bucketPageShape = bucketShape.extend({
  days: counts,
  trend: z.object({ last: z.number().int(), before: z.number().int() }).nullable(),
  machineNames: counts,
  builds: counts,
  kinds: counts,
  bugchecks: counts,
  tags: counts,
  drivers: z.array(
    z.object({
      driver: z.string(),
      count: z.number().int(),
      versions: z.array(z.object({ version: z.string(), count: z.number().int() })),
    }),
  ),
  ranking: rankingShape.nullable(),
  dumps: z.array(dumpShape),
  merged: z.array(z.object({ signature: z.string(), by: z.string(), at: z.string() })),
});

export const storedDumpShape = dumpShape.extend({
  sources: z.array(z.string()),
  kept: z.boolean(),
  report: z.looseObject({}).describe('schema poolscope.analysis/1'),
  signatureParts: z.array(z.looseObject({})),
});

export const setAsideShape = z.object({
  total: z.number().int(),
  dumps: z.array(
    z.object({
      sha256: sha256Shape,
      state: z.enum(['refused', 'failed']),
      code: z.string(),
      reason: z.string(),
      attempts: z.number().int(),
      source: z.string().nullable(),
    }),
  ),
});

export const replayShape = z.object({
  dumps: z.number().int(),
  moves: z.array(
    z.object({
      from: bucketIdShape,
      to: bucketIdShape,
      before: z.string(),
      after: z.string(),
      count: z.number().int(),
      example: sha256Shape,
    }),
  ),
});

const role = z.enum(['reader', 'uploader', 'editor', 'admin']);

export const tokensShape = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    role,
    created_at: z.string(),
    revoked_at: z.string().nullable(),
  }),
);

export const auditShape = z.array(
  z.object({
    at: z.string(),
    who: z.string(),
    action: z.string(),
    subject: z.string(),
    status: z.number().int(),
  }),
);

export const stateShape = z.object({
  dumps: z.number().int(),
  buckets: z.number().int(),
  setAside: z.number().int(),
});
