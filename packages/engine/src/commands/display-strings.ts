import { readCountedString } from '../memory/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, usageError } from './command.ts';
import { displayRange } from './display-range.ts';
import { type Line, span } from './output.ts';
import { textLines, usualWidth } from './text-lines.ts';

export const displayStrings: Command = {
  names: ['ds', 'dS'],
  usage: '[/c WIDTH] ADDR',
  summary: 'display the text of a STRING (ds) or UNICODE_STRING (dS) structure',
  group: 'memory',
  details: ['The text has the length that the structure says, NULs included.'],
  examples: ['dS poi(nt!PsLoadedModuleList)+58'],
  run(console, args, name) {
    if (args === '' && console.nextData === undefined)
      throw usageError(displayStrings, 'an address is missing');
    console.display = name;
    const unit = name === 'dS' ? 2 : 1;
    const { pointerSize } = console.system.target;
    const { start, columns, physical } = displayRange(console, args, {
      elementSize: pointerSize * 2,
      count: 1,
    });
    if (physical) throw usageError(displayStrings, 'the pointer in a string structure is a virtual address');
    const data = readCountedString(console.memory, start, unit, pointerSize);
    console.nextData = start + BigInt(pointerSize * 2);
    const width = columns ?? usualWidth;
    const missing = Math.min(Math.ceil(data.missing / unit), width - (data.text.length % width));
    const { addressText } = console.system;
    return {
      data,
      lines: [
        ...textLines(addressText, data.buffer, data.text + '?'.repeat(missing), unit, width),
        ...absence(data.missing),
        ...doubts(data.length, data.maximumLength, unit),
      ],
      call: `engine.readCountedString(session.console.memory, ${bigHex(start)}, ${unit}, ${pointerSize})`,
    };
  },
};

const absence = (missing: number): Line[] =>
  missing === 0 ? [] : [[span(`${missing} bytes of the text are not in this dump.`, 'dim')]];

/** What makes it unlikely that there is such a structure. */
function doubts(length: number, maximumLength: number, unit: 1 | 2): Line[] {
  const why =
    length > maximumLength
      ? 'its Length is greater than its MaximumLength'
      : length % unit !== 0
        ? 'its Length is odd'
        : undefined;
  return why === undefined ? [] : [[span(`This may be no string structure: ${why}.`, 'dim')]];
}
