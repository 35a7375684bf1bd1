import { type ImageTables, imageTables } from '../code/index.ts';
import { type DebugEntry, type ImageHeaders, ImageProblem, type ImageSection } from '../pe/index.ts';
import { type Command, usageError } from './command.ts';
import { findModule } from './find-module.ts';
import { debugTypes, directoryNames, dllFlags, fileFlags, machineNames, subsystems } from './image-names.ts';
import { plain } from './output.ts';
import { imageTablesCall, requireHeaders } from './show-image.ts';
import { timeStampWords } from './time-stamp.ts';

export const showHeaders: Command = {
  names: ['!dh'],
  usage: '[-f | -s | -a] MODULE | ADDR',
  summary: 'list the headers of a loaded image',
  group: 'modules',
  details: [
    '-f the file and optional headers, -s the section headers, -a (or nothing) both and the debug directory;',
    'they may stand behind the module too.',
  ],
  examples: ['!dh nt', '!dh nt -f', '!dh -s nt', '!dh -f @$ip'],
  run(console, args) {
    const { what, name } = parse(args);
    const module = findModule(console, name);
    const tables = imageTables(console.system, module.base)!;
    const headers = requireHeaders(tables);
    return {
      data: tables,
      lines: plain(
        ...(what === 's' ? [] : ['', ...fileLines(tables, headers), ...optionalLines(headers)]),
        ...(what === 'f' ? [] : sectionLines(headers)),
        ...(what === 'a' ? debugLines(tables) : []),
      ),
      call: imageTablesCall(module),
    };
  },
};

/** Options stand before the module, or behind it: both are habits. */
function parse(args: string): { what: 'f' | 's' | 'a'; name: string } {
  let what: 'f' | 's' | 'a' = 'a';
  const take = (_: string, option: string): string => {
    if (option !== 'f' && option !== 's' && option !== 'a')
      throw usageError(showHeaders, `there is no option -${option}`);
    what = option;
    return '';
  };
  let rest = args.trim();
  while (rest.startsWith('-')) rest = rest.replace(/^-(\S*)\s*/, take);
  while (/\s-[a-z]$/i.test(rest)) rest = rest.replace(/\s+-([a-z])$/i, take);
  if (rest === '') throw usageError(showHeaders, 'a module is missing');
  return { what, name: rest };
}

const numberWidth = 8;
const hex = (value: number): string => value.toString(16).toUpperCase();
const row = (value: string, label: string): string => `${value.padStart(numberWidth)} ${label}`;
const number = (value: number, label: string): string => row(hex(value), label);
const indented = (names: readonly string[]): string[] => names.map((name) => `            ${name}`);

/** Names of the bits that are set. */
const bitNames = (value: number, bits: readonly (readonly [number, string])[]): string[] =>
  bits.filter(([bit]) => (value & bit) !== 0).map(([, name]) => name);

function fileLines({ timestampIsHash }: ImageTables, headers: ImageHeaders): string[] {
  const { machine, characteristics, details, timeDateStamp } = headers;
  const isDll = (characteristics & 0x2000) !== 0;
  const stamp = timeStampWords(timeDateStamp, timestampIsHash);
  return [
    `File Type: ${isDll ? 'DLL' : 'EXECUTABLE IMAGE'}`,
    'FILE HEADER VALUES',
    number(machine, `machine (${machineNames[machine] ?? 'not known'})`),
    number(details.sectionCount, 'number of sections'),
    row(hex(timeDateStamp).padStart(8, '0'), `time date stamp ${stamp}`),
    '',
    number(details.symbolTableOffset, 'file pointer to symbol table'),
    number(details.symbolCount, 'number of symbols'),
    number(details.optionalHeaderSize, 'size of optional header'),
    number(characteristics, 'characteristics'),
    ...indented(bitNames(characteristics, fileFlags)),
  ];
}

function optionalLines(headers: ImageHeaders): string[] {
  const { details } = headers;
  const wide = headers.pointerSize === 8;
  const address = (value: bigint): string => value.toString(16).padStart(wide ? 16 : 8, '0');
  return [
    '',
    'OPTIONAL HEADER VALUES',
    number(details.magic, 'magic #'),
    row(versionText(details.linkerVersion), 'linker version'),
    number(details.codeSize, 'size of code'),
    number(details.initializedDataSize, 'size of initialized data'),
    number(details.uninitializedDataSize, 'size of uninitialized data'),
    number(headers.entryPoint, 'address of entry point'),
    number(details.codeBase, 'base of code'),
    '         ----- new -----',
    `${address(headers.imageBase)} image base`,
    number(details.sectionAlignment, 'section alignment'),
    number(details.fileAlignment, 'file alignment'),
    number(headers.subsystem, `subsystem (${subsystems[headers.subsystem] ?? 'not known'})`),
    row(versionText(details.systemVersion), 'operating system version'),
    row(versionText(details.imageVersion), 'image version'),
    row(versionText(details.subsystemVersion), 'subsystem version'),
    number(headers.sizeOfImage, 'size of image'),
    number(headers.sizeOfHeaders, 'size of headers'),
    number(headers.checkSum, 'checksum'),
    `${address(details.stackReserve)} size of stack reserve`,
    `${address(details.stackCommit)} size of stack commit`,
    `${address(details.heapReserve)} size of heap reserve`,
    `${address(details.heapCommit)} size of heap commit`,
    number(details.dllCharacteristics, ' DLL characteristics'),
    ...indented(bitNames(details.dllCharacteristics, dllFlags)),
    ...headers.directories.map(({ rva, size }, index) =>
      row(
        hex(rva),
        `[${hex(size).padStart(numberWidth)}] address [size] of ${directoryNames[index]!} Directory`,
      ),
    ),
  ];
}

const versionText = ([major, minor]: readonly [number, number]): string =>
  `${major}.${String(minor).padStart(2, '0')}`;

function sectionLines({ sections, missingSections }: ImageHeaders): string[] {
  const missing =
    missingSections === 0 ? [] : ['', `(${missingSections} more section headers are not in the dump)`];
  return [...sections.flatMap((section, index) => ['', '', ...oneSection(section, index)]), ...missing];
}

function oneSection(section: ImageSection, index: number): string[] {
  return [
    `SECTION HEADER #${hex(index + 1)}`,
    `${section.name.padStart(numberWidth)} name`,
    number(section.size, 'virtual size'),
    number(section.rva, 'virtual address'),
    number(section.rawSize, 'size of raw data'),
    number(section.rawOffset, 'file pointer to raw data'),
    number(section.relocationsOffset, 'file pointer to relocation table'),
    number(section.lineNumbersOffset, 'file pointer to line numbers'),
    number(section.relocationCount, 'number of relocations'),
    number(section.lineNumberCount, 'number of line numbers'),
    row(hex(section.characteristics), 'flags'),
    ...sectionFlags(section.characteristics).map((name) => `         ${name}`),
  ];
}

/** What a section holds, then its alignment, then the access to it. */
function sectionFlags(flags: number): string[] {
  const contents = bitNames(flags, [
    [0x0000_0020, 'Code'],
    [0x0000_0040, 'Initialized Data'],
    [0x0000_0080, 'Uninitialized Data'],
    [0x0200_0000, 'Discardable'],
    [0x0400_0000, 'Not Cached'],
    [0x0800_0000, 'Not Paged'],
    [0x1000_0000, 'Shared'],
  ]);
  const access = [
    ...((flags & 0x2000_0000) === 0 ? [] : ['Execute']),
    ...((flags & 0x4000_0000) === 0 ? [] : ['Read']),
    ...(flags >>> 31 === 0 ? [] : ['Write']),
  ];
  const aligned = (flags >>> 20) & 0xf;
  const alignment = aligned === 0 ? '(no align specified)' : `Align ${2 ** (aligned - 1)} bytes`;
  const only = access.length === 1 ? `${access[0]!} Only` : access.join(' ');
  return [...contents, alignment, ...(access.length === 0 ? [] : [only])];
}

function debugLines({ debug }: ImageTables): string[] {
  if (debug instanceof ImageProblem) return ['', '', `(debug directories: ${debug.reason})`];
  return [
    '',
    '',
    `Debug Directories(${debug.entries.length})`,
    '        Type       Size     Address  Pointer',
    ...debug.entries.map((entry) => debugLine(entry, debug.codeView)),
  ];
}

function debugLine(
  { type, size, rva, fileOffset }: DebugEntry,
  codeView:
    | { readonly format: string; readonly guid: string; readonly age: number; readonly pdbPath: string }
    | undefined,
): string {
  const name = type === 2 ? 'cv' : (debugTypes[type] ?? String(type)).toLowerCase();
  const numbers = [hex(size).padStart(8), hex(rva).padStart(11), hex(fileOffset).padStart(8)].join(' ');
  const format =
    type === 2 && codeView !== undefined
      ? `    Format: ${codeView.format}, guid, ${codeView.age}, ${codeView.pdbPath}`
      : '';
  return `        ${name.padEnd(6)} ${numbers}${format}`;
}
