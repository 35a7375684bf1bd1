import type { PicturePart } from '../analyze/index.ts';

/** A cell of the bar that shows a page. `folded`: parts that there is no room for. */
export interface BarCell {
  readonly what: PicturePart['what'] | 'folded';
  /** What stands in it where it fits; may be empty. */
  readonly label: string;
  readonly columns: number;
}

/** Longer tags are cut: the bar has to end somewhere. */
const longestLabel = 16;
const hitColumns = 3;

/**
 * Cells whose columns, with a bar between any two and at both ends, fill `room`. Parts are to scale where there is room; the
 * damage and its neighbours are never too narrow to be seen, and parts far away from it are folded where there are too many.
 */
export function fitBar(parts: readonly PicturePart[], room: number): BarCell[] {
  const hit = Math.max(
    0,
    parts.findIndex(({ what }) => what === 'damage'),
  );
  let around = Math.min(parts.length, Math.max(0, room));
  let drafts = draftsAround(parts, hit, around);
  while (around > 0 && leastOf(drafts) > room) drafts = draftsAround(parts, hit, --around);
  return spread(drafts, room - leastOf(drafts));
}

interface Draft extends BarCell {
  /** Bytes, for the scale; 0 where it has none. */
  readonly length: number;
}

const leastOf = (drafts: readonly Draft[]): number =>
  drafts.reduce((sum, { columns }) => sum + columns + 1, 1);

/** The parts at most so many away from the damage, with the fewest columns of each. */
function draftsAround(parts: readonly PicturePart[], hit: number, around: number): Draft[] {
  const from = Math.max(0, hit - around);
  const to = Math.min(parts.length, hit + around + 1);
  const shown = parts.slice(from, to).map((part, index) => draftOf(part, Math.abs(from + index - hit) <= 1));
  return [...folded(from), ...shown, ...folded(parts.length - to)];
}

function folded(count: number): Draft[] {
  const label = `${count} more`;
  return count === 0 ? [] : [{ what: 'folded', label, columns: label.length + 2, length: 0 }];
}

function draftOf(part: PicturePart, isNear: boolean): Draft {
  const label = labelOf(part);
  const columns = part.what === 'damage' ? hitColumns : isNear ? Math.max(1, label.length) : 1;
  return { what: part.what, label, columns, length: part.length };
}

function labelOf({ what, tag, length }: PicturePart): string {
  const bytes = length.toString(16);
  if (what === 'damage') return '';
  if (what === 'free') return `free ${bytes}`;
  return what === 'lost'
    ? `no header ${bytes}`
    : `${tag?.trim() ?? ''} ${bytes}`.slice(0, longestLabel).trim();
}

/** What room is left goes to those that are narrower than their share of the bytes. */
function spread(drafts: readonly Draft[], rest: number): BarCell[] {
  if (rest <= 0) return [...drafts];
  const bytes = Math.max(
    1,
    drafts.reduce((sum, { length }) => sum + length, 0),
  );
  const all = rest + drafts.reduce((sum, { columns, length }) => sum + (length > 0 ? columns : 0), 0);
  const lacks = drafts.map(({ length, columns }) => Math.max(0, (length / bytes) * all - columns));
  const lacking = lacks.reduce((sum, lack) => sum + lack, 0);
  let [seen, given] = [0, 0];
  return drafts.map((draft, index) => {
    // The last one takes what is left, also where none lacks anything.
    const isLast = index === drafts.length - 1;
    seen += lacks[index]!;
    const due = isLast ? rest : Math.round((seen / Math.max(lacking, 1)) * rest);
    const columns = draft.columns + due - given;
    given = due;
    return { ...draft, columns };
  });
}
