import type { Report } from '@poolscope/engine';

type Part = NonNullable<Report['verdict']['picture']>['parts'][number];

/** A part with its place in the drawing. */
export interface PlacedPart {
  readonly part: Part;
  readonly x: number;
  readonly size: number;
}

/** More parts than a page can have are not drawn. */
const mostParts = 1024;

/** Parts side by side, each as wide as its share of all bytes. */
export function placeParts(parts: readonly Part[], left: number, width: number): PlacedPart[] {
  const shown = parts.slice(0, mostParts);
  const total = Math.max(
    1,
    shown.reduce((sum, { length }) => sum + length, 0),
  );
  let done = 0;
  return shown.map((part) => {
    const x = left + (done / total) * width;
    done += part.length;
    return { part, x, size: (part.length / total) * width };
  });
}
