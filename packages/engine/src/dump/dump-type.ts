/** Format names of the report, by container. */
export type DumpFormat = 'full' | 'summary' | 'header' | 'triage' | 'bitmap-full' | 'bitmap-kernel' | 'range';

/** DumpType of the header. Source: mindumpdef.h; 8 and up: kdmp-parser-rs. */
export const DumpType = {
  Unknown: 0,
  Full: 1,
  Summary: 2,
  Header: 3,
  Triage: 4,
  BitmapFull: 5,
  BitmapKernel: 6,
  Automatic: 7,
  RangeKernel: 8,
  RangeKernelUser: 9,
  RangeComplete: 0xa,
} as const;

const formats: Readonly<Record<number, DumpFormat>> = {
  [DumpType.Unknown]: 'full',
  [DumpType.Full]: 'full',
  [DumpType.Summary]: 'summary',
  [DumpType.Header]: 'header',
  [DumpType.Triage]: 'triage',
  [DumpType.BitmapFull]: 'bitmap-full',
  [DumpType.BitmapKernel]: 'bitmap-kernel',
  [DumpType.Automatic]: 'bitmap-kernel',
  [DumpType.RangeKernel]: 'range',
  [DumpType.RangeKernelUser]: 'range',
  [DumpType.RangeComplete]: 'range',
};

export const formatOfDumpType = (type: number): DumpFormat | undefined => formats[type];
