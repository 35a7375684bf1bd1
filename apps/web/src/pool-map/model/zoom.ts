/**
 * How much of the pool is in sight. `cells`: every page a square; `rows`: the bytes of a page to scale, on one row or on
 * several; `bytes`: every byte with its value.
 */
export type ZoomStep =
  | { readonly kind: 'cells'; readonly cell: number }
  | {
      readonly kind: 'rows' | 'bytes';
      /** A divisor of a page. */
      readonly bytesPerRow: number;
      readonly rowHeight: number;
    };

/** From the whole pool to single bytes; lengths in CSS pixels. */
export const zoomSteps: readonly ZoomStep[] = [
  { kind: 'cells', cell: 3 },
  { kind: 'cells', cell: 6 },
  { kind: 'cells', cell: 12 },
  { kind: 'cells', cell: 20 },
  { kind: 'rows', bytesPerRow: 0x1000, rowHeight: 5 },
  { kind: 'rows', bytesPerRow: 0x1000, rowHeight: 12 },
  { kind: 'rows', bytesPerRow: 0x1000, rowHeight: 28 },
  { kind: 'rows', bytesPerRow: 0x400, rowHeight: 32 },
  { kind: 'rows', bytesPerRow: 0x100, rowHeight: 38 },
  { kind: 'bytes', bytesPerRow: 0x20, rowHeight: 38 },
];

export const lastZoom = zoomSteps.length - 1;
/** The last step that has a square for every page. */
export const cellsZoom = 3;
/** Pages as rows, with the names of blocks. */
export const rowsZoom = 6;
/** One page fills the view, more or less. */
export const pageZoom = 8;
export const bytesZoom = lastZoom;

/** Less room, fewer bytes in a row: a byte needs so much to be read. */
const leastByteWidth = 19;

/** The step as a view of this width shows it. */
export function zoomStep(level: number, width: number): ZoomStep {
  const step = zoomSteps[Math.min(Math.max(level, 0), lastZoom)]!;
  if (step.kind !== 'bytes') return step;
  let { bytesPerRow } = step;
  while (bytesPerRow > 8 && width / bytesPerRow < leastByteWidth) bytesPerRow /= 2;
  return { ...step, bytesPerRow };
}

/** What a step shows, in words. */
export function zoomText(step: ZoomStep): string {
  if (step.kind === 'cells') return 'every page a square';
  if (step.kind === 'bytes') return 'bytes';
  return step.bytesPerRow === pageBytes ? 'every page a row' : 'every page several rows';
}

const pageBytes = 0x1000;
