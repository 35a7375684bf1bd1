import { explainSignature, type SignatureInput, type SignaturePart, signatureText } from '@poolscope/engine';
import { inputOf, unpackReport } from '../facts.ts';
import { reassign } from './arrange.ts';
import { addBucket, placeOf } from './record.ts';
import type { Database, ResultRow } from './schema.ts';

/** A change of the rules that make signatures, tried on stored reports. Without one: the rules of this very program. */
export interface SignatureChange {
  /** Rules whose parts are left out, by their names: `analyze --explain-signature` shows them. */
  readonly without?: readonly string[];
  /** Frames of the stack that are passed over: `module` or `module!function`, `*` stands for any letters. */
  readonly passOver?: readonly string[];
}

/** A dump whose signature would be another one. */
export interface Move {
  readonly sha256: string;
  readonly before: string;
  readonly after: string;
  /** Its bucket now, and then; the same where it was put there by hand. */
  readonly from: string;
  readonly to: string;
  readonly parts: readonly SignaturePart[];
}

export interface MoveSummary {
  readonly from: string;
  readonly to: string;
  readonly before: string;
  readonly after: string;
  readonly count: number;
  readonly example: string;
}

/** The signature as changed rules make it, part by part. */
export function changedParts(input: SignatureInput, change: SignatureChange): SignaturePart[] {
  const { without = [], passOver = [] } = change;
  const passes = passOver.map(framePattern);
  const isPassedOver = (place: string | undefined) =>
    place !== undefined && passes.some((pattern) => pattern.test(place));
  const stack = input.stack.filter(({ place, module }) => !isPassedOver(place) && !isPassedOver(module));
  const faultPlace = isPassedOver(input.faultPlace) ? undefined : input.faultPlace;
  return explainSignature({ ...input, stack, faultPlace }).filter(({ rule }) => !without.includes(rule));
}

function framePattern(text: string): RegExp {
  const source = text
    .split('*')
    .map((part) => part.replaceAll(/[\\^$.|?+(){}[\]]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`, 'i');
}

/** What would move, or moves where `apply` is given. Reads the stored reports one after the other. */
export async function* replaySignatures(
  db: Database,
  change: SignatureChange,
  { apply = false } = {},
): AsyncGenerator<Move> {
  for await (const { row, body } of storedReports(db)) {
    const parts = changedParts(inputOf(unpackReport(body)), change);
    const after = signatureText(parts);
    if (after === row.signature) continue;
    const { bucket, by } = await placeOf(db, row.sha256, after);
    const move = { sha256: row.sha256, before: row.signature!, after, from: row.bucket!, to: bucket, parts };
    if (apply) await applyMove(db, row, move, by);
    yield move;
  }
}

async function applyMove(
  db: Database,
  row: ResultRow,
  { after, to }: Move,
  by: string | null,
): Promise<void> {
  await db.transaction().execute(async (write) => {
    await addBucket(write, { id: to, title: after, created_at: new Date().toISOString() });
    await reassign(write, [row], async () => ({ signature: after, bucket: to, bucket_by: by }));
  });
}

const rowsAtOnce = 100;

/** Results that count, with their stored reports, in the order of their hashes. */
async function* storedReports(db: Database): AsyncGenerator<{ row: ResultRow; body: Uint8Array }> {
  for (let last = ''; ; ) {
    const rows = await db
      .selectFrom('results as r')
      .innerJoin('reports as p', (join) =>
        join.onRef('p.sha256', '=', 'r.sha256').onRef('p.analyzer', '=', 'r.analyzer'),
      )
      .selectAll('r')
      .select('p.body')
      .where('r.current', '=', 1)
      .where('r.sha256', '>', last)
      .orderBy('r.sha256')
      .limit(rowsAtOnce)
      .execute();
    for (const { body, ...row } of rows) yield { row, body };
    if (rows.length < rowsAtOnce) return;
    last = rows.at(-1)!.sha256;
  }
}

/** Moves, summed up by where they lead; the largest first. */
export function summarizeMoves(moves: readonly Move[]): MoveSummary[] {
  const groups = new Map<string, MoveSummary>();
  for (const { from, to, before, after, sha256 } of moves) {
    const key = JSON.stringify([from, to, before, after]);
    const group = groups.get(key) ?? { from, to, before, after, count: 0, example: sha256 };
    groups.set(key, { ...group, count: group.count + 1 });
  }
  return [...groups.values()].sort((one, other) => other.count - one.count);
}
