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
