import {
  type FileObject,
  fileFlagNames,
  fileStructures,
  flagNames,
  readFileObject,
} from '../windows/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';
import { hexText, layoutLines, missingLines, pointerSpan, pointerText } from './object-text.ts';
import type { Line } from './output.ts';

export const showFileObject: Command = {
  names: ['!fileobj'],
  usage: 'ADDR',
  summary: 'show a file object',
  group: 'objects',
  run(console, args) {
    if (args === '') throw usageError(showFileObject, 'an address is missing');
    const address = evaluateIn(console, args);
    const data = readFileObject(console.system, address);
    const lines = [
      ...render(console, data),
      ...missingLines(data.missing),
      ...layoutLines(console.system, fileStructures),
    ];
    return { data, lines, call: `engine.readFileObject(session.system, ${bigHex(address)})` };
  },
};

function render({ system }: Console, file: FileObject): Line[] {
  const pointer = (value: bigint | undefined): string =>
    value === 0n ? '00000000' : `0x${pointerText(system, value)}`;
  const optional = (label: string, value: bigint | undefined): Line[] =>
    value === 0n ? [] : [[`${label}: ${pointer(value)}`]];
  return [
    [''],
    [file.name === undefined ? '????' : file.name === '' ? '(no name)' : file.name],
    [''],
    ...(file.relatedFile === undefined || file.relatedFile === 0n
      ? []
      : [['Related File Object: ', pointerSpan(system, file.relatedFile, '!fileobj')]]),
    ['Device Object: ', pointerSpan(system, file.device, '!devobj'), `   ${file.driverName ?? '????'}`],
    ...optional('Vpb', file.vpb),
    [
      `Access: ${file.access.length === 0 ? 'none' : file.access.join(' ')}${file.deletePending === true ? ', delete pending' : ''}`,
    ],
    [''],
    ...flagLines(file.flags),
    [''],
    [`FsContext: ${pointer(file.fsContext)}\tFsContext2: ${pointer(file.fsContext2)}`],
    ...optional('Private Cache Map', file.privateCacheMap),
    [`CurrentByteOffset: ${file.currentByteOffset?.toString(16) ?? '????'}`],
    ...cacheLines(system, file),
    ...optional('Completion Context', file.completionContext),
  ];
}

function flagLines(flags: number | undefined): Line[] {
  const names = flags === undefined ? [] : flagNames(fileFlagNames, flags);
  const value = flags === undefined ? '????????' : `0x${hexText(flags, 1)}`;
  return [[`Flags:  ${value}`], ...names.map((name): Line => [`\t${name}`])];
}

function cacheLines(system: Console['system'], file: FileObject): Line[] {
  if (file.sectionObjectPointer === undefined || file.sectionObjectPointer === 0n) return [];
  return [
    ['Cache Data:'],
    [`  Section Object Pointers: ${pointerText(system, file.sectionObjectPointer)}`],
    [`  Data Section: ${pointerText(system, file.dataSection)}`],
    [`  Shared Cache Map: ${pointerText(system, file.sharedCacheMap)}`],
    [`  Image Section: ${pointerText(system, file.imageSection)}`],
  ];
}
