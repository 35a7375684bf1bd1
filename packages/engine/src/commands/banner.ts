import type { DumpFormat } from '../dump/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import { versionLines } from './version.ts';

/** What a kind of dump holds. The debugger has the same line at this place. */
const kinds: Readonly<Record<DumpFormat, string>> = {
  full: 'Kernel Complete Dump File: all physical memory',
  summary: 'Kernel Summary Dump File: kernel memory, and no user memory',
  header: 'Kernel Header Dump File: the header alone, no memory',
  triage: 'Mini Kernel Dump File: registers, a stack and some of the data around them',
  'bitmap-full': 'Kernel Bitmap Dump File: all physical memory',
  'bitmap-kernel': 'Kernel Bitmap Dump File: kernel memory; user memory may not be there',
  range: 'Kernel Range Dump File: ranges of physical memory',
};

/** What a console says when a dump was opened: its kind, the machine, and the bug check. */
export const bannerLines = (system: CrashedSystem): string[] => [
  kinds[system.target.dump.format],
  '',
  ...versionLines(system),
  ...bugCheckLine(system),
];

/** `BugCheck 3B, {c0000005, fffff8009267244a, fffff88004763560, 0}`; none for a dump of a machine that did not crash. */
function bugCheckLine(system: CrashedSystem): string[] {
  const { bugCheckCode, bugCheckParameters } = system.target.dump.header;
  return bugCheckCode === 0 ? [] : ['', bugCheckText(system, bugCheckCode, bugCheckParameters)];
}

/** A bug check in the debugger's short form. */
export const bugCheckText = (
  { shortText }: CrashedSystem,
  code: number,
  parameters: readonly bigint[],
): string =>
  `BugCheck ${code.toString(16).toUpperCase()}, {${parameters.map((value) => shortText(value)).join(', ')}}`;
