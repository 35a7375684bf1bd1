import type { ViewState } from '../model/view-state.ts';
import type { LabelPaper } from './labels.ts';

export const barWidth = 12;
const leastThumb = 24;

/** Where the thumb of the scroll bar is: from its top, in CSS pixels; undefined: all is in sight. */
export function thumbOf({
  layout,
  scroll,
  height,
}: ViewState): { readonly top: number; readonly size: number } | undefined {
  if (layout.height <= height) return undefined;
  const size = Math.max(leastThumb, (height / layout.height) * height);
  const range = layout.height - height;
  return { top: (scroll / range) * (height - size), size };
}

/** The scroll that puts the middle of the thumb at a height. */
export function scrollOf(view: ViewState, y: number): number {
  const thumb = thumbOf(view);
  if (thumb === undefined) return 0;
  return ((y - thumb.size / 2) / (view.height - thumb.size)) * (view.layout.height - view.height);
}

/** At most so many marks of damage. */
const mostMarks = 400;

/** A bar that shows where in the map one is, with a mark for every page that has damage. */
export function drawScrollBar({ context, view, palette }: LabelPaper): void {
  const thumb = thumbOf(view);
  const x = view.width - barWidth;
  if (thumb !== undefined) {
    context.fillStyle = palette.text.edge;
    context.beginPath();
    context.roundRect(x + 3, thumb.top + 2, barWidth - 6, thumb.size - 4, 3);
    context.fill();
  }
  context.fillStyle = palette.text.hot;
  const { layout, height } = view;
  for (const { group, row } of damageMarks(view)) {
    const y = (layout.topOf(group, row, 0) / Math.max(layout.height, height)) * height;
    context.fillRect(x + 2, Math.max(0, y - 1), barWidth - 4, 3);
  }
}

interface Mark {
  readonly group: number;
  readonly row: number;
}

/** Pages with damage, looked for once for each state of the map. */
const marks = new WeakMap<object, { readonly pages: number; readonly list: readonly Mark[] }>();

function damageMarks({ data }: ViewState): readonly Mark[] {
  const key = data.groups;
  const known = marks.get(key);
  if (known !== undefined) return known.list;
  const list: Mark[] = [];
  if (data.counts.damagedPages > 0)
    for (const [group, { rows, count }] of data.groups.entries())
      for (let row = 0; row < count && list.length < mostMarks; row++)
        if (data.isDamaged(rows[row]!)) list.push({ group, row });
  marks.set(key, { pages: data.counts.pages, list });
  return list;
}
